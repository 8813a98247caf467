import { PORT, PORT_FLAG, PORT_OR_P, type Tool, VITE } from "./tool.ts";

const VITE_FLAGS = ["-c", "--config", "-m", "--mode", "-l", "--logLevel", "--base"];

export const bundlers: readonly Tool[] = [
  {
    name: "vite",
    serves: ["", "dev", "serve"],
    idle: ["build", "preview", "optimize"],
    valued: VITE_FLAGS,
    usual: 5173,
    ...VITE,
  },
  { name: "vite preview", programs: ["vite"], serves: ["preview"], usual: 4173, ...VITE },
  {
    name: "rsbuild",
    packages: ["@rsbuild/core"],
    serves: ["", "dev"],
    idle: ["build", "preview", "inspect"],
    usual: 3000,
    given: PORT,
    add: "--port {port} --strict-port",
  },
  {
    name: "rsbuild preview",
    programs: ["rsbuild"],
    serves: ["preview"],
    usual: 3000,
    given: PORT,
    add: "--port {port} --strict-port",
  },
  {
    name: "webpack",
    packages: ["webpack-cli"],
    serves: ["serve", "server", "s"],
    usual: 8080,
    given: PORT,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    name: "webpack-dev-server",
    usual: 8080,
    given: PORT,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    name: "parcel",
    serves: ["", "serve"],
    idle: ["build", "watch", "help"],
    usual: 1234,
    readsPort: true,
    given: PORT_OR_P,
    again: PORT_FLAG,
  },
];
