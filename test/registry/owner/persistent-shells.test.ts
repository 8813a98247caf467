import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { until } from "../../harness.ts";
import { ASK, canStage, buildBinary, isGone, kill, Scene, startOf } from "../../shell-sandbox.ts";

const LINES = {
  plain: ASK,
  captured: `PORT=$(${ASK}); echo $PORT`,
  "piped in $(…)": `PORT=$(${ASK} --json | jq .port); echo $PORT`,
  "in $(… || true)": `PORT=$(${ASK} || true); echo $PORT`,
  "in ( … ) &": `( ${ASK} ) & wait`,
  "in bash -c": `bash -c '${ASK}; true'`,
  "in a function in a pipeline": `ask() { ${ASK}; }; ask | cat`,
};

const SHELLS = [["bash"], ["bash", "-l"], ["zsh"], ["sh", "-s", "operand"]];

beforeAll(buildBinary);

for (const [manner, how] of MANNERS) {
  for (const argv of SHELLS) {
    const name = `from ${argv.join(" ")}, to which an agent writes commands, ${manner}`;
    describe.if(canStage(...argv.slice(0, 1)))(name, () => {
      let scene: Scene;
      let agent: Agent;
      let shell: number;
      beforeAll(async () => {
        scene = new Scene();
        agent = await Agent.start(scene);
        shell = await agent.open(argv, how);
      });
      afterAll(() => scene[Symbol.asyncDispose]());

      test.each(Object.entries(LINES))("that shell owns: %s", async (form, line) => {
        const service = `web-${Object.keys(LINES).indexOf(form)}`;
        const command = line.replaceAll(/\bweb\b/g, service);
        agent.type(shell, `{ ${command}\n} > ~/${service}\n`);
        const claim = await scene.claimOf(await scene.read(service));
        expect(claim.service).toBe(service);
        expect(claim.pid).toBe(shell);
        expect(claim.owner?.start).toBe(startOf(shell) ?? "");
      });

      test("all ends with the shell, though the agent goes on", async () => {
        const claims = await scene.list();
        expect(claims.length).toBe(Object.keys(LINES).length);
        expect(claims.map(({ state }) => state)).toEqual(claims.map(() => "starting"));
        kill(shell);
        await until("the shell is gone", () => isGone(shell));
        for (const claim of claims) await scene.age(claim, 60);
        expect(await scene.reap()).toEqual([]);
        expect(isGone(agent.pid)).toBe(false);
      });
    });
  }
}
