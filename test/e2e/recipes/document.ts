import { readFileSync } from "node:fs";
import { ROOT } from "../../binary.ts";

/** A section of docs/recipes.md. */
export interface Recipe {
  title: string;
  /** The files whose names stand after the language of a code block. */
  files: Record<string, string>;
  /** The lines of blocks without a file. */
  commands: string[];
}

/** Takes the recipes from the document. */
export function readRecipes(): Recipe[] {
  const text = readFileSync(`${ROOT}/docs/recipes.md`, "utf8");
  const sections = text.split(/^## /m).slice(1);
  return sections.map(read).filter(({ files, commands }) => commands.length > 0 || hasAny(files));
}

const hasAny = (files: object) => Object.keys(files).length > 0;

function read(section: string): Recipe {
  const title = section.slice(0, section.indexOf("\n"));
  const recipe: Recipe = { title, files: {}, commands: [] };
  for (const [, info = "", body = ""] of section.matchAll(/^```(.*)\n([^]*?)^```$/gm)) {
    const [, name] = info.split(" ");
    if (name === undefined) recipe.commands.push(...body.trim().split("\n"));
    else recipe.files[name] = body;
  }
  return recipe;
}
