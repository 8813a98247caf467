/** What takes hundreds of megabytes or minutes: `bun run e2e agents [NAME…]`. */
const suites: Record<string, (names: string[]) => Promise<boolean>> = {
  agents: async (names) => (await import("./agents/main.ts")).main(names),
  frameworks: async (names) => (await import("./frameworks/main.ts")).main(names),
  packages: async (names) => (await import("./packages/main.ts")).main(names),
  recipes: async (names) => (await import("./recipes/main.ts")).main(names),
