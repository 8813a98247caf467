import { describe, expect, test } from "bun:test";
import { SystemError } from "../../native/errno.ts";
import type { Files } from "../../native/types.ts";
import { acquire } from "../../registry/allocate/acquire.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { doctor } from "../../registry/maintain/doctor.ts";
import { reap } from "../../registry/maintain/reap.ts";
import { release } from "../../registry/maintain/release.ts";
import { MemoryFiles } from "../fake-files.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";

const CODES = ["EIO", "ENOSPC", "EMFILE", "EACCES", "EROFS", "ESTALE"] as const;
const CLAIMS = `${HOME}/.portclaim/claims`;
const RANGE = { range: { first: 3000, last: 3003 } };

/** Files of which the call with this number fails, and with `ENOSPC` every write after it. */
function failing(inner: MemoryFiles, at: number, code: string) {
  const count = { calls: 0, failed: "" };
  const files: Files = new Proxy<Files>(inner, {
    get: (target, name: keyof Files) => (path: string, text: string) => {
      const call = count.calls++;
      const writes = name === "create" || name === "overwrite";
      const isFull = code === "ENOSPC" && writes && count.failed !== "";
      if (call !== at && !isFull) {
        return (target[name] as (...all: unknown[]) => unknown).call(target, path, text);
      }
      count.failed ||= `${name} ${path}: ${code}`;
      throw new SystemError(code, name, path);
    },
  });
  return { files, count };
}

/** A registry with a living claim, a dead one, an idle one, and one that outlived its owner. */
function prepare(memory: MemoryFiles, machine: FakeMachine): void {
  const seven = { agent: null, project: "my-app", lease: "ephemeral", cwd: PROJECT };
  const put = (port: number, pid: number, service: string, claimed_at: string) => {
    const text = JSON.stringify({ ...seven, port, pid, service, claimed_at, note: "kept" });
    memory.put(`${CLAIMS}/${port}.json`, text);
  };
  put(3000, AGENT, "live", "2023-11-14T22:13:20Z");
  put(3001, 777, "dead", "2023-11-14T22:13:20Z");
  put(3002, AGENT, "idle", "2023-11-14T20:13:20Z");
  put(3003, 778, "orphan", "2023-11-14T22:13:20Z");
  machine.start({ pid: 400, parent: 1, cwd: PROJECT });
  machine.listen(3003, 400);
}

const ACTIONS: Record<string, (machine: FakeMachine) => Promise<unknown>> = {
  "an acquire": (machine) => {
    const request = { services: ["web"], cwd: PROJECT };
    return acquire(machine.registry(RANGE), request, machine.callerFor(AGENT));
  },
  "an acquire of two": (machine) => {
    const request = { services: ["web", "api"], cwd: PROJECT, prefer: 3002 };
    return acquire(machine.registry(RANGE), request, machine.callerFor(AGENT));
  },
  "a release": (machine) => {
    const request = { target: { port: 3000 }, here: { cwd: PROJECT, project: "my-app" } };
    return release(machine.registry(RANGE), request, undefined);
  },
  "a reap": (machine) => reap(machine.registry(RANGE)),
  "a doctor": (machine) => doctor(machine.registry(RANGE)),
};

/** What may be on a port afterwards; `undefined` is no claim. A living claim has no alternative. */
const MAY_BECOME: Record<number, (string | undefined)[]> = {
  3000: ["live"],
  3001: ["dead", undefined, "web", "api"],
  3002: ["idle", "web", "api"],
  3003: ["orphan", "orphan of 400"],
};
/** The port that an action may free: that is its purpose, or it was to be taken from an idle claim. */
const FREES: Record<string, number> = {
  "an acquire of two": 3002,
  "a release": 3000,
  "a reap": 3002,
  "a doctor": 3002,
};

/** Creates a new world and acts in it; the file system call with that number fails. */
async function act(action: (machine: FakeMachine) => Promise<unknown>, at: number, code: string) {
  const memory = new MemoryFiles();
  const machine = new FakeMachine(memory);
  memory.put(`${PROJECT}/package.json`, "{}");
  prepare(memory, machine);
  const { files, count } = failing(memory, at, code);
  Object.assign(machine, { files });
  let error: unknown;
  try {
    await action(machine);
  } catch (thrown) {
    error = thrown;
  }
  Object.assign(machine, { files: memory });
  return { memory, machine, error, failed: count.failed };
}

/** The claim of a port, in a word; one whose text was changed in any other way is "changed". */
function claimOn({ nodes }: MemoryFiles, port: number): string | undefined {
  const text = nodes.get(`${CLAIMS}/${port}.json`)?.text;
  if (text === undefined) return undefined;
  const { service, pid, note } = JSON.parse(text) as Record<string, unknown>;
  const isNew = service === "web" || service === "api";
  if (note !== (isNew ? undefined : "kept")) return "changed";
  return pid === 400 ? `${service} of 400` : String(service);
}

describe.each(Object.entries(ACTIONS))("%s", (name, action) => {
  test.each(CODES)("does no harm, whichever call to the file system fails: %s", async (code) => {
    expect((await act(action, -1, code)).error).toBeUndefined();
    for (let at = 0; ; at++) {
      const { memory, machine, failed, error } = await act(action, at, code);
      if (failed === "") {
        expect(at).toBeGreaterThan(5);
        return;
      }
      if (error !== undefined && !(error instanceof RegistryError)) {
        expect(error).toBeInstanceOf(SystemError);
      }
      const now = [3000, 3001, 3002, 3003].map((port) => claimOn(memory, port));
      for (const [i, claim] of now.entries()) {
        const freed = claim === undefined && FREES[name] === 3000 + i;
        const allowed = freed || MAY_BECOME[3000 + i]?.includes(claim);
        expect([failed, allowed ? "allowed" : claim]).toEqual([failed, "allowed"]);
      }
      const granted = now.filter((claim) => claim === "web" || claim === "api");
      if (error !== undefined) expect([failed, granted]).toEqual([failed, []]);
      expect(machine.lockedBy).toBeUndefined();
      await doctor(machine.registry(RANGE));
      expect([...memory.nodes.keys()].filter((path) => path.endsWith(".tmp"))).toEqual([]);
    }
  });
});
