/** Writes docs/commands.md from the table of commands. */
import { writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page.ts";
import { root } from "./root.ts";

writeFileSync(`${root}/docs/commands.md`, await commandsPage());
