import type { Process } from "../native/machine.ts";
import { Snapshot } from "../registry/liveness/snapshot.ts";
import type { Claim } from "../registry/model/claim.ts";
import { matches } from "../registry/query/list.ts";
import { ClaimStore } from "../registry/store/claims.ts";
import type { Registry } from "../registry/store/registry.ts";
import { type Asker, type Loss, LossFinder } from "./losses.ts";
import { ProcessFinder } from "./processes.ts";
import { evaluate } from "./shell/evaluate.ts";
import type { End, Forced, Target } from "./shell/model/consequences.ts";

/** What one command would end, and what would be lost. */
export interface Finding {
  end: End;
  processes: Process[];
  losses: Loss[];
}

export interface Judgement {
  /** The first loss that is certain: the command must not run. */
  loss?: Loss;
  /** A claim of another that `--force` would override: only the user may say so. */
  forced?: Claim;
  findings: Finding[];
}

export interface Question {
  /** The command line. */
  line: string;
  asker: Asker;
  variables: Record<string, string>;
  /** Throws once there is no time left. */
  checkTime?: () => void;
}

const MAX_PID_FILE = 4096;

/** Judges a command line by what it would end on this machine now. */
export function judge(registry: Registry, question: Question): Judgement {
  const { line, asker, variables, checkTime = () => undefined } = question;
  const { machine } = registry;
  const { cwd } = asker.here;
  const { ends, forced } = evaluate(line, {
    cwd,
    variables: { PPID: String(asker.caller.owner.pid), ...variables },
    readFile: (path) => readSmallFile(registry, path),
  });
  if (ends.length === 0 && forced.length === 0) return { findings: [] };
  checkTime();
  const snapshot = new Snapshot(registry, { caller: asker.caller });
  const { claims } = new ClaimStore(machine, registry.home).readAll();
  const processes = new ProcessFinder(snapshot, asker.caller, cwd, checkTime);
  const losses = new LossFinder(snapshot, claims, asker);
  const findings = ends.map((end): Finding => {
    const isReached = end.where.every(
      ({ targets, there }) => targets.some((one) => processes.find(one).length > 0) === there,
    );
    const found = isReached && !mayBeItself(end.target, line) ? processes.find(end.target) : [];
    checkTime();
    const lost = found
      .map((process) => losses.lossOf(process))
      .filter((loss) => loss !== undefined)
      .filter((loss) => mayEnd(registry, loss.process, line));
    return { end, processes: found, losses: lost };
  });
  const certain = findings.find(isCertain);
  const other = forced
    .flatMap((one) => claimsOf(claims, one))
    .find((claim) => snapshot.state(claim) !== "dead" && !losses.isOwn(claim));
  return {
    findings,
    ...(certain?.losses[0] && { loss: certain.losses[0] }),
    ...(other && { forced: other }),
  };
}

/** If only some of the processes end, all of them must be others'. */
const isCertain = ({ end, processes, losses }: Finding) =>
  losses.length > 0 && (!end.some || losses.length === processes.length);

/** The newest process with this pattern in its arguments may be the shell that runs the line. */
const mayBeItself = (target: Target, line: string) =>
  target.kind === "match" &&
  target.by === "arguments" &&
  target.only === "newest" &&
  target.tests.every(({ pattern }) => pattern.test(line));

/** Whether the kernel lets the caller signal a process: kill(2). Wrappers like sudo make it root. */
const mayEnd = ({ machine }: Registry, { pid }: Process, line: string) =>
  machine.uid === 0 ||
  /\b(sudo|doas|su|pkexec|runuser|gosu)\b/.test(line) ||
  [machine.uid, undefined].includes(machine.user(pid));

function claimsOf(claims: ReadonlyMap<number, { claim: Claim }>, forced: Forced): Claim[] {
  const { port, service, project } = forced;
  if (port === undefined && service === undefined && project === undefined) return [];
  const all = Array.from(claims.values(), ({ claim }) => claim);
  if (port !== undefined) return all.filter((claim) => claim.port === port);
  return all.filter((claim) => matches(claim, { service, project }));
}

/** A file of process ids; `undefined` if it can't be read, or isn't one. */
function readSmallFile({ machine }: Registry, path: string): string | undefined {
  try {
    const text = machine.files.read(path, MAX_PID_FILE + 1, true);
    return text.length <= MAX_PID_FILE && /^[\s\d]*$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
