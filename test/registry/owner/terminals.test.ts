import { beforeAll, describe, expect, test } from "bun:test";
import { ASK, canStage, buildBinary, Scene, startOf } from "../../shell-sandbox.ts";
import { Terminal } from "../../terminal2.ts";

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

beforeAll(buildBinary);

for (const argv of SHELLS) {
  describe.if(canStage(...argv.slice(0, 1)))(`from an interactive ${argv.join(" ")}`, () => {
    test.each(Object.entries(argv[0] === "fish" ? FISH_LINES : LINES))(
      "%s",
      async (_form, line) => {
        await using scene = new Scene();
        const terminal = new Terminal(scene, argv);
        terminal.type(line);
        const claim = await scene.claimOf(await scene.read("port"));
        expect(claim.pid).toBe(terminal.pid);
        expect(claim.owner?.start).toBe(startOf(terminal.pid) ?? "");
        expect((await scene.list()).map(({ state }) => state)).toEqual(["starting"]);

        await terminal.kill();
        // fish has helpers in its group.
        await scene.killAllBut();
        await scene.age(claim, 60);
        expect(await scene.reap()).toEqual([]);
      },
    );

    test("twice at once for one service: two ports", async () => {
      await using scene = new Scene();
      const terminal = new Terminal(scene, argv);
      terminal.type(`${ASK} > ~/first`);
      const first = await scene.read("first");
      terminal.type(`${ASK} > ~/second`);
      expect(await scene.read("second")).not.toBe(first);
    });
  });
}
