import { dirname, resolve } from "node:path";
import { bundlePage } from "../ui/server/bundle.ts";
import { leanSdk } from "./lean-sdk.ts";
import { root } from "./root.ts";

/** The entry point of the command line. */
export const program = `${root}/cli/main.ts`;

/**
 * Replaces ui/server/page.ts by the built page as text, since neither the package nor the binary contains
 * the page's sources. The page is built first: a build that another build's plugin starts never ends.
 */
async function pagePlugin(): Promise<Bun.BunPlugin> {
  const page = JSON.stringify(await bundlePage());
  return {
    name: "page",
    setup(build) {
      build.onLoad({ filter: /\/ui\/server\/page\.ts$/ }, () => ({
        loader: "js",
        contents: `export const loadPage = async () => (${page});`,
      }));
    },
  };
}

/** Bundler options for the package and the binary. */
export async function bundleOptions() {
  return {
    target: "bun",
    format: "esm",
    minify: true,
    // startup: a command then loads only what it imports.
    splitting: true,
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [await pagePlugin(), leanSdk],
  } satisfies Omit<Bun.BuildConfig, "entrypoints">;
}

const core = `${root}/cli/program.ts`;
/** startup: what most hook calls need, and nothing else. */
const guardEntry = `${root}/guard/entry.ts`;

/**
 * startup: keeps what every command loads in one chunk, as each chunk takes 0.05 ms. The bundler makes a
 * chunk for every set of lazy modules that share something; if all of them import the whole program,
 * which is loaded by then, there is one.
 */
const oneCore: Bun.BunPlugin = {
  name: "one-core",
  setup(build) {
    const late = new Set<string>();
    build.onResolve({ filter: /^\.\.?\// }, ({ kind, path, importer }) => {
      if (kind === "dynamic-import") late.add(resolve(dirname(importer), path));
      return undefined;
    });
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!late.has(path) || path === guardEntry || path === core) return undefined;
      const code = await Bun.file(path).text();
      return { loader: "ts", contents: `import "${core}";\n${code}` };
    });
  },
};

/** Options of compiled programs. */
export const START = {
  // startup: few commands run long enough to gain from compiling their code.
  jitPolicy: 100,
  // startup: a small heap saves 5 to 10 % of an acquire, and memory in servers.
  execArgv: ["--smol"],
  // Files in the caller's directory must not run code or set variables.
  autoloadDotenv: false,
  autoloadBunfig: false,
  autoloadTsconfig: false,
  autoloadPackageJson: false,
} satisfies Partial<Bun.CompileBuildOptions>;

/**
 * Compiles the program into one file, by default for this machine; bun downloads what it needs for
 * another. strip(1) would save 0.04 % and break it: bun no longer finds the program inside.
 */
export async function compile(outfile: string, target?: Bun.Build.CompileTarget): Promise<void> {
  const options = await bundleOptions();
  await Bun.build({
    ...options,
    // startup: leaves out the other platforms' code.
    define: { ...options.define, "process.platform": JSON.stringify(platformOf(target)) },
    plugins: [...options.plugins, oneCore],
    entrypoints: [program],
    bytecode: true,
    compile: { outfile, ...(target && { target }), ...START },
  });
}

/** The value of `process.platform` on a target ("bun-linux-x64-musl"). */
const platformOf = (target?: string) => target?.match(/linux|darwin/)?.[0] ?? process.platform;
