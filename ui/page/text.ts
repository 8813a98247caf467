// Characters that control a terminal, or reorder or hide text.
const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/gu;

/** Text from a claim, safe to show: control characters are escaped. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** "1 port", "2 ports", "7,000 ports". */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** The local time of day, 12:03:11, or an earlier day: 25 Nov. */
export function clock(at: string | number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  if (isToday) return date.toLocaleTimeString("en-GB");
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
}

/** "node vite (pid 4711)", or what of it is known. */
export function processName(command: string | null | undefined, pid: number | null): string {
  const name = printable(command ?? "");
  if (pid === null) return name === "" ? "another user's process" : name;
  return name === "" ? `pid ${pid}` : `${name} (pid ${pid})`;
}

/** A directory for people: from its checkout's name downward, else from ~. */
export function shortPath(path: string, root: string | undefined, home: string | undefined) {
  if (root !== undefined) return printable(path.slice(root.lastIndexOf("/") + 1));
  const isInHome = home !== undefined && `${path}/`.startsWith(`${home}/`);
  return printable(isInHome ? `~${path.slice(home.length)}` : path);
}

/** The URL of a port's server, on the host that the page was opened from. */
export function linkTo(port: number): string {
  const { hostname } = location;
  const isLoopback = /^(localhost|127\..*|\[::1\])$/.test(hostname);
  return `http://${isLoopback ? "localhost" : hostname}:${port}/`;
}
