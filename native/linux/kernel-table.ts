const TRIES = 3;

/**
 * What `find` finds in a table of /proc. The kernel returns these page by page: a read may miss lines if the table
 * changes in between, so it is repeated.
 */
export function findInTable<T>(find: () => T | undefined): T | undefined {
  let found: T | undefined;
  for (let i = 0; i < TRIES && found === undefined; i++) found = find();
  return found;
}
