import { until } from "../../harness.ts";
import { kill } from "../../processes.ts";
import { accepts } from "../../registry/servers.ts";
import { AgentWorld } from "../agents/agent-world.ts";
import type { ProgramName } from "../agents/programs.ts";

/** What an agent was kept from doing, and what it wasn't. */
export interface GuardTrial {
  version: string;
  denied: string;
  own: string;
  others: string;
  /** Whether the session began with the servers of the checkout. */
  start: string;
  problems: string[];
}

const SERVER = `require("node:http")
  .createServer((request, response) => response.end("ok"))
  .listen(Number(process.argv[2]), "127.0.0.1");
`;

/** Words that occur in every denial. */
const DENIED = "Leave it running";
const FORCED = "Only the user may force this";
const CONTEXT = "portclaim keeps track of whose server is whose";

/** Makes an agent try to end another's server in several ways, itself, and then its own server. */
export async function tryGuard(name: ProgramName): Promise<GuardTrial> {
  await using world = await AgentWorld.open(name);
  world.env["PORTCLAIM_GUARD_TIMEOUT"] = "30s";
  const problems: string[] = [];
  const setup = await world.run(["setup", name, "--guard"]);
  if (setup.code !== 0) problems.push(`setup: ${setup.err}`);

  world.write("my-app/server.cjs", SERVER);
  // Another agent, in a project of its own, on the same registry.
  await using rival = await AgentWorld.open(name === "claude-code" ? "codex" : "claude-code");
  rival.env["PORTCLAIM_HOME"] = world.home;
  rival.write("my-app/server.cjs", SERVER);
  const theirWork = rival.play([
    { sh: "portclaim run shop -- node server.cjs '{port}'", background: true },
    { sh: "portclaim wait shop && sleep 110" },
  ]);
  const theirs = await until(
    "the other's server listens",
    async () => (await world.list()).find(({ state }) => state === "listening"),
    120,
  );
  const { port } = theirs;
  const pid = theirs.listeners[0]?.pid ?? 0;

  const attempts = [
    `kill ${pid}`,
    `lsof -ti:${port} | xargs kill -9`,
    `pkill -f 'server.cjs ${port}'`,
    `npx -y kill-port ${port}`,
    `fuser -k ${port}/tcp`,
    "kill -9 -1",
  ];
  const force = `portclaim stop ${port} --force`;
  // zsh reads {port} before a redirection as a file descriptor, unless it is quoted.
  const own = "portclaim run mine -- node server.cjs '{port}'";
  const { results, requests, output } = await world.play(
    [
      ...attempts.map((sh) => ({ sh })),
      { sh: force },
      { sh: own, background: true },
      { sh: "portclaim wait mine --timeout 20s && echo mine-is-up" },
      { sh: "pgrep -n -f '^node server.cjs' | sed s/^/pid=/" },
      (all) => ({ sh: `kill ${/pid=(\d+)/.exec(all[9] ?? "")?.[1]}; sleep 2; echo tried` }),
      { sh: "portclaim list --json" },
    ],
    workOf(world),
  );
  const denied = results.slice(0, attempts.length).filter((text) => text?.includes(DENIED)).length;
  if (denied < attempts.length) {
    problems.push(
      `not denied: ${JSON.stringify(results.slice(0, attempts.length))} ${output.slice(-1500)}`,
    );
  }
  const isForceDenied = results[attempts.length]?.includes(FORCED) === true;
  if (!isForceDenied) problems.push(`--force: ${JSON.stringify(results[attempts.length])}`);
  const lives = await accepts(port);
  if (!lives) problems.push("the other's server has ended");
  for (const left of rival.left()) kill(left);
  await theirWork;
  const mine = (await world.list()).filter(({ service }) => service === "mine");
  const hasEnded = mine.every(({ state }) => state !== "listening");
  if (!results[8]?.includes("mine-is-up") || !hasEnded) {
    problems.push(`its own server: ${JSON.stringify(results.slice(7))}`);
  }
  const isTold = requests.some((text) => text.includes(CONTEXT));
  return {
    version: world.installed.version,
    denied: `${denied} of ${attempts.length}${isForceDenied ? ", and --force" : ""}`,
    own: hasEnded ? "ended" : "still listens",
    others: lives ? "lives" : "ended",
    start: isTold ? "told" : "not told",
    problems,
  };
}

/** The agent's arguments for a prompt. Codex only runs an untrusted hook if told to. */
function workOf({ name, program }: AgentWorld): typeof program.work {
  if (name !== "codex") return program.work;
  return (...given) => {
    const args = program.work?.(...given) ?? [];
    return [...args.slice(0, -1), "--dangerously-bypass-hook-trust", ...args.slice(-1)];
  };
}
