/** Now, in the units of a process's `start`: seconds since 1970. */
export const startClock = () => Math.floor(Date.now() / 1000);

/** Seconds since a process started, given its `start`. */
export const secondsSince = (start: number) => Math.max(0, startClock() - start);
