import { mkdirSync } from "node:fs";
import type { Customer } from "../../package/customer.ts";
import type { Tools } from "./tools.ts";

/** Checks the packed package and its types, and prints what it takes on the disk. */
export async function checkPackage(customer: Customer, tools: Tools): Promise<boolean> {
  const { main, platform } = customer.tarballs;
  const node = tools.program("node");
  const checks = [
    ["attw", node, tools.program("attw"), main, "--no-emoji", "--format", "ascii"],
    ["publint", node, tools.program("publint"), "run", main, "--strict"],
  ];
  let succeeded = true;
  for (const [name, ...command] of checks) {
    const { code, out, err } = await customer.only(command, { env: customer.env });
    console.log(`\n${name}: ${code === 0 ? "no problems" : `${out}${err}`}`);
    if (name === "attw" && code === 0) console.log(out.trim());
    succeeded &&= code === 0;
  }
  const cwd = customer.path("size");
  mkdirSync(cwd);
  await customer.must(["npm", "install", "--prefix", cwd, "portclaim"], { cwd });
  const { out } = await customer.must(["du", "-sb", "node_modules"], { cwd });
  console.log("\n| size | MB |\n|---|---:|");
  const sizes = {
    portclaim: Bun.file(main).size,
    "the platform's package": Bun.file(platform).size,
  };
  for (const [name, size] of Object.entries(sizes)) {
    console.log(`| ${name}, packed | ${(size / 1e6).toFixed(2)} |`);
  }
  console.log(`| \`npm i portclaim\`, on the disk | ${(Number.parseInt(out) / 1e6).toFixed(2)} |`);
  return succeeded;
}
