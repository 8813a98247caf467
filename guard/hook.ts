import { locate } from "../registry/config/checkout.ts";
import type { Claim } from "../registry/model/claim.ts";
import { agentSession } from "../registry/owner/agent.ts";
import { resolveCaller } from "../registry/owner/caller.ts";
import { appendUnlocked, eventNow } from "../registry/store/history.ts";
import { openRegistry, type Registry } from "../registry/store/registry.ts";
import { parseDuration } from "../registry/values/duration.ts";
import { denial, question } from "./answer.ts";
import { readInput } from "./input.ts";
import { judge, type Judgement } from "./judge.ts";
import type { Asker, Loss } from "./losses.ts";
import { type Output, PROTOCOLS, type Protocol } from "./protocols.ts";

type Environment = Record<string, string | undefined>;

const PASS: Output = { code: 0 };
/** Milliseconds since the start of the process after which a command is let through unjudged. */
const LIMIT = process.platform === "darwin" ? 1000 : 50;

/** Variables that the agent's shell certainly has, with the same values. */
const VARIABLES = ["HOME", "USER", "LOGNAME"];

/** What to answer to an agent's hook. Throws if the command can't be judged: then it may run. */
export async function answer(agent: string, text: string, env: Environment): Promise<Output> {
  const protocol = Object.hasOwn(PROTOCOLS, agent) ? PROTOCOLS[agent] : undefined;
  const asked = readInput(text);
  if (protocol === undefined) return unknown(agent);
  if (asked === undefined) return PASS;
  const registry = await openRegistry({ environment: env });
  if (!registry.config.guard) return PASS;
  const asker = askerFor(registry, asked.cwd ?? process.cwd(), asked.session ?? undefined, env);
  if (asked.event === "session") {
    const { contextFor } = await import("./context.ts");
    return protocol.context?.(contextFor(registry, asker)) ?? PASS;
  }
  const variables = variablesOf(env);
  const judgement = judge(registry, { line: asked.line, asker, variables, checkTime: clock(env) });
  return respond(registry, agent, protocol, asker, judgement);
}

function unknown(agent: string): Output {
  const message = `unknown agent ${JSON.stringify(agent)}; expected one of ${Object.keys(PROTOCOLS).join(", ")}`;
  return { ...PASS, stderr: `portclaim: ${message}\n` };
}

export function askerFor(
  registry: Registry,
  cwd: string,
  session: string | undefined,
  env: Environment,
): Asker {
  return {
    caller: resolveCaller(registry.machine, "guard"),
    here: locate(registry, cwd),
    session: agentSession(env)?.value ?? session,
  };
}

export const variablesOf = (env: Environment): Record<string, string> => ({
  UID: String(process.getuid?.() ?? 0),
  ...Object.fromEntries(
    VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  ),
});

function respond(
  registry: Registry,
  agent: string,
  protocol: Protocol,
  asker: Asker,
  { loss, forced }: Judgement,
): Output {
  const claim = loss?.what === "claim" ? loss.claim : forced;
  const { deny, ask = deny } = protocol;
  if (loss === undefined && forced === undefined) return PASS;
  appendUnlocked(registry, {
    ...eventNow(registry, claim ?? 0, { event: "denied", reason: eventReason(loss) }, asker.caller),
    ...(claim === undefined && { port: null }),
    agent,
  });
  return loss ? deny(denial(loss, asker)) : ask(question(forced as Claim));
}

/** A program's name and pid, and no command line: those hold secrets. */
function eventReason(loss: Loss | undefined): string {
  if (loss === undefined) return "--force of another owner's claim";
  return `would have ended ${loss.command} (pid ${loss.process.pid})`;
}

/** Throws once the time for an answer is over. PORTCLAIM_GUARD_TIMEOUT gives it more. */
function clock(env: Environment): () => void {
  const seconds = parseDuration(env["PORTCLAIM_GUARD_TIMEOUT"] ?? "") ?? LIMIT / 1000;
  return () => {
    if (Bun.nanoseconds() > seconds * 1e9) throw new Error("too late");
  };
}
