import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { bundleOptions, program } from "./bundle.ts";
import { writeDeclarations } from "./declarations.ts";
import { noticesOf } from "./notices.ts";
import { root } from "./root.ts";

// Without these flags, bun reads bunfig.toml, .env and tsconfig.json in the caller's directory and runs
// what they say: `paths` in a tsconfig.json can replace any of our files.
const SHEBANG =
  "#!/usr/bin/env -S bun --no-env-file --config=/dev/null --tsconfig-override=/dev/null";

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
  copyFileSync(`${root}/lib/node.cjs`, `${folder}/node.cjs`);
  writeDeclarations(`${folder}/types`);
}

function makeProgram(bundled: string, path: string): void {
  renameSync(bundled, path);
  writeFileSync(path, `${SHEBANG}\n${readFileSync(path, "utf8").replace(/^#!.*\n/, "")}`);
  chmodSync(path, 0o755);
}
