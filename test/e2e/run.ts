/** Tests that take hundreds of megabytes or minutes: `bun run e2e agents [NAME…]`. */
const suites: Record<string, (names: string[]) => Promise<boolean>> = {
  agents: async (names) => (await import("./agents/main.ts")).main(names),
  frameworks: async (names) => (await import("./frameworks/main.ts")).main(names),
  guard: async (names) => (await import("./guard/main.ts")).main(names),
  packages: async (names) => (await import("./packages/main.ts")).main(names),
  project: async () => (await import("./project/main.ts")).main(),
  recipes: async (names) => (await import("./recipes/main.ts")).main(names),
  servers: async (names) => (await import("./servers/main.ts")).main(names),
};

const [name = "", ...names] = process.argv.slice(2);
const suite = suites[name];
if (!suite) {
  console.error(`usage: bun run e2e ${Object.keys(suites).join("|")} [NAME…]`);
  process.exit(2);
}
process.exit((await suite(names)) ? 0 : 1);
