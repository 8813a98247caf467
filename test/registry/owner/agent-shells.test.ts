import { afterAll, beforeAll, expect } from "bun:test";
import { Agent, MANNERS } from "../../agent.ts";
import { needs } from "../../needs.ts";
import { ASK, expectOwner, quote, ShellSandbox } from "../../shell-sandbox.ts";

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

for (const [manner, how] of MANNERS) {
  for (const [shell, argv] of SHELLS) {
    const [program = ""] = shell.split(" ");
    const { describe, test } = needs("Linux", "jq", program);
    describe(`in ${shell}, started ${manner}`, () => {
      const forms = Object.entries(formsOf(shell));
      let sandbox: ShellSandbox;
      let agent: Agent;
      beforeAll(async () => {
        sandbox = new ShellSandbox();
        agent = await Agent.start(sandbox);
      });
      afterAll(() => sandbox[Symbol.asyncDispose]());

      test.each(forms)("the agent owns a claim made %s", async (form, line) => {
        const service = `web-${forms.findIndex(([name]) => name === form)}`;
        const { out } = await agent.exec(argv(line.replaceAll(/\bweb\b/g, service)), how);
        const claim = await sandbox.claimOf(out.split("\n")[0] ?? "");
        expect(claim.service).toBe(service);
        expectOwner(claim, agent.pid);
      });

      test("all claims end with the agent", async () => {
        const claims = await sandbox.list();
        expect(claims.map(({ state }) => state)).toEqual(forms.map(() => "starting"));
        await agent.kill();
        // In the agent's own group a claim that was just made still waits for its server.
        expect(await (how.detached ? sandbox.reap() : sandbox.reapLater(...claims))).toEqual([]);
      });
    });
  }
}
