import { expect } from "bun:test";
import { needs } from "../../needs.ts";
import { ASK, expectOwner, ShellSandbox } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal.ts";

const LINES = {
  plain: `${ASK} > ~/port`,
  captured: `PORT=$(${ASK}); echo $PORT > ~/port`,
  "piped in $(…)": `PORT=$(${ASK} --json | jq .port); echo $PORT > ~/port`,
  "in a pipeline": `${ASK} | cat > ~/port`,
  "in ( … ) &": `( ${ASK} > ~/port ) &`,
  "in bash -c": `bash -c '${ASK} > ~/port; true'`,
  "under timeout and env": `timeout 20 env A=1 ${ASK} > ~/port`,
};

const FISH_LINES = {
  plain: `${ASK} > ~/port`,
  captured: `set PORT $(${ASK}); echo $PORT > ~/port`,
  "piped in $(…)": `set PORT $(${ASK} --json | jq .port); echo $PORT > ~/port`,
  "in the background": `${ASK} > ~/port &`,
};

const SHELLS = [["bash"], ["bash", "-l"], ["zsh", "-i"], ["fish"]];

for (const argv of SHELLS) {
  const { describe, test } = needs("Linux", "jq", ...argv.slice(0, 1));
  describe(`an interactive ${argv.join(" ")}`, () => {
    const lines = Object.entries(argv[0] === "fish" ? FISH_LINES : LINES);
    test.each(lines)("owns a claim made %s", async (_form, line) => {
      await using sandbox = new ShellSandbox();
      await using terminal = new Terminal(sandbox, argv);
      terminal.enter(line);
      const claim = await sandbox.claimOf(await sandbox.read("port"));
      expectOwner(claim, terminal.pid);
      expect(await sandbox.state(claim.port)).toBe("starting");

      // fish has helpers in its group.
      await sandbox.killAllBut();
      expect(await sandbox.reapLater(claim)).toEqual([]);
    });

    test("that asks twice for one service gets two ports", async () => {
      await using sandbox = new ShellSandbox();
      await using terminal = new Terminal(sandbox, argv);
      terminal.enter(`${ASK} > ~/first`);
      const first = await sandbox.read("first");
      terminal.enter(`${ASK} > ~/second`);
      expect(await sandbox.read("second")).not.toBe(first);
    });
  });
}
