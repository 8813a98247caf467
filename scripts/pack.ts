import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import manifest from "../package.json";
import { bundlePackage } from "./package.ts";
import { root } from "./root.ts";

const PAGES = ["README.md", "LICENSE", "CHANGELOG.md"];

/** A package and the licences of what it bundles. */
export interface Packed {
  tarball: string;
  notices: string;
}

/**
 * Packs the npm package. Its bundle contains the dependencies, so the manifest names none:
 * `bunx portclaim` downloads one package instead of a hundred.
 */
export async function pack(folder: string): Promise<Packed> {
  const stage = mkdtempSync(`${tmpdir()}/portclaim-pack-`);
  try {
    mkdirSync(`${stage}/dist`);
    await bundlePackage(`${stage}/dist`);
    for (const name of PAGES) copyFileSync(`${root}/${name}`, `${stage}/${name}`);
    const { scripts: _, dependencies: __, devDependencies: ___, ...published } = manifest;
    writeFileSync(`${stage}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
    const command = [process.execPath, "pm", "pack", "--destination", folder];
    const { success, stderr } = Bun.spawnSync(command, { cwd: stage });
    if (!success) throw new Error(`bun pm pack failed: ${stderr.toString()}`);
    return {
      tarball: `${folder}/${manifest.name}-${manifest.version}.tgz`,
      notices: readFileSync(`${stage}/dist/THIRD-PARTY.md`, "utf8"),
    };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
