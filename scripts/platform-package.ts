import { readFileSync, writeFileSync } from "node:fs";
import manifest from "../package.json";
import { targetOfProgram } from "./head.ts";
import { root } from "./root.ts";
import { tar } from "./tar.ts";
import { type Target, TARGETS } from "./targets.ts";

/** The name of the npm package with a target's program. */
export const packageOf = (target: Target): string => `@portclaim/${target}`;

/** All platforms' packages, as optional dependencies: package managers only install the machine's own. */
export const optionalDependencies = Object.fromEntries(
  Object.keys(TARGETS).map((target) => [packageOf(target as Target), manifest.version]),
);

/** The manifest of a target's package. */
export function platformManifest(target: Target): Record<string, unknown> {
  const [os = "", cpu = "", libc = "glibc"] = target.split("-");
  const { version, license, author } = manifest;
  // The release adds the repository, with which npm compares the provenance.
  const { repository } = manifest as { repository?: unknown };
  return {
    name: packageOf(target),
    version,
    description: `portclaim for ${target}; install the package portclaim, which depends on this one`,
    license,
    author,
    ...(repository !== undefined && { repository }),
    os: [os],
    cpu: [cpu],
    ...(os === "linux" && { libc: [libc] }),
    // Yarn would leave the program inside its archive.
    preferUnplugged: true,
  };
}

/** Packs a target's program as an npm package into `folder`; returns the tarball. `level` is gzip's. */
export function packPlatform(
  folder: string,
  target: Target,
  program: string,
  notices: string,
  level: 1 | 9 = 9,
): string {
  const text = JSON.stringify(platformManifest(target), null, 2);
  const files = [
    { name: "package/package.json", bytes: Buffer.from(`${text}\n`) },
    { name: "package/portclaim", bytes: readFileSync(program), mode: 0o755 },
    { name: "package/LICENSE", bytes: readFileSync(`${root}/LICENSE`) },
    { name: "package/THIRD-PARTY.md", bytes: Buffer.from(notices) },
  ];
  const tarball = `${folder}/portclaim-${target}-${manifest.version}.tgz`;
  writeFileSync(tarball, Bun.gzipSync(tar(files), { level, library: "libdeflate" }));
  return tarball;
}

/** Reads a packed package again; throws unless it holds the target's program, which may be executed. */
export async function checkPlatform(tarball: string, target: Target): Promise<string> {
  const files = await new Bun.Archive(await Bun.file(tarball).bytes()).files();
  const { os, cpu } = JSON.parse((await files.get("package/package.json")?.text()) ?? "{}");
  const head = await files.get("package/portclaim")?.slice(0, 4096).bytes();
  const found = head && targetOfProgram(head);
  const listed = Bun.spawnSync(["tar", "-tvzf", tarball, "package/portclaim"]).stdout.toString();
  if (found === target && target.startsWith(`${os}-${cpu}`) && listed.startsWith("-rwxr-xr-x")) {
    return tarball;
  }
  throw new Error(`${tarball} is for ${os}-${cpu} and holds a program for ${found}: ${listed}`);
}
