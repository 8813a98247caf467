/** Writes docs/commands.md from the table of commands, and copies the skill into the plugin. */
import { copyFileSync, writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page.ts";
import { root } from "./root.ts";

writeFileSync(`${root}/docs/commands.md`, await commandsPage());
// An installed plugin has nothing but its own directory, so a link would lead nowhere.
copyFileSync(`${root}/skill/SKILL.md`, `${root}/contrib/claude-plugin/skills/portclaim/SKILL.md`);
