/** What the program ends with: see "Exit codes" in the README. */
export const EXIT = {
  done: 0,
  failed: 1,
  misuse: 2,
  noPort: 3,
  notFound: 4,
  locked: 5,
  /** `run`, as shells do: the command can't be run, or there is none. */
  cannotRun: 126,
  noCommand: 127,
} as const;
