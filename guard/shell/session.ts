import { type Field, text, UNKNOWN } from "./model/field.ts";
import type { Surroundings } from "./model/shell.ts";

/** What all shells of a line share. */
export interface Session {
  steps: number;
  files: Files;
}

/** Files as they are, and as the line has written them. */
export class Files {
  private readonly written = new Map<string, Field>();

  constructor(private readonly surroundings: Surroundings) {}

  read(path: Field, cwd: string | undefined): Field {
    const absolute = resolve(path, cwd);
    if (absolute === undefined) return UNKNOWN;
    const written = this.written.get(absolute);
    if (written !== undefined) return written;
    const contents = this.surroundings.readFile(absolute);
    return contents === undefined ? UNKNOWN : text(contents);
  }

  /** Notes what a file holds from now on. */
  write(path: Field, contents: Field, cwd: string | undefined): void {
    const absolute = resolve(path, cwd);
    if (absolute !== undefined) this.written.set(absolute, contents);
  }
}

function resolve(path: Field, cwd: string | undefined): string | undefined {
  if (path.kind !== "text" || path.text === "") return undefined;
  const relative = path.text.replace(/^(\.\/)+/, "");
  if (relative.startsWith("/")) return relative;
  return cwd === undefined ? undefined : `${cwd}/${relative}`;
}
