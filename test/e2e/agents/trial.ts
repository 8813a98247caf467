import { basename, join } from "node:path";
import type { ClaimView } from "../../../registry/model/claim.ts";
import { AGENTS } from "../../../setup/agents.ts";
import { until } from "../../harness.ts";
import { AgentWorld } from "./agent-world.ts";
import type { ProgramName } from "./programs.ts";

/** The results for one agent, one per column, and the problems. */
export interface Trial {
  agent: string;
  mcpList: string;
  owner: string;
  name: string;
  listener: string;
  restart: string;
  mcp: string;
  project: string;
  /** Which of portclaim's texts reached the model. */
  told: string;
  after: string;
  problems: string[];
}

/** Words that occur in only one of the texts. */
const TEXTS: [string, string][] = [
  ["instructions", "Several agents, terminals and people"],
  ["skill", "Claims local TCP ports so that"],
  ["AGENTS.md", "Start, find and stop servers with portclaim"],
];

type Check = (what: string, isRight: boolean, detail: unknown) => void;

const SERVER = `require("node:http")
  .createServer((request, response) => response.end("ok"))
  .listen(Number(process.argv[2]), "127.0.0.1");
`;

/** A list of claims, which the agent's shell tool may have wrapped and escaped. */
function claimsIn(result = ""): ClaimView[] {
  const isEscaped = result.includes('\\"port\\"');
  const text = isEscaped ? result.replaceAll("\\n", "\n").replaceAll('\\"', '"') : result;
  const start = text.indexOf("[\n  {");
  return start < 0 ? [] : JSON.parse(text.slice(start, text.lastIndexOf("\n]") + 2));
}

/** Makes an agent use portclaim as agents do. */
export async function tryAgent(name: ProgramName): Promise<Trial> {
  await using world = await AgentWorld.open(name);
  const trial: Trial = {
    agent: `${world.program.title} ${world.installed.version}`,
    mcpList: "",
    owner: "",
    name: "",
    listener: "",
    restart: "",
    mcp: "",
    project: "",
    told: "",
    after: "",
    problems: [],
  };
  const check: Check = (what, isRight, detail) => {
    if (!isRight) trial.problems.push(`${what}: ${JSON.stringify(detail)}`);
  };

  const setup = await world.run(["setup", name, ...("skills" in AGENTS[name] ? ["--skill"] : [])]);
  check("setup", setup.code === 0, setup);
  if (world.program.mcpList) {
    const { output } = await world.agent(world.program.mcpList);
    const isListed = output.includes("portclaim");
    trial.mcpList = isListed ? (/connected/i.test(output) ? "connected" : "listed") : "no";
    check("its list of MCP servers", trial.mcpList !== "no", output);
  }
  if (!world.program.work) return trial;

  world.write(join("my-app", "server.cjs"), SERVER);
  await world.run(["setup", "agents-md"]);
  const { first, last } = world.ports;
  const portIn = (result = "") =>
    (result.match(/\d{5}/g) ?? []).map(Number).find((port) => port >= first && port <= last) ?? 0;
  const serve = (result: string | undefined) => `node server.cjs ${portIn(result)}`;
  const { results, requests, output } = await world.play([
    { sh: "portclaim acquire web" },
    ([port]) => ({ sh: serve(port), background: true }),
    { sh: "portclaim wait web && portclaim list --json" },
    { sh: "portclaim stop web" },
    { sh: "portclaim acquire web --reuse" },
    // Claude Code's -p waits for what its own tool started in the background.
    (all) => ({ sh: `nohup ${serve(all[4])} > server.log 2>&1 &` }),
    { sh: "portclaim wait web" },
    { tool: "portclaim_acquire", input: { service: "api" } },
    { sh: "portclaim list --json" },
  ]);
  check("the script", results.length === 9, { results, output: output.slice(-2000) });

  const [web] = claimsIn(results[2]);
  trial.owner = web?.owner?.command ?? "no";
  trial.name = web?.agent ?? "no";
  trial.listener = web?.state ?? "no";
  check("the listener", web?.state === "listening", results[2]);
  check("the agent's name", web?.agent === name, web?.agent);
  trial.restart = portIn(results[4]) === web?.port ? "same port" : "another port";
  check("the restart", trial.restart === "same port", results.slice(3, 6));
  const claims = claimsIn(results[8]);
  const api = claims.find(({ service }) => service === "api");
  trial.mcp = api === undefined ? "no" : api.pid === web?.pid ? "same owner" : "another owner";
  check("the tool", trial.mcp === "same owner" && api?.agent === name, results.slice(7));

  const isTold = ([, words]: [string, string]) => requests.some((text) => text.includes(words));
  trial.told = TEXTS.filter(isTold)
    .map(([what]) => what)
    .join(", ");
  check("what the model was told", trial.told !== "", requests[0]?.slice(0, 2000));

  if ("project" in AGENTS[name]) {
    const isRead = await readsProjectFile(name);
    trial.project = isRead ? "read" : "not read";
    check("the project's file", isRead || world.program.ignoresProjectFile === true, isRead);
  }
  trial.after = await whatIsLeft(world, check);
  return trial;
}

/** Whether an agent starts the server that only the project's own file names. */
async function readsProjectFile(name: ProgramName): Promise<boolean> {
  await using world = await AgentWorld.open(name);
  await world.run(["setup", name, "--project"]);
  world.trustProject();
  const { results } = await world.play([{ tool: "portclaim_acquire", input: { service: "api" } }]);
  // Doesn't use the list: Codex passes on no variables, so its server uses the home directory's registry.
  return /\bok\W+true\b/.test(results[0] ?? "");
}

/** The claims and processes that outlive the agent. */
async function whatIsLeft(world: AgentWorld, check: Check): Promise<string> {
  // A claim that was made just before the agent exited is kept for 10 seconds.
  const isSettled = async () => (await world.list()).every(({ state }) => state !== "starting");
  await until("the agent's claims are settled", isSettled);
  await world.run(["reap"]);
  const claims = await world.list();
  const isServer = ({ service, state }: ClaimView) => service === "web" && state === "listening";
  check("the claims after it", claims.every(isServer), claims);
  const servers = claims.flatMap(({ listeners }) => listeners.map(({ pid }) => pid));
  const others = world.left().filter((pid) => !servers.includes(pid));
  return (
    [...claims.map(({ service }) => `${service}'s server`), ...others.map(programOf)].join(", ") ||
    "nothing"
  );
}

function programOf(pid: number): string {
  const { stdout } = Bun.spawnSync(["ps", "-o", "args=", "-p", String(pid)]);
  const [program = "", ...flags] = stdout.toString().trim().split(" ");
  const flag = flags.find((word) => word.startsWith("-")) ?? "";
  return `\`${basename(program)} ${flag}\``;
}
