import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Makes a hostile repository, whose files try to run code and to set variables. */
export function hostile(folder: string, bunfig = 'preload = ["./evil.ts"]\n'): string {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  mkdirSync(folder);
  write("bunfig.toml", bunfig);
  write(".env", `PORTCLAIM_HOME=${folder}/theirs\nHOME=${folder}/theirs\n`);
  write("evil.ts", `require("node:fs").writeFileSync("${folder}/ran", "");`);
  write("package.json", '{ "scripts": { "portclaim": "touch ran" } }');
  const paths = '{ "compilerOptions": { "paths": { "*": ["./evil.ts"] } } }';
  write("tsconfig.json", paths);
  write("jsconfig.json", paths);
  return folder;
}

/** What the repository got done of it. */
export const DEEDS = ["ran", "theirs"];
