import { NAMED, type Project, through } from "../project.ts";
import { PAGE } from "./page.ts";

export const servers: Project[] = [
  {
    name: "wrangler",
    npm: { wrangler: "latest" },
    package: "wrangler",
    files: {
      "wrangler.jsonc":
        '{ "name": "app", "main": "index.js", "compatibility_date": "2024-01-01" }\n',
      "index.js": 'export default { fetch: () => new Response("app") };\n',
      "public/index.html": "app",
    },
    scripts: { dev: "wrangler dev" },
    commands: [...through("dev"), "npx wrangler pages dev public"],
  },
  {
    name: "http-server",
    npm: { "http-server": "latest" },
    package: "http-server",
    files: PAGE,
    scripts: { dev: "http-server" },
    commands: through("dev"),
  },
  {
    name: "serve",
    npm: { serve: "latest" },
    package: "serve",
    files: PAGE,
    scripts: { dev: "serve ." },
    commands: through("dev"),
  },
  {
    name: "live-server",
    npm: { "live-server": "latest" },
    package: "live-server",
    files: PAGE,
    scripts: { dev: "live-server --no-browser" },
    commands: through("dev"),
  },
  ...["0.17.4", "1.0.0-beta.3"].map((version) => ({
    name: `json-server-${version[0]}`,
    npm: { "json-server": version },
    package: "json-server",
    files: { "db.json": '{"things":[]}' },
    scripts: { dev: "json-server db.json" },
    commands: through("dev"),
  })),
  {
    name: "express",
    npm: { express: "latest", nodemon: "latest", tsx: "latest" },
    package: "express",
    files: {
      "server.js": 'require("express")().listen(process.env.PORT || 3000);\n',
    },
    scripts: { dev: "nodemon server.js", tsx: "tsx watch server.js", start: "node server.js" },
    commands: ["npm run dev", "npm run tsx", "npm start", "node --watch server.js"],
  },
  {
    name: "prisma",
    npm: { prisma: "latest" },
    package: "prisma",
    files: {
      "schema.prisma": 'datasource db {\n  provider = "sqlite"\n}\nmodel A {\n  id Int @id\n}\n',
    },
    commands: ["npx prisma studio --browser none --url file:///tmp/portclaim-e2e-prisma.db"],
    named: `npx prisma studio --browser none --url file:///tmp/portclaim-e2e-prisma.db --port ${NAMED}`,
  },
  {
    name: "netlify",
    npm: { "netlify-cli": "latest" },
    package: "netlify-cli",
    files: { "index.html": "app" },
    scripts: { dev: "netlify dev --offline --dir ." },
    commands: ["npm run dev", "npx netlify dev --offline --dir ."],
    named: `npx netlify dev --offline --dir . -p ${NAMED}`,
  },
  {
    name: "expo",
    npm: { expo: "latest", react: "19", "react-native": "latest" },
    package: "expo",
    files: {
      "app.json": '{"expo":{"name":"app","slug":"app","platforms":["ios","android"]}}',
      "index.js":
        'import { registerRootComponent } from "expo";\nregisterRootComponent(() => null);\n',
    },
    scripts: { start: "expo start --offline" },
    commands: ["npm start", "npx expo start --offline"],
    named: `npx expo start --offline --port ${NAMED}`,
  },
];
