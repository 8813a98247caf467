import { mkdirSync, symlinkSync } from "node:fs";
import { Agent, MANNERS } from "../../agent.ts";
import { BINARY } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { expectOwner, quote, ShellSandbox } from "../../shell-sandbox.ts";

/** Ways of starting a portclaim that a project has among its packages. */
const LAUNCHERS = [
  "npx portclaim",
  "npx --no-install portclaim",
  "npm exec -- portclaim",
  "npm run -s portclaim --",
  "bunx portclaim",
  "bunx --bun portclaim",
  "bun x portclaim",
  "bun run portclaim",
  "node_modules/.bin/portclaim",
  "sh node_modules/.bin/portclaim-shim/portclaim",
];

/** Scripts that do nothing but ask, and end with their answer. */
const ASKING_SCRIPTS = ["npm run -s port", "bun --silent run port"];

// No look-up of anything beyond this machine.
const OFFLINE = { npm_config_offline: "true", npm_config_update_notifier: "false" };

/** An agent in a project with portclaim among its packages, and with bunx on its PATH. */
class Project extends ShellSandbox {
  constructor() {
    super(OFFLINE);
    const scripts = { portclaim: "portclaim", port: "portclaim acquire --service web" };
    const manifest = { name: "my-app", version: "1.0.0", scripts };
    this.write("my-app/package.json", JSON.stringify(manifest));
    mkdirSync(`${this.cwd}/node_modules/.bin`, { recursive: true });
    symlinkSync(BINARY, `${this.cwd}/node_modules/.bin/portclaim`);
    // As pnpm writes them.
    const shim = `#!/bin/sh\n${quote(BINARY)} "$@"\n`;
    this.write("my-app/node_modules/.bin/portclaim-shim/portclaim", shim);
    symlinkSync(process.execPath, this.path("bin/bunx"));
  }
}

const { describe, test } = needs("Linux", "npm");

describe("the owner is the agent that started", () => {
  for (const launcher of LAUNCHERS) {
    const asking = `${launcher} acquire --service web`;
    const commands = [
      ...MANNERS.map(([name, manner]) => [name, asking.split(" "), manner] as const),
      ["in $(…)", `PORT=$(${asking} | cat); echo $PORT`, { detached: true }] as const,
    ];
    test.each(commands)(`${launcher}, %s`, async (_name, command, manner) => {
      await using project = new Project();
      const agent = await Agent.start(project);
      expectOwner(await project.claimOf(await agent.exec(command as string, manner)), agent.pid);
    });
  }

  test.each(ASKING_SCRIPTS)("%s, whose whole script is portclaim acquire", async (script) => {
    await using project = new Project();
    const agent = await Agent.start(project);
    const asked = await agent.exec(`PORT=$(${script}); echo $PORT`);
    expectOwner(await project.claimOf(asked), agent.pid);
  });
});
