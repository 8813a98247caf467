/** The quick check: runs all tools at once and prints the output of those that fail. */
import { root } from "./root.ts";

const tools = {
  oxfmt: ["node_modules/oxfmt/bin/oxfmt", "--check"],
  oxlint: ["node_modules/oxlint/bin/oxlint"],
  tsc: ["node_modules/typescript/bin/tsc", "--noEmit"],
  architecture: ["test", "--only-failures", "test/architecture.test.ts"],
};

async function run([name, args]: [string, string[]]): Promise<boolean> {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = await Promise.all([child.stdout, child.stderr].map(Bun.readableStreamToText));
  const succeeded = (await child.exited) === 0;
  console.log(succeeded ? `${name}: ok` : `${name}: failed\n${output.join("").trimEnd()}`);
  return succeeded;
}

const results = await Promise.all(Object.entries(tools).map(run));
process.exit(results.every(Boolean) ? 0 : 1);
