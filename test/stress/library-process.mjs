// A program that uses the library, on Bun or Node, from the file that it is told: each line on stdin is a call,
// each line on stdout its outcome.
import { createInterface } from "node:readline";

const { acquire, list, PortclaimError, release } = await import(process.argv[2] ?? "");

async function answer({ do: what, service, project, prefer, port }) {
  if (what === "list") return { ports: (await list()).map((claim) => claim.port) };
  if (what === "release") return { released: (await release(port)).length };
  return { port: (await acquire(service, { project, ...(prefer && { prefer }) })).port };
}

async function outcome(line) {
  try {
    return await answer(JSON.parse(line));
  } catch (error) {
    if (error instanceof PortclaimError) return { refused: error.code, message: error.message };
    return { failed: error.stack ?? String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await outcome(line))}\n`);
}
