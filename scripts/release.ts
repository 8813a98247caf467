/**
 * Builds a release in dist/release: an archive for every target, the npm package and SHA256SUMS.
 * `bun run release linux-arm64` builds only that target.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { archive, isTarget, programOf, RELEASE, writeSums } from "./archive.ts";
import { compile } from "./bundle.ts";
import { targetOf } from "./head.ts";
import { pack } from "./pack.ts";
import { archiveOf, type Target, TARGETS } from "./targets.ts";

const named = process.argv.slice(2);
const unknown = named.find((name) => !isTarget(name));
if (unknown !== undefined) {
  console.error(`unknown target "${unknown}"; expected one of ${Object.keys(TARGETS).join(", ")}`);
  process.exit(2);
}
const targets = named.length > 0 ? named.filter(isTarget) : (Object.keys(TARGETS) as Target[]);

rmSync(RELEASE, { recursive: true, force: true });
mkdirSync(RELEASE, { recursive: true });
const { tarball, notices } = await pack(RELEASE);
writeFileSync(`${RELEASE}/THIRD-PARTY.md`, notices);
console.log(tarball);
for (const target of targets) {
  await compile(programOf(target), TARGETS[target]);
  const made = await targetOf(programOf(target));
  if (made !== target) throw new Error(`expected a program for ${target}, got one for ${made}`);
  archive(target);
  console.log(`${RELEASE}/${archiveOf(target)}`);
}
writeSums();
