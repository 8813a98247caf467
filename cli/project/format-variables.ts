/** Variables as a shell or a .env file takes them. */
export type VariablesFormat = "shell" | "dotenv" | "json";

export function formatVariables(
  variables: ReadonlyMap<string, string>,
  format: VariablesFormat,
): string {
  if (format === "json") return `${JSON.stringify(Object.fromEntries(variables), null, 2)}\n`;
  const start = format === "shell" ? "export " : "";
  return [...variables].map(([name, value]) => `${start}${name}=${quoted(value)}\n`).join("");
}

/** Single quotes mean the same to every shell and every reader of .env files; no value contains one. */
const quoted = (value: string) => (/^\d+$/.test(value) ? value : `'${value}'`);
