import { readdirSync } from "node:fs";
import { monotonic } from "../../../native/linux/clock.ts";
import { readHistory } from "../../../registry/store/history.ts";
import { openRegistry } from "../../../registry/store/registry.ts";
import { evaluate } from "../evaluate.ts";
import { checkHistory } from "../history.ts";
import type { Entry } from "../journal.ts";
import { Random } from "../random.ts";
import { audit, readClaims } from "./audit.ts";
import { spendDay } from "./day.ts";
import { leftBehind } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { Person } from "./person.ts";
import { endNow } from "./servers.ts";
import { Town } from "./town.ts";

export interface Plan {
  seed: number;
  /** In all. */
  days: number;
  /** Agents at one time. */
  agents: number;
  /** Seconds after which no day begins. */
  seconds?: number;
  /** A file for all that is done, as it happens. */
  trace?: string | undefined;
}

/** Lets agents live their days on one machine; returns what they did and what must not have been. */
export async function liveDays({ seed, days, agents, seconds = Infinity, trace }: Plan) {
  await using town = await Town.build();
  const ledger = new Ledger(`${town.home}/claims`, trace);
  const deadline = monotonic() + seconds;
  let begun = 0;
  let gone = 0;
  const live = async () => {
    while (begun < days && monotonic() < deadline) {
      await spendDay(town, ledger, seed + begun++);
      gone += (await ledger.during("the audit", () => audit(town, ledger))) ?? 0;
    }
  };
  const done = Promise.all(Array.from({ length: agents }, live));
  await new Person(town, ledger, new Random(seed)).until(done);
  await done;
  await ledger.during("the end", () => lookAtTheEnd(town, ledger));
  const told = await readStory(town, ledger);
  const { violations, ...figures } = evaluate(ledger.entries);
  return {
    ...figures,
    days: begun,
    guard: ledger.guard,
    taken: ledger.taken,
    gone,
    ...told,
    violations: [...violations, ...told.violations],
  };
}

/** Ends every server and looks at what is left. */
async function lookAtTheEnd(town: Town, ledger: Ledger): Promise<void> {
  for (const server of ledger.servers) {
    await ledger.mayEnd({ servers: { server } }, () => endNow(server));
  }
  ledger.check();
  for (const { port } of readClaims(town, ledger)) await town.age({ port }, 60);
  await audit(town, ledger);
  const left = readClaims(town, ledger).filter(({ service }) => service !== "audit");
  for (const { port, service, pid } of left)
    ledger.violation(`${service} on ${port} of ${pid} is left`);
  // Removes the files of calls that were killed while they wrote.
  await town.run(["doctor"]);
  const registry = readdirSync(town.home, { recursive: true }) as string[];
  const temporary = readdirSync(town.path("tmp"));
  for (const wrong of leftBehind(registry, temporary)) ledger.violation(wrong);
}

/** What the history tells, compared with what was done. */
async function readStory(town: Town, ledger: Ledger) {
  const registry = await openRegistry({ environment: town.env });
  const entries = ledger.entries.map(byService);
  return checkHistory(readHistory(registry), entries, readClaims(town, ledger));
}

/** The history knows a claim by its service. */
function byService(entry: Entry): Entry {
  if (!("claim" in entry)) return entry;
  return { ...entry, claim: entry.claim.slice(0, entry.claim.indexOf("#")) };
}
