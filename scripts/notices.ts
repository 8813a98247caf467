import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";

/** What the dashboard's page is built of: it is a bundle by itself. */
const IN_THE_PAGE = ["node_modules/preact"];

/** The licences of the packages that a bundle holds: they ask to be passed on with it. */
export function noticesOf(metafile: { inputs: Record<string, unknown> }): string {
  const bundled = Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []);
  const notices = [...new Set([...bundled, ...IN_THE_PAGE])].toSorted().map(noticeOf);
  return `portclaim contains these packages, each under its own licence.\n\n${notices.join("\n")}`;
}

/** `node_modules/@scope/name` of a file below it, however deep that lies. */
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
