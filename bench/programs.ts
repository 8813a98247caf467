import { root } from "../scripts/root.ts";
import type { Built } from "./built.ts";
import type { Home } from "./home.ts";
import type { Program } from "./measure.ts";
import { peerPrograms } from "./peers.ts";
import type { Stage } from "./stage.ts";

export const binary = `${root}/dist/portclaim`;

/** A call of portclaim in a home, which is restored after each run. */
export function calling({ env, cwd, reset }: Home, name: string, ...command: string[]): Program {
  return { name, command, env, cwd, undo: reset };
}

/** The same call of the work in C; none if that could not be built. */
export function floorIn(home: Home, { floor }: Built, name: string): Program[] {
  return floor ? [calling(home, name, floor, "acquire", home.path, "bench")] : [];
}

/** Names in the tables. */
export const NAMES = {
  empty: "empty built Bun program",
  acquire: "`portclaim acquire`",
  package: "`portclaim acquire`, npm package",
  list: "`portclaim list`",
  help: "`portclaim --help`",
  passing: "`portclaim guard` on `npm run build`",
  judging: "`portclaim guard` on `pkill -f vite`",
  floor: "the work of an acquire in C",
  peer: "get-port-cli",
};

/** The calls to compare: portclaim's, those of similar programs, and lower bounds. `modules` holds the npm package. */
export function programsIn(stage: Stage, built: Built, home: Home, modules: string): Program[] {
  const acquire = ["acquire", "--service", "bench"];
  const guard = ["guard", "claude-code"];
  return [
    calling(home, NAMES.empty, built.empty),
    calling(home, "`bun -e 0`", process.execPath, "-e", "0"),
    ...floorIn(home, built, NAMES.floor),
    calling(home, NAMES.acquire, binary, ...acquire),
    calling(home, NAMES.package, `${modules}/.bin/portclaim`, ...acquire),
    calling(home, NAMES.list, binary, "list"),
    calling(home, NAMES.help, binary, "--help"),
    { ...calling(home, NAMES.passing, binary, ...guard), input: hookInput("npm run build", home) },
    { ...calling(home, NAMES.judging, binary, ...guard), input: hookInput("pkill -f vite", home) },
    ...peerPrograms(stage),
  ];
}

/** What Claude Code's hook sends. */
function hookInput(line: string, { cwd }: Home): string {
  const event = { hook_event_name: "PreToolUse", tool_name: "Bash", session_id: "bench", cwd };
  return JSON.stringify({ ...event, tool_input: { command: line } });
}
