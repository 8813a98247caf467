import { mkdirSync, writeFileSync } from "node:fs";
import { thisMachine } from "../registry/machine.ts";

/** A registry with claims of a process that lives, as portclaim writes them. */
export interface Home {
  path: string;
  env: Record<string, string>;
}

/** Makes a registry with so many claims of `pid`, on ports from 20000 on. */
export function fillHome(path: string, count: number, pid: number): Home {
  mkdirSync(`${path}/claims`, { recursive: true, mode: 0o700 });
  const machine = thisMachine();
  const start = String(machine.process(pid)?.start);
  for (let i = 0; i < count; i++) {
    const claim = {
      port: 20_000 + i,
      pid,
      agent: "claude-code",
      project: "bench",
      service: `service-${i}`,
      claimed_at: "2026-03-17T14:32:01.123456Z",
      lease: "ephemeral",
      cwd: path,
      owner: { command: "sleep", start, ...machine.place(), at: machine.monotonic().toFixed(6) },
    };
    const text = `${JSON.stringify(claim, null, 2)}\n`;
    writeFileSync(`${path}/claims/${claim.port}.json`, text, { mode: 0o600 });
  }
  return { path, env: { PORTCLAIM_HOME: path, HOME: path } };
}
