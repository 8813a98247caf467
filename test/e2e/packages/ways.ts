/** A way to install and call portclaim, in a directory and a HOME of its own. */
export interface Way {
  /** Commands that install it; none where the call does. */
  install: string[];
  /** What acquires a port. */
  call: string;
  /** The project's package.json; a call may be its script `port`. */
  manifest?: object;
  /** Only where Bun is on PATH. */
  bun?: true;
  /** `yarn` is Yarn 4. */
  yarn4?: true;
  /** The call is a program that uses the library, and owns its claim. */
  library?: true;
  /** The call fails: what stderr says then. */
  refused?: string;
}

const PROJECT = { name: "shop", private: true, scripts: { port: "portclaim acquire web" } };
const MISSING = "install portclaim with its optional dependencies, or install Bun 1.4 or newer";

/** A program that uses the library, written into every project. */
export const LIBRARY = {
  name: "library.cjs",
  text: 'console.log(require("portclaim").acquireSync("web").port);\n',
};
const library = { manifest: PROJECT, library: true } as const;

export const WAYS: Way[] = [
  { install: [], call: "npx -y portclaim acquire web" },
  { install: ["npm install -g portclaim"], call: "portclaim acquire web" },
  { install: ["npm install -D portclaim"], call: "npm run -s port", manifest: PROJECT },
  { install: ["npm install -D portclaim"], call: "npx portclaim acquire web", manifest: PROJECT },
  { install: [], call: "pnpm dlx portclaim acquire web" },
  { install: ["pnpm add -g portclaim"], call: "portclaim acquire web" },
  { install: ["pnpm add -D portclaim"], call: "pnpm -s run port", manifest: PROJECT },
  {
    install: ["pnpm add -D portclaim"],
    call: "pnpm exec portclaim acquire web",
    manifest: PROJECT,
  },
  { install: ["yarn global add portclaim --prefix ."], call: "bin/portclaim acquire web" },
  { install: ["yarn add -D portclaim"], call: "yarn -s port", manifest: PROJECT },
  { install: [], call: "yarn dlx -q portclaim acquire web", yarn4: true },
  { install: ["yarn add -D portclaim"], call: "yarn port", manifest: PROJECT, yarn4: true },
  {
    install: ["yarn config set nodeLinker node-modules", "yarn add -D portclaim"],
    call: "yarn port",
    manifest: PROJECT,
    yarn4: true,
  },
  { install: [], call: "bunx portclaim acquire web", bun: true },
  { install: ["bun add -g portclaim"], call: "portclaim acquire web", bun: true },
  {
    install: ["bun add -d portclaim"],
    call: "bun run --silent port",
    manifest: PROJECT,
    bun: true,
  },
  { install: ["npm install portclaim"], call: "node library.cjs", ...library },
  { install: ["pnpm add portclaim"], call: "node library.cjs", ...library },
  { install: ["yarn add portclaim"], call: "yarn node library.cjs", yarn4: true, ...library },
  { install: ["bun add portclaim"], call: "bun library.cjs", bun: true, ...library },
  {
    install: ["npm install --omit=optional portclaim"],
    call: "npm run -s port",
    manifest: PROJECT,
    refused: MISSING,
  },
  {
    install: ["npm install --omit=optional portclaim"],
    call: "npm run -s port",
    manifest: PROJECT,
    bun: true,
  },
  {
    install: ["npm install --cpu=s390x portclaim"],
    call: "npm run -s port",
    manifest: PROJECT,
    refused: MISSING,
  },
];
