import { acquire, list, PortclaimError, release } from "../../lib/index.ts";

// A program that uses the library: each line on stdin is a call, each line on stdout its outcome.

interface Call {
  do: "acquire" | "release" | "list";
  service?: string;
  project?: string;
  prefer?: number;
  port?: number;
}

async function answer({ do: what, service = "", project = "", prefer, port = 0 }: Call) {
  if (what === "list") return { ports: (await list()).map((claim) => claim.port) };
  if (what === "release") return { released: (await release(port)).length };
  return { port: (await acquire(service, { project, ...(prefer && { prefer }) })).port };
}

async function outcome(line: string): Promise<object> {
  try {
    return await answer(JSON.parse(line) as Call);
  } catch (error) {
    if (error instanceof PortclaimError) return { refused: error.code, message: error.message };
    return { failed: (error as Error).stack ?? String(error) };
  }
}

for await (const line of console) process.stdout.write(`${JSON.stringify(await outcome(line))}\n`);
