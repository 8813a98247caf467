/** Packs the npm package and this machine's platform package: `bun run pack DIR`. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import manifest from "../package.json";
import { isTarget } from "./archive.ts";
import { compile } from "./bundle.ts";
import { targetOf } from "./head.ts";
import { bundlePackage } from "./package.ts";
import { optionalDependencies, packPlatform } from "./platform-package.ts";
import { root } from "./root.ts";

const SCHEMAS = ["portclaim", "config", "claim", "list"];
const COPIED = [
  "npm/portclaim.bin",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  ...SCHEMAS.map((name) => `schema/${name}.schema.json`),
];

/** A package and the licenses of what it bundles. */
export interface Packed {
  tarball: string;
  notices: string;
}

/**
 * Packs the npm package. Its bundle contains the dependencies, so the manifest names none but the
 * platforms' packages: `npx portclaim` downloads two packages instead of a hundred.
 */
export async function pack(folder: string): Promise<Packed> {
  const stage = mkdtempSync(`${tmpdir()}/portclaim-pack-`);
  try {
    for (const name of ["dist", "npm", "schema"]) mkdirSync(`${stage}/${name}`);
    await bundlePackage(`${stage}/dist`);
    for (const name of COPIED) copyFileSync(`${root}/${name}`, `${stage}/${name}`);
    const { scripts: _, dependencies: __, devDependencies: ___, ...published } = manifest;
    const text = JSON.stringify({ ...published, optionalDependencies }, null, 2);
    writeFileSync(`${stage}/package.json`, `${text}\n`);
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

/** Packs both packages that this machine needs; returns their tarballs. */
export async function packForHost(folder: string): Promise<string[]> {
  const { tarball, notices } = await pack(folder);
  const stage = mkdtempSync(`${tmpdir()}/portclaim-pack-`);
  try {
    await compile(`${stage}/portclaim`);
    const target = await targetOf(`${stage}/portclaim`);
    if (target === undefined || !isTarget(target)) throw new Error(`no package for ${target}`);
    return [packPlatform(folder, target, `${stage}/portclaim`, notices, 1), tarball];
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error("usage: bun run pack DIR");
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  console.log((await packForHost(resolve(folder))).join("\n"));
}
