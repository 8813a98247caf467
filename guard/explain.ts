import { commandName } from "../registry/owner/command-name.ts";
import type { Registry } from "../registry/store/registry.ts";
import { denial, question } from "./answer.ts";
import { askerFor, variablesOf } from "./hook.ts";
import { judge, type Finding } from "./judge.ts";
import type { Target } from "./shell/model/consequences.ts";

export interface Explanation {
  answer: "pass" | "deny" | "ask";
  /** What an agent would be told. */
  reason: string | null;
  /** The same for a person: what the command would end, and whose that is. */
  lines: string[];
}

/** Processes to name for one part of a command line. */
const MAX_SHOWN = 10;

/** What the guard would answer to a command line in this directory, and why. */
export function explanation(
  registry: Registry,
  line: string,
  cwd: string,
  env: Record<string, string | undefined>,
): Explanation {
  const asker = askerFor(registry, cwd, undefined, env);
  const { loss, forced, findings } = judge(registry, { line, asker, variables: variablesOf(env) });
  const answer = loss ? "deny" : forced ? "ask" : "pass";
  const reason = loss ? denial(loss, asker) : forced ? question(forced) : null;
  const details = findings.flatMap((finding) => describe(registry, finding));
  const nothing = details.length === 0 && !forced ? ["it ends nothing that the guard can see"] : [];
  return {
    answer,
    reason,
    lines: [answer, ...nothing, ...details, ...(reason ? ["", reason] : [])],
  };
}

function describe({ machine }: Registry, { end, processes, losses }: Finding): string[] {
  const shown = processes.slice(0, MAX_SHOWN).map((process) => {
    const loss = losses.find((one) => one.process.pid === process.pid);
    const name = `${commandName(machine, process)} (pid ${process.pid})`;
    return `  ${name}${loss ? `: ${whose[loss.what]}` : ""}`;
  });
  const more = processes.length - shown.length;
  const some = end.some ? "some of " : "";
  const none = processes.length === 0 ? ": nothing runs" : "";
  return [
    `${end.by} would end ${some}${nameOf(end.target)}${none}`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

const whose = {
  claim: "serves another's claim",
  server: "another agent's server",
  agent: "an agent",
  itself: "what this command runs in",
} as const;

function nameOf(target: Target): string {
  switch (target.kind) {
    case "pid":
      return `process ${target.pid}`;
    case "group":
      return `process group ${target.group}`;
    case "port":
      return `what listens on ${target.port}`;
    case "match":
      return `processes that match ${target.tests.map(({ pattern, not }) => `${not ? "not " : ""}${pattern}`).join(" and ")}`;
    case "user":
      return `every process of ${target.user}`;
    case "all":
      return "every process";
    case "directory":
      return `processes that work in ${target.path}`;
    case "every":
      return target.of.map(nameOf).join(" and ");
  }
}
