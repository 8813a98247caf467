/** Packs the programs of dist/release again after they were signed: `archive.ts darwin-x64`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { packPlatform } from "./platform-package.ts";
import { root } from "./root.ts";
import { tar } from "./tar.ts";
import { archiveOf, type Target, TARGETS } from "./targets.ts";

/** The directory of a release. */
export const RELEASE = `${root}/dist/release`;

/** The program of a target, before packing. */
export const programOf = (target: Target): string => `${RELEASE}/${target}/portclaim`;

/** Writes a target's archive (the program and the licenses) and its npm package; returns the package. */
export function archive(target: Target): string {
  const files = [
    { name: "portclaim", bytes: readFileSync(programOf(target)), mode: 0o755 },
    { name: "LICENSE", bytes: readFileSync(`${root}/LICENSE`) },
    { name: "THIRD-PARTY.md", bytes: readFileSync(`${RELEASE}/THIRD-PARTY.md`) },
  ];
  const packed = Bun.gzipSync(tar(files), { level: 9, library: "libdeflate" });
  writeFileSync(`${RELEASE}/${archiveOf(target)}`, packed);
  const notices = readFileSync(`${RELEASE}/THIRD-PARTY.md`, "utf8");
  return packPlatform(RELEASE, target, programOf(target), notices);
}

/** Writes SHA256SUMS of all archives and packages, in the format of sha256sum(1). */
export function writeSums(folder = RELEASE): void {
  const names = readdirSync(folder).filter((name) => /\.(tar\.gz|tgz)$/.test(name));
  const lines = names.toSorted().map((name) => {
    const hash = new Bun.CryptoHasher("sha256").update(readFileSync(`${folder}/${name}`));
    return `${hash.digest("hex")}  ${name}\n`;
  });
  writeFileSync(`${folder}/SHA256SUMS`, lines.join(""));
}

export function isTarget(name: string): name is Target {
  return Object.hasOwn(TARGETS, name);
}

if (import.meta.main) {
  process.argv.slice(2).filter(isTarget).forEach(archive);
  writeSums();
}
