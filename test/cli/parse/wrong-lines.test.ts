import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { main } from "../../../cli/program.ts";
import { World } from "../../harness.ts";

let world: World;
beforeAll(() => void (world = new World()));
afterAll(() => world[Symbol.asyncDispose]());

/** What a person who types a line reads, after the exit code: message and hint. */
async function answer(line: string): Promise<string> {
  let said = "";
  const write = (_: 1 | 2, text: string) => void (said += text);
  const streams = { stdoutIsTerminal: true, stderrIsTerminal: true, columns: 80, write };
  const words = line.match(/"[^"]*"|\S+/g) ?? [];
  const argv = words.map((word) => word.replaceAll('"', ""));
  const code = await main(argv, world.env, streams);
  const text = said
    .trimEnd()
    .replace(/^portclaim: /, "")
    .replace("\nhint: ", " | ");
  return `${code} ${text}`;
}

const LINES: Record<string, string> = {
  // Services, ports and flags in other shapes.
  "acquire -p 3000":
    "2 missing service | name it, for example: portclaim acquire web --prefer 3000",
  "acquire web --port 3000": "2 unknown flag --port; did you mean --prefer?",
  "acquire web:3000":
    '2 invalid service "web:3000": it contains a port | to ask for the port: portclaim acquire web --prefer 3000',
  "acquire web,api":
    '2 invalid service "web,api": it contains a "," | several services: portclaim acquire web api',
  "acquire web --range 3000-4000": "2 unknown flag --range | set it in config.toml: [pool] range",
  "acquire web --env": "2 unknown flag --env | use --format env",
  "acquire web --format json": '2 --format: unknown value "json"; did you mean --json?',
  "acquire web --dir apps/web": "2 unknown flag --dir | run portclaim in that directory",
  "list --format json": "2 unknown flag --format | use --json",
  "list --output=json": "2 unknown flag --output | use --json",
  "list --port 4000": "2 unknown flag --port | to see one port: portclaim who 4000",
  "list -a": "2 unknown flag -a; did you mean --all?",
  "ls -la": "2 unknown flag -la | leave it out: portclaim list",
  "who -p 4000": "2 unknown flag -p | leave it out: portclaim who 4000",
  "stop -f web": "2 unknown flag -f; did you mean --force?",
  "stop --all": "2 unknown flag --all | name the server: portclaim stop web",
  "stop web api":
    '2 unexpected argument "api"; stop takes one port or service | ' +
    "run it for each: portclaim stop web && portclaim stop api",
  "release --all":
    "2 unknown flag --all | name the claim, or a project: portclaim release --project NAME",
  "wait web 30":
    "2 got both a port and a service | to wait 30 seconds: portclaim wait web --timeout 30s",
  "wait http://localhost:4000/x":
    '2 invalid service "http://localhost:4000/x": it contains a port | run: portclaim wait 4000',
  "who localhost:4000":
    '2 invalid service "localhost:4000": it contains a port | run: portclaim who 4000',
  "http 8080":
    '2 unexpected argument "8080"; http takes no arguments | run: portclaim http --port 8080',
  "doctor --fix": "2 unknown flag --fix | leave it out: portclaim doctor fixes what it can",
  "stop 99999": '2 "99999" is not a port; expected a number from 1 to 65535',
  "acquire help": '2 invalid service "help" | for help: portclaim acquire --help',
  "acquire web —prefer 4000": "2 unknown flag —prefer; did you mean --prefer?",
  "http -p 9000": "2 unknown flag -p; did you mean --port?",
  "env --export": "2 unknown flag --export | leave it out: it prints export lines",
  "find --port 4000": "2 unknown flag --port | to see one port: portclaim who 4000",
  "log -f": "2 unknown flag -f | run: portclaim watch",
  "doctor --verbose": "2 unknown flag --verbose | leave it out",
  // Commands to run.
  "run web npm run dev -- --host":
    "2 missing command | put -- before the command: portclaim run web -- npm run dev -- --host",
  "acquire web npm run dev":
    "2 acquire claims ports, and runs no command | to run it on a port: portclaim run web -- npm run dev",
  "acquire api -p 4000 -- npm start":
    '2 acquire takes no "--" | to run a command on the port: portclaim run api -p 4000 -- npm start',
  "stop web -- --force": '2 stop takes no "--" | leave it out',
  "run -p 4000 web npm start":
    "2 missing command | put -- before the command: portclaim run web --prefer 4000 -- npm start",
  'run "npm run dev"':
    "2 missing command | put -- before the command: portclaim run web -- npm run dev",
  'run web -- "npm run nonesuch"':
    "127 cannot run npm run nonesuch: command not found | leave out the quotes: -- npm run nonesuch",
  "run web -- PORT=4000 node x.js":
    "127 cannot run PORT=4000: command not found | leave it out, as run sets PORT; to ask for the port: --prefer 4000",
  "run web -- FOO=1 node x.js":
    "127 cannot run FOO=1: command not found | put env before it: -- env FOO=1 …",
  "run web -- cd apps":
    "127 cannot run cd: command not found | it belongs to the shell: -- sh -c 'cd …'",
  // Other tools' words.
  "start web npm run dev":
    '2 unknown command "start"; did you mean run? | run: portclaim run web -- npm run dev',
  "exec api -- npm test":
    '2 unknown command "exec"; did you mean run? | run: portclaim run api -- npm test',
  "npm run dev":
    '2 unknown command "npm" | to run it on a port of its own: portclaim run web -- npm run dev',
  "kill api": '2 unknown command "kill" | to stop your own server: portclaim stop api',
  "kill -9 4000": '2 unknown command "kill" | to stop your own server: portclaim stop web',
  "kill-port 4000": '2 unknown command "kill-port"; did you mean stop? | run: portclaim stop 4000',
  "free 4000":
    '2 unknown command "free" | to stop the server: portclaim stop 4000; to give up the claim: portclaim release 4000',
  "lsof -i :4000": '2 unknown command "lsof"; did you mean who? | run: portclaim who 4000',
  "lsof -ti:4000": '2 unknown command "lsof"; did you mean who? | run: portclaim who 4000',
  "check 4000": '2 unknown command "check"; did you mean doctor? | run: portclaim who 4000',
  "reserve 4000":
    '2 unknown command "reserve"; did you mean acquire? | run: portclaim acquire web --prefer 4000',
  "aquire web -p 4000":
    '2 unknown command "aquire"; did you mean acquire? | run: portclaim acquire web -p 4000',
  "restart web":
    '2 unknown command "restart" | run portclaim stop web, then portclaim run web -- npm run dev',
  up: '2 unknown command "up"; did you mean run?',
  "--list": "2 unknown flag --list; did you mean list?",
  "--json": "2 missing command before --json | for example: portclaim list --json",
  "-p 4000 web":
    "2 missing command before -p | to claim it: portclaim acquire web --prefer 4000; " +
    "to see what uses it: portclaim who 4000",
};

describe("a line that a newcomer may type gets an error with the line to type instead", () => {
  test.each(Object.entries(LINES))("%s", async (line, expected) => {
    expect(await answer(line)).toBe(expected);
    expect(await world.list()).toEqual([]);
  });
});

test("a service may have the name of a program, or contain a colon", async () => {
  for (const name of ["node", "python", "next", "a:b"]) {
    expect(await answer(`acquire ${name}`)).toMatch(/^0 \d+$/);
  }
});
