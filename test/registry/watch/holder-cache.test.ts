import { describe, expect, test } from "bun:test";
import { type Machine, thisMachine } from "../../../native/machine.ts";
import { cacheSocketOwners } from "../../../registry/watch/holder-cache.ts";

/** A machine whose sockets are held as `held` says, that records what it is asked, and its clock. */
function play(held: Map<number, number[]>) {
  const asked: [inodes: number[], first: readonly number[]][] = [];
  const clock = { seconds: 0 };
  const machine: Machine = {
    ...thisMachine(),
    monotonic: () => clock.seconds,
    socketOwners(inodes, first) {
      asked.push([[...inodes], first]);
      return new Map([...held].filter(([inode]) => inodes.has(inode)));
    },
  };
  return { machine: cacheSocketOwners(machine), asked, clock };
}

describe("the process that holds a socket, looked up again and again", () => {
  test("is looked for in the last holder first, and in the likely ones only the first time", () => {
    const { machine, asked } = play(new Map([[7, [100]]]));
    expect(machine.socketOwners(new Set([7]), [1, 2])).toEqual(new Map([[7, [100]]]));
    expect(machine.socketOwners(new Set([7]), [1, 2])).toEqual(new Map([[7, [100]]]));
    expect(asked).toEqual([
      [[7], [1, 2]],
      [[7], [100]],
    ]);
  });

  test("is the one that holds it now, not the one that did", () => {
    const held = new Map([[7, [100]]]);
    const { machine } = play(held);
    machine.socketOwners(new Set([7]), []);
    held.set(7, [200]);
    expect(machine.socketOwners(new Set([7]), [])).toEqual(new Map([[7, [200]]]));
  });

  test("without a known process is not searched for again for a while", () => {
    const { machine, asked, clock } = play(new Map([[7, [100]]]));
    machine.socketOwners(new Set([7, 8]), []);
    expect(machine.socketOwners(new Set([7, 8]), [])).toEqual(new Map([[7, [100]]]));
    expect(machine.socketOwners(new Set([8]), [])).toEqual(new Map());
    expect(asked.map(([inodes]) => inodes)).toEqual([[7, 8], [7]]);
    clock.seconds = 60;
    machine.socketOwners(new Set([8]), []);
    expect(asked.at(-1)?.[0]).toEqual([8]);
  });

  test("of many, new and old, is looked up for each in the right way", () => {
    const { machine, asked } = play(
      new Map([
        [7, [100]],
        [9, [300]],
      ]),
    );
    machine.socketOwners(new Set([7]), [1]);
    machine.socketOwners(new Set([7, 9]), [1]);
    expect(asked.slice(1)).toEqual([
      [[7], [100]],
      [[9], [1]],
    ]);
  });
});
