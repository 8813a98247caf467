import { copyFileSync, cpSync, mkdirSync, symlinkSync } from "node:fs";
import { targetOf } from "../scripts/head.ts";
import { BINARY, ROOT } from "./binary.ts";

const FILES = ["package.json", "npm/portclaim.bin", "dist/node.cjs", "dist/node.mjs"];

/** Puts what the npm packages hold into a directory's node_modules; returns the path of the command. */
export async function installPackage(directory: string): Promise<string> {
  const modules = `${directory}/node_modules`;
  const platform = `${modules}/@portclaim/${await targetOf(BINARY)}`;
  for (const path of [`${modules}/portclaim/dist`, `${modules}/portclaim/npm`, `${modules}/.bin`]) {
    mkdirSync(path, { recursive: true });
  }
  mkdirSync(platform, { recursive: true });
  for (const file of FILES) copyFileSync(`${ROOT}/${file}`, `${modules}/portclaim/${file}`);
  cpSync(`${ROOT}/dist/types`, `${modules}/portclaim/dist/types`, { recursive: true });
  symlinkSync(BINARY, `${platform}/portclaim`);
  const command = `${modules}/.bin/portclaim`;
  symlinkSync("../portclaim/npm/portclaim.bin", command);
  return command;
}
