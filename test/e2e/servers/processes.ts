import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { thisMachine } from "../../../native/machine.ts";

const pids = () =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);

/** The processes that listen on a port. */
export function listenersOn(port: number): number[] {
  const machine = thisMachine();
  const inodes = machine
    .listeners()
    .filter((one) => one.port === port)
    .map(({ inode }) => inode);
  return [...new Set([...machine.socketOwners(new Set(inodes), []).values()].flat())];
}

/** Ends everything that works in a directory or has it in its environment or arguments. */
export async function endAll(directory: string): Promise<void> {
  for (let i = 0; i < 3; i++) {
    for (const pid of pids().filter((one) => one !== process.pid && isOf(one, directory))) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has exited.
      }
    }
    await Bun.sleep(100);
  }
}

function isOf(pid: number, directory: string): boolean {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
  try {
    const isInside = readlinkSync(`/proc/${pid}/cwd`).startsWith(directory);
    return isInside || read("environ").includes(directory) || read("cmdline").includes(directory);
  } catch {
    return false;
  }
}
