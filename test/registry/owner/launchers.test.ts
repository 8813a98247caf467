import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { Agent, MANNERS } from "../../agent.ts";
import { BINARY } from "../../harness.ts";
import { canStage, buildBinary, Scene, startOf } from "../../shell-sandbox.ts";

const ASK = "acquire --service web";

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

/** A project with portclaim among its packages, and bun and bunx on its PATH. */
function project(scene: Scene): void {
  const scripts = { portclaim: "portclaim", port: "portclaim acquire --service web" };
  scene.write("my-app/package.json", JSON.stringify({ name: "my-app", version: "1.0.0", scripts }));
  mkdirSync(`${scene.cwd}/node_modules/.bin`, { recursive: true });
  symlinkSync(BINARY, `${scene.cwd}/node_modules/.bin/portclaim`);
  // As pnpm writes them.
  const shim = `#!/bin/sh\n${BINARY} "$@"\n`;
  scene.write("my-app/node_modules/.bin/portclaim-shim/portclaim", shim);
  for (const name of ["bun", "bunx"]) symlinkSync(process.execPath, scene.path(`bin/${name}`));
}

/** Scripts that do nothing but ask, and end with their answer. */
const ASKING_SCRIPTS = ["npm run -s port", "bun --silent run port"];

// No look-up of anything beyond this machine.
const OFFLINE = { npm_config_offline: "true", npm_config_update_notifier: "false" };

beforeAll(buildBinary);

describe.if(canStage("npm"))("the owner is who started", () => {
  for (const launcher of LAUNCHERS) {
    for (const [manner, how] of MANNERS) {
      test(`${launcher}, ${manner}`, async () => {
        await using scene = new Scene(OFFLINE);
        project(scene);
        const agent = await Agent.start(scene);
        const answer = await agent.exec(`${launcher} ${ASK}`.split(" "), how);
        const claim = await scene.claimOf(answer);
        expect(claim.pid).toBe(agent.pid);
        expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
      });
    }

    test(`bash -c with ${launcher} in $(…)`, async () => {
      await using scene = new Scene(OFFLINE);
      project(scene);
      const agent = await Agent.start(scene);
      const line = `PORT=$(${launcher} ${ASK} | cat); echo $PORT`;
      const claim = await scene.claimOf(await agent.exec(["bash", "-c", line], { detached: true }));
      expect(claim.pid).toBe(agent.pid);
      expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
    });
  }

  for (const script of ASKING_SCRIPTS) {
    test(`${script}, whose whole script is portclaim acquire`, async () => {
      await using scene = new Scene(OFFLINE);
      project(scene);
      const agent = await Agent.start(scene);
      const line = `PORT=$(${script}); echo $PORT`;
      const claim = await scene.claimOf(await agent.exec(["bash", "-c", line], { detached: true }));
      expect(claim.pid).toBe(agent.pid);
      expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
    });
  }
});
