import { NAMED, type Project, through } from "../project.ts";
import { PAGE } from "./page.ts";

const REACT = { react: "19", "react-dom": "19" };

export const frameworks: Project[] = [
  {
    name: "next",
    create: [
      "npx",
      "-y",
      "create-next-app@latest",
      "{directory}",
      "--yes",
      "--skip-install",
      "--disable-git",
      "--js",
      "--app",
      "--no-tailwind",
      "--no-eslint",
      "--no-src-dir",
    ],
    package: "next",
    files: {
      "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;\n",
      "app/page.js": "export default () => <p>app</p>;\n",
    },
    commands: [...through("dev"), "npx next dev", "npx next"],
    named: `npx next dev -p ${NAMED}`,
  },
  {
    name: "nuxt",
    npm: { nuxt: "latest" },
    package: "nuxt",
    files: {
      "app.vue": "<template><p>app</p></template>\n",
      "nuxt.config.ts": "export default {};\n",
    },
    scripts: { dev: "nuxt dev" },
    commands: [...through("dev"), "npx nuxi dev"],
    named: `npx nuxt dev -p ${NAMED}`,
  },
  {
    name: "astro",
    npm: { astro: "latest" },
    package: "astro",
    files: { "src/pages/index.astro": "<p>app</p>\n" },
    scripts: { dev: "astro dev" },
    setup: [["npx", "astro", "build"]],
    commands: [...through("dev"), "npx astro preview"],
  },
  {
    name: "rsbuild",
    npm: { "@rsbuild/core": "latest" },
    package: "@rsbuild/core",
    files: PAGE,
    scripts: { dev: "rsbuild dev" },
    setup: [["npx", "rsbuild", "build"]],
    commands: [...through("dev"), "npx rsbuild", "npx rsbuild preview"],
  },
  {
    name: "webpack",
    npm: { webpack: "latest", "webpack-cli": "latest", "webpack-dev-server": "latest" },
    package: "webpack-dev-server",
    files: PAGE,
    scripts: { dev: "webpack serve --mode development" },
    commands: [...through("dev"), "npx webpack-dev-server --mode development"],
    named: `npx webpack serve --mode development --port ${NAMED}`,
  },
  {
    name: "parcel",
    npm: { parcel: "latest" },
    package: "parcel",
    files: PAGE,
    scripts: { dev: "parcel index.html" },
    commands: through("dev"),
    named: `npx parcel -p ${NAMED} index.html`,
  },
  {
    name: "eleventy",
    npm: { "@11ty/eleventy": "latest" },
    package: "@11ty/eleventy",
    files: { "index.md": "# app\n" },
    scripts: { dev: "eleventy --serve" },
    commands: [...through("dev"), "npx @11ty/eleventy --serve"],
  },
  {
    name: "docusaurus",
    npm: { ...REACT, "@docusaurus/core": "latest", "@docusaurus/preset-classic": "latest" },
    package: "@docusaurus/core",
    files: {
      "docusaurus.config.js":
        'export default { title: "app", url: "http://localhost", baseUrl: "/", presets: [["classic", { docs: { routeBasePath: "/" }, blog: false }]] };\n',
      "docs/index.md": "# app\n",
    },
    scripts: { dev: "docusaurus start --no-open" },
    commands: through("dev"),
    named: `npx docusaurus start --no-open -p ${NAMED}`,
  },
  {
    name: "storybook",
    npm: { storybook: "latest", "@storybook/html-vite": "latest", vite: "7" },
    package: "storybook",
    files: {
      ".storybook/main.js":
        'export default { stories: ["../stories/*.stories.js"], framework: "@storybook/html-vite" };\n',
      "stories/app.stories.js":
        'export default { title: "app", render: () => "app" };\nexport const App = {};\n',
    },
    scripts: { dev: "storybook dev --no-open", port: `storybook dev --no-open -p ${NAMED}` },
    commands: through("dev"),
    named: "npm run port",
  },
  {
    name: "ng",
    create: [
      "npx",
      "-y",
      "@angular/cli@latest",
      "new",
      "app",
      "--directory=ng",
      "--defaults",
      "--skip-git",
      "--skip-install",
      "--skip-tests",
    ],
    package: "@angular/cli",
    commands: ["npm start", "npx ng serve", "bun run start", "node --run start"],
    named: `npx ng serve --port=${NAMED}`,
  },
];
