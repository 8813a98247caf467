import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { acquire } from "../../registry/allocate/acquire.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";
import { runs } from "../runs.ts";
import { damaged, nastyText, nastyValue } from "./corpus.ts";

const PATH = `${HOME}/.portclaim/last-ports.json`;
const KEY = JSON.stringify(["my-app", "web", PROJECT]);
const RANGE = { range: { first: 3000, last: 3009 } };

const memory = fc
  .tuple(
    fc.dictionary(fc.oneof(fc.constant(KEY), nastyText), nastyValue, { maxKeys: 5 }),
    fc.option(fc.integer({ min: 2990, max: 3020 }), { nil: undefined }),
  )
  .map(([others, port]) =>
    JSON.stringify(port === undefined ? others : { ...others, [KEY]: port }),
  );

test("whatever last-ports.json contains, the granted port is in range and free", async () => {
  const text = fc.oneof(
    memory,
    damaged(memory),
    nastyText,
    nastyValue.map((one) => JSON.stringify(one)),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 3000, max: 3009 }), async (remembered, bound) => {
      const machine = new FakeMachine();
      machine.plant(3001, "{}");
      machine.start({ pid: 400, parent: 1 });
      machine.listen(bound, 400);
      machine.memory.put(PATH, remembered);
      const request = { services: ["web"], cwd: PROJECT };
      const { grants } = await acquire(machine.registry(RANGE), request, machine.callerFor(AGENT));
      const { port } = grants[0]?.claim ?? { port: 0 };
      expect(port).toBeWithin(3000, 3010);
      expect([bound, 3001]).not.toContain(port);
      const after = JSON.parse(machine.memory.nodes.get(PATH)?.text ?? "") as object;
      expect(Object.entries(after)).toContainEqual([KEY, port]);
    }),
    runs(1000),
  );
});
