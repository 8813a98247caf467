/** Servers that refuse to run twice in one directory, on any port, by a word in their listener's name. */
const SINGLE: Record<string, string> = { "next-server": "next", next: "next", astro: "astro" };

/** The server's name if it refuses to run twice in one directory. `command` is how its process is shown. */
export function singleServer(command: string | null): string | undefined {
  const word = command?.split(" ").find((one) => Object.hasOwn(SINGLE, one));
  return word === undefined ? undefined : SINGLE[word];
}
