/** Leaves dist/portclaim, this machine's binary, and dist/cli.js, the entry of the npm package. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root } from "./root.ts";

const entry = `${root}/cli/main.ts`;
const dist = `${root}/dist`;

// Without these flags bun runs what a bunfig.toml or .env in the caller's directory tells it to.
const shebang = "#!/usr/bin/env -S bun --no-env-file --config=/dev/null";

// Split, so that what a command doesn't import costs its start nothing.
const common = {
  entrypoints: [entry],
  target: "bun",
  format: "esm",
  minify: true,
  splitting: true,
  define: { "process.env.NODE_ENV": '"production"' },
} satisfies Bun.BuildConfig;

async function buildPackage(): Promise<void> {
  await Bun.build({ ...common, outdir: dist, naming: { entry: "cli.js" } });
  const code = readFileSync(`${dist}/cli.js`, "utf8").replace(/^#!.*\n/, "");
  writeFileSync(`${dist}/cli.js`, `${shebang}\n${code}`);
  chmodSync(`${dist}/cli.js`, 0o755);
}

async function buildBinary(): Promise<void> {
  await Bun.build({
    ...common,
    bytecode: true,
    compile: { outfile: `${dist}/portclaim`, autoloadDotenv: false, autoloadBunfig: false },
  });
}

rmSync(dist, { recursive: true, force: true });
await buildPackage();
await buildBinary();
