import { ROOT, script, type World } from "../harness.ts";
import { installPackage } from "../npm-package.ts";

const NAMES = "PortclaimError, acquire, acquireSync, find, findSync, list, release";
const PRINT = "const print = (value) => console.log(JSON.stringify(value ?? null));\n";

/** A program that uses the library, as arguments to spawn. */
type Runtime = (world: World, code: string) => Promise<string[]>;

/** The library in the programs that load it. */
export const RUNTIMES: Record<string, Runtime> = {
  async Bun(_world, code) {
    return script(`import { ${NAMES} } from "${ROOT}/lib/index.ts";\n${PRINT}${code}`);
  },
  async "Node, ESM"(world, code) {
    await installPackage(world.cwd);
    const program = `import { ${NAMES} } from "portclaim";\n${PRINT}${code}`;
    return ["node", world.write("my-app/program.mjs", program)];
  },
  async "Node, CommonJS"(world, code) {
    await installPackage(world.cwd);
    const program = `const { ${NAMES} } = require("portclaim");\n${PRINT}(async () => {${code}\n})();`;
    return ["node", world.write("my-app/program.cjs", program)];
  },
};

/** Runs a program that uses the library; returns what it printed, as JSON. */
export async function use(
  world: World,
  runtime: Runtime,
  code: string,
  env: Record<string, string> = {},
): Promise<unknown> {
  const { code: exit, out, err } = await world.exec(await runtime(world, code), { env });
  if (exit !== 0 || err !== "") throw new Error(err);
  return JSON.parse(out);
}
