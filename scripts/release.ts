/**
 * Builds a release in dist/release: an archive and an npm package for every target, the npm package
 * portclaim, and SHA256SUMS. Downloads bun for the other targets. `bun run release linux-arm64` builds
 * only that target.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { archive, isTarget, programOf, RELEASE, writeSums } from "./archive.ts";
import { compile } from "./bundle.ts";
import { targetOf } from "./head.ts";
import { pack } from "./pack.ts";
import { checkPlatform } from "./platform-package.ts";
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
const report = (path: string) =>
  console.log(`${path} (${(statSync(path).size / 1e6).toFixed(1)} MB)`);
report(tarball);
for (const target of targets) {
  await compile(programOf(target), TARGETS[target]);
  const made = await targetOf(programOf(target));
  if (made !== target) throw new Error(`expected a program for ${target}, got one for ${made}`);
  report(await checkPlatform(archive(target), target));
  report(`${RELEASE}/${archiveOf(target)}`);
}
writeSums();
