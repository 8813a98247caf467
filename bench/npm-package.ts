import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { targetOf } from "../scripts/head.ts";
import { root } from "../scripts/root.ts";
import { binary } from "./programs.ts";
import type { Stage } from "./stage.ts";

const FILES = ["package.json", "npm/portclaim.bin", "dist/node.cjs", "dist/node.mjs"];

/** A project's node_modules as `npm install portclaim` leaves it; returns the directory. */
export async function installPackage({ folder }: Stage): Promise<string> {
  const modules = `${folder}/node_modules`;
  const platform = `${modules}/@portclaim/${await targetOf(binary)}`;
  for (const name of [".bin", "portclaim/npm", "portclaim/dist"]) {
    mkdirSync(`${modules}/${name}`, { recursive: true });
  }
  mkdirSync(platform, { recursive: true });
  for (const file of FILES) copyFileSync(`${root}/${file}`, `${modules}/portclaim/${file}`);
  copyFileSync(binary, `${platform}/portclaim`);
  symlinkSync("../portclaim/npm/portclaim.bin", `${modules}/.bin/portclaim`);
  return modules;
}
