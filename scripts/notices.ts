import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";

/** Packages in the dashboard's page, which is bundled separately. */
const IN_THE_PAGE = ["node_modules/preact"];

/** The licenses of the packages in a bundle, which must be distributed with it. */
export function noticesOf(metafile: { inputs: Record<string, unknown> }): string {
  const bundled = Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []);
  const notices = [...new Set([...bundled, ...IN_THE_PAGE])].toSorted().map(noticeOf);
  return `portclaim contains these packages, each under its own license.\n\n${notices.join("\n")}`;
}

/** The package that a file belongs to, as `node_modules/@scope/name`. */
function packageOf(path: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function noticeOf(folder: string): string {
  const path = join(root, folder.replace(/^.*?(?=node_modules\/)/, ""));
  const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`, "utf8")) as {
    name: string;
    version: string;
    license: string;
  };
  const files = readdirSync(path).filter((file) => /^licen[cs]e/i.test(file));
  const texts = files.map((file) => readFileSync(join(path, file), "utf8").trim());
  return [`## ${name} ${version} (${license})`, ...texts, ""].join("\n\n");
}
