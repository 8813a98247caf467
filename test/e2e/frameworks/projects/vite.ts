import { NAMED, type Project, through } from "../project.ts";
import { PAGE } from "./page.ts";

const REACT = { react: "19", "react-dom": "19" };

export const vite: Project[] = [
  {
    name: "vite",
    create: ["npm", "create", "-y", "vite@latest", "{directory}", "--", "--template", "react-ts"],
    package: "vite",
    commands: [
      ...through("dev"),
      "node --run dev",
      "npx vite",
      "bunx vite dev",
      "pnpm exec vite serve",
      "npm exec vite",
      "npx vite preview",
    ],
    named: `npm run dev -- --port ${NAMED}`,
    setup: [["npx", "vite", "build"]],
  },
  {
    name: "nested",
    npm: { vite: "latest" },
    package: "vite",
    files: PAGE,
    scripts: {
      dev: "vite",
      npm: "npm run dev",
      twice: "npm run npm",
      open: "npm run dev --",
      pnpm: "pnpm dev",
      bun: "bun run dev",
      env: "FOO=1 vite --mode 'my mode'",
      named: `vite --port=${NAMED}`,
    },
    commands: [
      "npm run npm",
      "npm run twice",
      "pnpm npm",
      "npm run open",
      "bun run open",
      "yarn open",
      "npm run pnpm",
      "npm run bun",
      "npm run env",
      "node --run npm",
      "yarn dev -- --host",
    ],
    named: "npm run named",
  },
  {
    name: "monorepo",
    npm: {},
    files: {
      "package.json": JSON.stringify({
        private: true,
        workspaces: ["apps/*"],
        scripts: { web: "npm run dev -w @shop/web", filter: "pnpm --filter @shop/web dev" },
        devDependencies: { vite: "latest" },
      }),
      "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
      "apps/web/package.json": JSON.stringify({
        name: "@shop/web",
        version: "1.0.0",
        scripts: { dev: "vite" },
      }),
      "apps/web/index.html": "app",
    },
    package: "vite",
    commands: [
      "npm run dev -w @shop/web",
      "npm -w apps/web run dev",
      "npm --prefix apps/web run dev",
      "pnpm --filter @shop/web dev",
      "pnpm -C apps/web dev",
      "yarn workspace @shop/web dev",
      "yarn --cwd apps/web dev",
      "bun run --filter @shop/web dev",
      "bun run --cwd apps/web dev",
      "npm run web",
      "npm run filter",
    ],
  },
  {
    name: "sveltekit",
    npm: {
      "@sveltejs/kit": "latest",
      "@sveltejs/vite-plugin-svelte": "latest",
      svelte: "5",
      vite: "latest",
    },
    package: "@sveltejs/kit",
    files: {
      "vite.config.mjs":
        'import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };\n',
      "src/app.html": "<!doctype html><head>%sveltekit.head%</head><body>%sveltekit.body%</body>",
      "src/routes/+page.svelte": "<p>app</p>",
    },
    scripts: { dev: "vite dev" },
    commands: through("dev"),
  },
  {
    name: "vitepress",
    npm: { vitepress: "1" },
    package: "vitepress",
    files: { "index.md": "# app\n" },
    scripts: { dev: "vitepress dev" },
    commands: [...through("dev"), "npx vitepress", "npx vitepress preview"],
    setup: [["npx", "vitepress", "build"]],
  },
  {
    name: "react-router",
    npm: {
      ...REACT,
      "@react-router/dev": "latest",
      "@react-router/node": "latest",
      "react-router": "latest",
      isbot: "5",
      vite: "7",
    },
    package: "@react-router/dev",
    files: {
      "vite.config.mjs":
        'import { reactRouter } from "@react-router/dev/vite";\nexport default { plugins: [reactRouter()] };\n',
      "app/routes.js": 'export default [{ index: true, file: "home.jsx" }];\n',
      "app/home.jsx": "export default () => <p>app</p>;\n",
      "app/root.jsx":
        'import { Outlet, Scripts } from "react-router";\nexport default () => <html><body><Outlet /><Scripts /></body></html>;\n',
    },
    scripts: { dev: "react-router dev" },
    commands: through("dev"),
    named: `npx react-router dev --port ${NAMED}`,
  },
  {
    name: "remix",
    npm: {
      "@remix-run/dev": "2",
      "@remix-run/node": "2",
      "@remix-run/react": "2",
      react: "18",
      "react-dom": "18",
      isbot: "4",
      vite: "5",
    },
    package: "@remix-run/dev",
    files: {
      "vite.config.mjs":
        'import { vitePlugin } from "@remix-run/dev";\nexport default { plugins: [vitePlugin()] };\n',
      "app/root.jsx":
        'import { Outlet, Scripts } from "@remix-run/react";\nexport default () => <html><body><Outlet /><Scripts /></body></html>;\n',
      "app/routes/_index.jsx": "export default () => <p>app</p>;\n",
    },
    scripts: { dev: "remix vite:dev" },
    commands: through("dev"),
    named: `npx remix vite:dev --port ${NAMED}`,
  },
];
