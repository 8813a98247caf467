import type { Claim } from "./claim.ts";

/** Characters. */
const MAX_PLAIN_LENGTH = 40;
const PUNCTUATION = "._@-";

/**
 * Whether a name is `[A-Za-z0-9._@-]{1,40}`. Texts for models contain no others: a cloned repository
 * could address the model through its names.
 */
export function isPlainName(name: string): boolean {
  if (name.length === 0 || name.length > MAX_PLAIN_LENGTH) return false;
  for (const char of name) {
    const isWord = (char >= "a" && char <= "z") || (char >= "A" && char <= "Z");
    if (!isWord && !(char >= "0" && char <= "9") && !PUNCTUATION.includes(char)) return false;
  }
  return true;
}

/** A service in a text for a model: 'service "web"', or "the service on 3000" if its name isn't plain. */
export const plainService = ({ service, port }: Pick<Claim, "service" | "port">): string =>
  isPlainName(service) ? `service "${service}"` : `the service on ${port}`;

/** A program in a text for a model: "node vite", "node" if its script's name isn't plain, or "a program". */
export function plainCommand(command: string): string {
  const [program = "", ...rest] = command.split(" ");
  if (!isPlainName(program)) return "a program";
  return rest.length < 2 && rest.every(isPlainName) ? command : program;
}
