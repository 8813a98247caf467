import { expect, test } from "bun:test";
import { temporaryFolder } from "../../harness.ts";
import { evaluate } from "../evaluate.ts";
import type { Calls } from "./calls.ts";
import type { Worker } from "./known.ts";
import { Ledger } from "./ledger.ts";
import { identify } from "./machine.ts";
import { startServer } from "./servers.ts";

const place = { cwd: "/shop", root: "/shop", repository: "/shop" };

test("a daemon that ends before it listens is a violation, unless a call may have ended it", async () => {
  using folder = temporaryFolder();
  const ledger = new Ledger(folder.path);
  const worker: Worker = { name: "gemini", process: identify(process.pid), place };
  const daemon = Bun.spawn(["true"]);
  await daemon.exited;
  const calls = {
    place,
    command: "portclaim",
    town: { nextServerId: () => "server-1", upOf: () => undefined, path: (name: string) => name },
    shell: async () => ({ code: 0, out: `${daemon.pid}\n`, err: "" }),
  } as unknown as Calls;
  const start = () => startServer(calls, ledger, worker, { kind: "daemon", service: "web" });
  const found = () => evaluate(ledger.entries).violations;

  const aims = { servers: { service: "web", root: "/shop", worker } };
  expect(await ledger.mayEnd(aims, start)).toBeUndefined();
  expect(found()).toEqual([]);
  expect(await start()).toBeUndefined();
  expect(found()).toEqual([expect.stringContaining("daemon ended before it listened")]);
});
