import { afterAll, beforeAll, expect } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { hasEnded, kill } from "../../processes.ts";
import { ASK, expectOwner, ShellSandbox } from "../../shell-sandbox.ts";

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

for (const [manner, how] of MANNERS) {
  for (const argv of SHELLS) {
    const { describe, test } = needs("Linux", "jq", ...argv.slice(0, 1));
    describe(`in ${argv.join(" ")}, to which an agent writes commands, ${manner}`, () => {
      let sandbox: ShellSandbox;
      let agent: Agent;
      let shell: number;
      beforeAll(async () => {
        sandbox = new ShellSandbox();
        agent = await Agent.start(sandbox);
        shell = await agent.open(argv, how);
      });
      afterAll(() => sandbox[Symbol.asyncDispose]());

      test.each(Object.entries(LINES))("that shell owns a claim made %s", async (form, line) => {
        const service = `web-${Object.keys(LINES).indexOf(form)}`;
        const command = line.replaceAll(/\bweb\b/g, service);
        agent.type(shell, `{ ${command}\n} > ~/${service}\n`);
        const claim = await sandbox.claimOf(await sandbox.read(service));
        expect(claim.service).toBe(service);
        expectOwner(claim, shell);
      });

      test("all claims end with the shell, though the agent lives on", async () => {
        const claims = await sandbox.list();
        expect(claims.map(({ state }) => state)).toEqual(Object.keys(LINES).map(() => "starting"));
        kill(shell);
        await until("the shell is gone", () => hasEnded(shell));
        expect(await sandbox.reapLater(...claims)).toEqual([]);
        expect(hasEnded(agent.pid)).toBe(false);
      });
    });
  }
}
