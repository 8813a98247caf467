import { chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { ISOLATED } from "../lib/program.ts";
import { bundleOptions, program } from "./bundle.ts";
import { writeDeclarations } from "./declarations.ts";
import { noticesOf } from "./notices.ts";
import { root } from "./root.ts";

const SHEBANG = `#!/usr/bin/env -S bun ${ISOLATED.join(" ")}`;

/** Writes the npm package's code: the command line, the library and its types. */
export async function bundlePackage(folder: string): Promise<void> {
  const { metafile } = await Bun.build({
    ...(await bundleOptions()),
    // One bundle, so that the library and the command line share code.
    entrypoints: [program, `${root}/lib/index.ts`],
    outdir: folder,
    naming: { entry: "[name].js" },
    metafile: true,
  });
  if (metafile === undefined) throw new Error("the bundler returned no metafile");
  writeFileSync(`${folder}/THIRD-PARTY.md`, noticesOf(metafile));
  makeProgram(`${folder}/main.js`, `${folder}/cli.js`);
  await bundleForNode(folder);
  writeDeclarations(`${folder}/types`);
}

/** Writes the library for Node: node.cjs, and node.mjs with the same functions and the same error class. */
async function bundleForNode(folder: string): Promise<void> {
  await Bun.build({
    entrypoints: [`${root}/lib/node.ts`],
    outdir: folder,
    naming: "[name].cjs",
    target: "node",
    format: "cjs",
    // Bun would replace __dirname by the directory of the source.
    define: { "import.meta.dirname": "module.path" },
  });
  const names = Object.keys((await import("../lib/node.ts")) as object).toSorted();
  const module = `import library from "./node.cjs";\nexport const { ${names.join(", ")} } = library;\n`;
  writeFileSync(`${folder}/node.mjs`, module);
}

function makeProgram(bundled: string, path: string): void {
  renameSync(bundled, path);
  writeFileSync(path, `${SHEBANG}\n${readFileSync(path, "utf8").replace(/^#!.*\n/, "")}`);
  chmodSync(path, 0o755);
}
