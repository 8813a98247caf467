import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { bun, root } from "./root.ts";

const ENTRY = "lib/index";
const FROM = /\bfrom\s+"(\.[^"]+)"/g;

/** Writes the types of the library, with all that they refer to, into a directory: for ESM and for CommonJS. */
export function writeDeclarations(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, ".emit-"));
  try {
    emit(work);
    for (const name of reachable(work)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      const text = readFileSync(join(work, name), "utf8");
      for (const kind of ["", "c"]) {
        const path = join(folder, name.replace(/\.ts$/, `.${kind}ts`));
        const to = (whole: string) => whole.replace(/\.ts"$/, `.${kind}js"`);
        writeFileSync(path, text.replace(FROM, to));
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function emit(outDir: string): void {
  const config = join(outDir, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    // Lint checks types; a build must work despite an error elsewhere.
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    typeRoots: [`${root}/node_modules/@types`],
    outDir,
  };
  const files = [`${root}/${ENTRY}.ts`];
  const text = { extends: `${root}/tsconfig.json`, compilerOptions, files, include: [] };
  writeFileSync(config, JSON.stringify(text));
  if (!bun(["node_modules/typescript/bin/tsc", "-p", config])) throw new Error("tsc failed");
}

/** The entry's declarations and all that they import, as paths in `folder`. */
function reachable(folder: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(join(folder, name), "utf8");
    for (const [, specifier = ""] of text.matchAll(FROM)) {
      visit(posix.join(posix.dirname(name), specifier.replace(/\.ts$/, ".d.ts")));
    }
  };
  visit(`${ENTRY}.d.ts`);
  return found;
}
