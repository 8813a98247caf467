import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import * as fc from "fast-check";
import type { Command } from "../../cli/command.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { UsageError } from "../../cli/exit.ts";
import { parseArguments } from "../../cli/parse/argv.ts";
import { main } from "../../cli/program.ts";
import { World } from "../harness.ts";
import { runs } from "../runs.ts";
import { nastyText } from "./corpus.ts";

setDefaultTimeout(60_000);

/** Commands that end by themselves and touch nothing but the registry. */
const SAFE = ["acquire", "release", "list", "find", "who", "reap", "doctor", "completions"];

const flags =
  "--service --project --prefer --exact --lease --agent --pid --reuse --format --force --all --json " +
  "--dry-run --grace --max-age --help --port --bind --http --timeout --free --print --remove";
const word = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...flags.split(" ")) },
  fc.constantFrom(..."--no-json --JSON --service=web -s -h -- - --= --prefer=80 --x".split(" ")),
  fc.constantFrom(..."web api 3000 3001 0s 1h ephemeral persistent env bash fish help".split(" ")),
  nastyText,
);
const words = fc.array(word, { maxLength: 6 });

/** Stands for the port of the claim that must not be lost. */
const USED = "<used>";
/** Stands for the first port of the pool. */
const FIRST = "<first>";
const VALUES: Record<string, string[]> = {
  NAME: ["web", "api", "no-one's", "80"],
  PORT: [FIRST, "6000", "80", "65535", USED],
  DURATION: ["0s", "1h", "999999999d"],
  PID: ["1", String(process.pid), "4194304"],
};

/** A command with flags of its own and values that fit them, to most of which it has an answer. */
function sensible({ name, options }: Command): fc.Arbitrary<string[]> {
  const parts = Object.entries(options).map(([flag, option]) => {
    const { type, choices, value: kind = "NAME", onlyPlain } = option;
    if (type === "flag") return fc.constant<string[]>([`--${flag}`]);
    const value = fc.constantFrom(...(choices ?? VALUES[kind] ?? VALUES["NAME"] ?? []));
    return value.map((one) => (onlyPlain ? [one] : [`--${flag}`, one]));
  });
  const chosen = fc.tuple(...parts.map((part) => fc.option(part, { nil: [], freq: 2 })));
  return chosen.map((list) => [name, ...list.flat()]);
}

const commands = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
const line = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...commands.filter(isSafe).map(sensible)) },
  fc
    .tuple(fc.oneof(fc.constantFrom(...SAFE, "help", "acqire"), nastyText), words)
    .map((a) => a.flat()),
);

function isSafe({ name }: { name: string }): boolean {
  return SAFE.includes(name);
}

/** What a command line came to, with its output on a terminal or not. */
async function call(env: Record<string, string>, argv: string[], terminal: boolean) {
  const written = { 1: "", 2: "" };
  const code = await main(argv, env, {
    stdoutIsTerminal: terminal,
    stderrIsTerminal: terminal,
    columns: terminal ? 80 : undefined,
    write: (descriptor, text) => void (written[descriptor] += text),
  });
  return { code, out: written[1], err: written[2] };
}

let world: World;
/** A claim that a server uses: nothing but `release --force` may end it. */
let used = 0;
beforeAll(async () => {
  world = new World();
  used = await world.listen();
  const { first } = world.ports;
  await Bun.write(`${world.home}/config.toml`, `[pool]\nrange = "${first}-${first + 39}"\n`);
  const asking = ["--prefer", String(used), "--lease", "persistent", "--pid", String(process.pid)];
  await world.stopListening();
  expect(await world.acquire("--service", "used", "--project", "used", ...asking)).toBe(used);
  await world.listen(used);
});
afterAll(() => world[Symbol.asyncDispose]());

test("whatever is typed ends with a documented exit code, and never with a stack trace", async () => {
  const codes = new Set<number>();
  const variables = fc.dictionary(
    fc.constantFrom("PORTCLAIM_AGENT", "PORTCLAIM_LOCK_TIMEOUT", "NO_COLOR", "CLAUDECODE"),
    nastyText,
    { maxKeys: 1 },
  );
  const file = `${world.home}/claims/${used}.json`;
  const before = await Bun.file(file).text();
  await fc.assert(
    fc.asyncProperty(line, variables, fc.boolean(), async (drawn, env, terminal) => {
      const [first = "", ...rest] = drawn;
      fc.pre(!(first in COMMANDS) || isSafe({ name: first }));
      fc.pre(!rest.includes("--force") || !rest.includes(USED));
      const ports = new Map([
        [USED, `${used}`],
        [FIRST, `${world.ports.first}`],
      ]);
      const argv = drawn.map((one) => ports.get(one) ?? one);
      const { code, out, err } = await call({ ...world.env, ...env }, argv, terminal);
      codes.add(code);
      expect(err).not.toMatch(/^ {4}at /m);
      expect(err).not.toContain("report this");
      expect(err).not.toContain('"bug"');
      expect([0, 1, 2, 3, 4, 5]).toContain(code);
      // `doctor` says on stdout what it can't fix.
      if (code !== 0 && first !== "doctor") expect([out, err === ""]).toEqual(["", false]);
      if (code === 0 && rest.includes("--json") && !rest.includes("--help")) checkJson(first, out);
      expect(await Bun.file(file).text()).toBe(before);
    }),
    runs(600),
  );
  for (const code of [0, 1, 2, 3, 4]) expect([...codes]).toContain(code);
});

function checkJson(command: string, out: string): void {
  if (SAFE.includes(command) && command !== "completions") JSON.parse(out);
}

test("the words of every command are read, or refused as misuse", () => {
  fc.assert(
    fc.property(fc.constantFrom(...commands), words, (command, argv) => {
      try {
        const parsed = parseArguments(command, argv);
        for (const option of ["target", "prefer", "pid"]) {
          const value = parsed.values[option];
          if (value !== undefined) expect(argv.join("\n")).toContain(String(value));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        expect((error as Error).message).not.toBe("");
      }
    }),
    runs(2000),
  );
});
