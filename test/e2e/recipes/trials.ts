/** How a recipe is tried. */
export interface Trial {
  /** The package or program whose version is printed. */
  tool: string;
  /** What the reader's project has already. */
  files?: Record<string, string>;
  /** The service that listens on its claimed port in the end; else the last command ends by itself. */
  serves?: string;
  /** What the last command prints if it ends by itself. */
  prints?: RegExp;
  /** Instead of the recipe's commands, with what is not tried. */
  instead?: { commands: string[]; note: string };
}

const PAGE = { "index.html": "<!doctype html><title>app</title>" };
const SPEC = `import { expect, test } from "@playwright/test";
test("the page answers", async ({ request, baseURL }) => {
  expect(await (await request.get("/")).text()).toBe(baseURL?.split(":").at(-1));
});
`;
const NEXT = {
  "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;\n",
  "app/page.js": "export default () => <p>app</p>;\n",
};
const STORY = {
  ".storybook/main.js":
    'export default { stories: ["../stories/*.stories.js"], framework: "@storybook/html-vite" };\n',
  "stories/app.stories.js":
    'export default { title: "app", render: () => "app" };\nexport const App = {};\n',
};
const ECHO_PORT = `require("node:http").createServer((_, response) => response.end(process.env.PORT)).listen(process.env.PORT);\n`;

/** By the titles of the document. */
export const TRIALS: Record<string, Trial> = {
  "Package scripts": { tool: "npm", serves: "web", files: PAGE },
  Vite: { tool: "vite", serves: "web", files: PAGE },
  "Next.js": { tool: "next", serves: "web", files: NEXT },
  Playwright: {
    tool: "@playwright/test",
    files: { "server.js": ECHO_PORT, "e2e/a.spec.ts": SPEC, "e2e/b.spec.ts": SPEC },
    prints: /using 2 workers[^]* 2 passed/,
    instead: { commands: ["npx playwright test --workers 2"], note: "with two workers" },
  },
  Vitest: { tool: "vitest", prints: /1 passed/ },
  Jest: { tool: "jest", prints: /1 passed/ },
  Storybook: { tool: "storybook", serves: "storybook", files: STORY },
  Express: { tool: "express", serves: "api" },
  "Docker Compose": {
    tool: "docker-compose",
    prints: /127\.0\.0\.1:\d{4,5}:80/,
    instead: {
      commands: ["portclaim env --write .env", "docker-compose config"],
      note: "`docker-compose config` shows the port; no container was started",
    },
  },
  "Visual Studio Code": {
    tool: "vite",
    serves: "web",
    files: PAGE,
    instead: { commands: [], note: "the task's command was run, not Visual Studio Code" },
  },
  Make: { tool: "make", serves: "web", files: PAGE },
  just: { tool: "just", serves: "web", files: PAGE },
  mise: { tool: "mise", serves: "web", files: PAGE },
  direnv: {
    tool: "direnv",
    prints: /^port \d{4,5}$/m,
    instead: {
      commands: ["direnv allow", "direnv exec . sh -c 'echo port $WEB_PORT'"],
      note: "by `direnv exec`",
    },
  },
};
