import { PORT, PORT_FLAG, PORT_OR_P, type Tool } from "./tool.ts";

/** Servers of files, data and functions, in JavaScript. */
export const nodeServers: readonly Tool[] = [
  {
    name: "wrangler",
    serves: ["dev", "pages dev"],
    valued: ["-c", "--config", "-e", "--env", "--cwd"],
    usual: 8787,
    given: PORT,
    add: PORT_FLAG,
  },
  {
    name: "netlify",
    programs: ["netlify", "ntl"],
    packages: ["netlify-cli"],
    serves: ["dev"],
    usual: 8888,
    given: PORT_OR_P,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    name: "vercel", // from its documentation
    programs: ["vercel", "vc"],
    serves: ["dev"],
    usual: 3000,
    given: ["--listen", "-l", "--port", "-p"],
    add: "--listen {port}",
  },
  {
    name: "prisma studio",
    programs: ["prisma"],
    serves: ["studio"],
    usual: 51212,
    given: PORT_OR_P,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  { name: "json-server", usual: 3000, readsPort: true, given: PORT_OR_P, add: PORT_FLAG },
  { name: "http-server", usual: 8080, readsPort: true, given: PORT_OR_P },
  {
    name: "serve",
    usual: 3000,
    readsPort: true,
    given: ["--listen", "-l", "-p"],
    moves: true,
  },
  { name: "live-server", usual: 8080, readsPort: true, given: ["--port="], moves: true },
];
