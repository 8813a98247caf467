import { dirname, resolve } from "node:path";
import { bundlePage } from "../ui/server/bundle.ts";
import { root } from "./root.ts";

/** The command line's entry. */
export const program = `${root}/cli/main.ts`;

/**
 * Puts the built page, as text, in the place of ui/server/page.ts: neither the package nor the binary
 * has the sources that it would be built from. It is built before, as a build that a plugin of
 * another build starts never ends (measured).
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

/** How portclaim is bundled, whatever for. */
export async function bundleOptions() {
  return {
    target: "bun",
    format: "esm",
    minify: true,
    // So that what a command doesn't import costs its start nothing.
    splitting: true,
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [await pagePlugin()],
  } satisfies Omit<Bun.BuildConfig, "entrypoints">;
}

/**
 * Keeps what is loaded at every start in one chunk: each costs 0.05 ms, and the bundler makes one
 * for every set of late modules that share something. If all of them import the whole program,
 * which is there when they are loaded, they share all of it.
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
      if (!late.has(path)) return undefined;
      const code = await Bun.file(path).text();
      return { loader: "ts", contents: `import "${root}/cli/program.ts";\n${code}` };
    });
  },
};

/** How a compiled program starts. */
export const START = {
  // Few commands live long enough to earn back what compiling their code costs.
  jitPolicy: 100,
  // What lies in the caller's directory must not run, or set variables.
  autoloadDotenv: false,
  autoloadBunfig: false,
  autoloadTsconfig: false,
  autoloadPackageJson: false,
} satisfies Partial<Bun.CompileBuildOptions>;

/**
 * Compiles the program into one file, by default for this machine; bun fetches what it needs for
 * another. strip(1) would save 0.04 % and bun would no longer find the program in it (measured).
 */
export async function compile(outfile: string, target?: Bun.Build.CompileTarget): Promise<void> {
  const options = await bundleOptions();
  await Bun.build({
    ...options,
    plugins: [...options.plugins, oneCore],
    entrypoints: [program],
    bytecode: true,
    compile: { outfile, ...(target && { target }), ...START },
  });
}
