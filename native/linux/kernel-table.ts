const TRIES = 3;

/**
 * What `find` finds in a table of /proc. The kernel returns these page by page: a read may miss lines if the table
 * changes in between, so it is repeated.
 */
export function findInTable<T>(find: () => T | undefined): T | undefined {
  for (let i = 1; i < TRIES; i++) {
    const found = find();
    if (found !== undefined) return found;
  }
  return find();
}
