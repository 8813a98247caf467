// What drives a terminal, reorders or hides text, has no place in what a person reads.
const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/gu;

/** Text from a claim as it may be shown: control characters are spelled out. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** "1 port", "2 ports", "7,000 ports". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** The time of day of an instant, as this place has it: 12:03:11. */
export function clock(at: string | number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** "node vite (4711)"; what may not be seen is left out. */
export function processName(command: string | null | undefined, pid: number | null): string {
  const name = printable(command ?? "");
  if (pid === null) return name === "" ? "a process that can't be seen" : name;
  return name === "" ? `pid ${pid}` : `${name} (${pid})`;
}

/** Where a port's server answers: on this machine, or on the one that shows the page. */
export function linkTo(port: number): string {
  const { hostname } = location;
  const isHere = /^(localhost|127\..*|\[::1\])$/.test(hostname);
  return `http://${isHere ? "localhost" : hostname}:${port}/`;
}
