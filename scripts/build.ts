/** Builds dist/: portclaim, this machine's binary, and the contents of the npm package. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { compile } from "./bundle.ts";
import { bundlePackage } from "./package.ts";
import { root } from "./root.ts";

const dist = `${root}/dist`;
const PENDING = ".building-";
/** Milliseconds after which a directory of an unfinished build counts as abandoned. */
const FORGOTTEN = 600_000;

/** Replaces the last build file by file, so that no one finds the folder half full. */
function replaceDist(built: string): void {
  const fresh = new Set(readdirSync(built));
  for (const name of fresh) {
    const isFolder = !name.includes(".") && name !== "portclaim";
    if (isFolder) rmSync(`${dist}/${name}`, { recursive: true, force: true });
    renameSync(`${built}/${name}`, `${dist}/${name}`);
  }
  for (const name of readdirSync(dist)) {
    if (fresh.has(name) || name === "release" || isUnderWay(name)) continue;
    rmSync(`${dist}/${name}`, { recursive: true, force: true });
  }
}

function isUnderWay(name: string): boolean {
  return name.startsWith(PENDING) && Date.now() - statSync(`${dist}/${name}`).mtimeMs < FORGOTTEN;
}

mkdirSync(dist, { recursive: true });
const building = mkdtempSync(`${dist}/${PENDING}`);
try {
  await bundlePackage(building);
  await compile(`${building}/portclaim`);
  replaceDist(building);
} finally {
  rmSync(building, { recursive: true, force: true });
}
