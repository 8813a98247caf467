import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { bundleOptions, program } from "./bundle.ts";
import { writeDeclarations } from "./declarations.ts";
import { noticesOf } from "./notices.ts";
import { root } from "./root.ts";

// Without these flags bun runs what the bunfig.toml, .env or tsconfig.json of the caller's directory
// tells it to: the paths of a tsconfig.json can put any file in the place of ours.
const SHEBANG =
  "#!/usr/bin/env -S bun --no-env-file --config=/dev/null --tsconfig-override=/dev/null";

/** Fills a folder with the npm package's code: the command line, the library and its types. */
export async function bundlePackage(folder: string): Promise<void> {
  const { metafile } = await Bun.build({
    ...(await bundleOptions()),
    // One bundle, so that the library and the command line share what both need.
    entrypoints: [program, `${root}/lib/index.ts`],
    outdir: folder,
    naming: { entry: "[name].js" },
    metafile: true,
  });
  if (metafile === undefined) throw new Error("the bundler says nothing of what it bundled");
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
