import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { ASK, canStage, buildBinary, quote, Scene, startOf } from "../../shell-sandbox.ts";

/** The ways in which a command line asks for a port and prints it. */
const FORMS = {
  plain: ASK,
  "first of several": `${ASK}; true`,
  captured: `PORT=$(${ASK}); echo $PORT`,
  "in a pipeline": `${ASK} --json | jq .port`,
  "in a pipeline before others": `${ASK} --json | jq .port | cat; true`,
  "piped in $(…)": `PORT=$(${ASK} --json | jq .port); echo $PORT`,
  "in $(… || true)": `PORT=$(${ASK} || true); echo $PORT`,
  "in ( … ) &": `( ${ASK} ) & wait`,
  "in nested subshells": `echo $( ( ( ${ASK}; true ); true ) )`,
};

const SUBSTITUTION = { "in <( … )": `read PORT < <(${ASK}); echo $PORT` };

const FISH_FORMS = {
  plain: ASK,
  captured: `set PORT $(${ASK}); echo $PORT`,
  "in a pipeline": `${ASK} --json | jq .port`,
  "piped in $(…)": `set PORT $(${ASK} --json | jq .port); echo $PORT`,
  "in $(… || true)": `set PORT $(${ASK} || true); echo $PORT`,
  "in the background": `${ASK} & wait`,
};

/** How the command line is given to a shell. */
const SHELLS: [string, (line: string) => string[]][] = [
  ["bash -c", (line) => ["bash", "-c", line]],
  ["bash -lc", (line) => ["bash", "-lc", line]],
  ["bash -c -l … eval", (line) => ["bash", "-c", "-l", `eval ${quote(line)} < /dev/null && pwd`]],
  ["bash -o pipefail -ec", (line) => ["bash", "-o", "pipefail", "-ec", line]],
  ["zsh -c", (line) => ["zsh", "-c", line]],
  ["zsh -c -l", (line) => ["zsh", "-c", "-l", line]],
  ["dash -c", (line) => ["dash", "-c", line]],
  ["dash -c, within bash -c", (line) => ["bash", "-c", `dash -c ${quote(line)}; true`]],
  ["fish -c", (line) => ["fish", "-c", line]],
];

function formsOf(shell: string): Record<string, string> {
  if (shell.startsWith("fish")) return FISH_FORMS;
  return /^(bash|zsh)/.test(shell) ? { ...FORMS, ...SUBSTITUTION } : FORMS;
}

beforeAll(buildBinary);

for (const [manner, how] of MANNERS) {
  for (const [shell, argv] of SHELLS) {
    describe.if(canStage(shell.split(" ")[0] ?? ""))(`from ${shell}, started ${manner}`, () => {
      let scene: Scene;
      let agent: Agent;
      beforeAll(async () => {
        scene = new Scene();
        agent = await Agent.start(scene);
      });
      afterAll(() => scene[Symbol.asyncDispose]());

      test.each(Object.entries(formsOf(shell)))("the agent owns: %s", async (form, line) => {
        const service = `web-${Object.keys(formsOf(shell)).indexOf(form)}`;
        const { out } = await agent.exec(argv(line.replaceAll(/\bweb\b/g, service)), how);
        const claim = await scene.claimOf(out.split("\n")[0] ?? "");
        expect(claim.service).toBe(service);
        expect(claim.pid).toBe(agent.pid);
        expect(claim.owner?.start).toBe(startOf(agent.pid) ?? "");
      });

      test("all ends with the agent", async () => {
        const claims = await scene.list();
        expect(claims.length).toBe(Object.keys(formsOf(shell)).length);
        expect(claims.map(({ state }) => state)).toEqual(claims.map(() => "starting"));
        await agent.kill();
        // In the agent's own group they might still be awaited, for as long as they are just claimed.
        if (!how.detached) for (const claim of claims) await scene.age(claim, 60);
        expect(await scene.reap()).toEqual([]);
      });
    });
  }
}
