import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { acquire } from "../../registry/allocate/acquire.ts";
import type { Config } from "../../registry/config/config.ts";
import { parseConfig } from "../../registry/config/parse.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { isPort } from "../../registry/model/claim.ts";
import { openRegistry } from "../../registry/store/registry.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";
import { runs } from "../runs.ts";
import { damaged, nastyText, nastyValue } from "./corpus.ts";

const PATH = `${HOME}/.portclaim/config.toml`;

const key = fc.oneof(
  fc.constantFrom("pool", "reap", "projects", "services", "range", "exclude", "grace", "prefer"),
  fc.constantFrom("port", "lease", "my-app", '"a.b"', "__proto__", "constructor", "toString"),
  nastyText.map((text) => JSON.stringify(text)),
);
const value = fc.oneof(
  fc.constantFrom('"3000-9999"', '"9999-3000"', '"1-65535"', '"0-0"', "3000", "[1, 2]", '"10m"'),
  fc.constantFrom("inf", "nan", "-0", "1e400", "0x7fff", "9223372036854775807", "1979-05-27"),
  fc.constantFrom("true", "{}", "{ a = 1 }", "[[]]", '"""\n"""', "'persistent'", '"ephemeral"'),
  fc.constantFrom("[".repeat(5000), "{a=".repeat(2000), "a.".repeat(3000), "24:00:00", "1_000"),
  nastyValue.map((one) => JSON.stringify(one) ?? ""),
);
const line = fc.oneof(
  fc.tuple(key, value).map(([name, one]) => `${name} = ${one}`),
  fc.array(key, { minLength: 1, maxLength: 4 }).map((path) => `[${path.join(".")}]`),
  fc.array(key, { minLength: 1, maxLength: 2 }).map((path) => `[[${path.join(".")}]]`),
  nastyText,
);
const anyToml = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom("\n", "\r\n", "\r", "\n\ufeff"))
  .map(([lines, end]) => lines.join(end));

const range = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const sound = fc.record({
  range,
  exclude: fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 5 }),
  minutes: fc.nat(9999),
  project: nastyText,
  prefer: fc.integer({ min: 1, max: 65_535 }),
  lease: fc.constantFrom("ephemeral", "persistent"),
});

/** A name as TOML quotes it: as JSON, but for lone surrogates, which it has no way to write. */
const quoted = (text: string) =>
  JSON.stringify(text.toWellFormed()).replaceAll("\u007f", "\\u007f");

const toToml = ({ range: { first, last }, exclude, minutes, project, prefer, lease }: Sound) =>
  `[pool]\nrange = "${first}-${last}"\nexclude = [${exclude.join(", ")}]\n[reap]\n` +
  `grace = "${minutes}m"\n[projects.${quoted(project)}]\nprefer = ${prefer}\n` +
  `[services.${quoted(project)}]\nlease = "${lease}"\n`;
type Sound = typeof sound extends fc.Arbitrary<infer T> ? T : never;

function read(text: string): Config | RegistryError {
  try {
    return parseConfig(text, PATH);
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

/** Fails unless every value is one that the registry can go by. */
function checkSound(config: Config): void {
  const { range: pool, exclude, grace, projects, services } = config;
  for (const { first, last } of [pool, ...[...projects.values()].flatMap((one) => one.range ?? [])])
    expect(isPort(first) && isPort(last) && first <= last).toBeTrue();
  const ports = [...projects.values()].map(({ prefer }) => prefer);
  const more = [...services.values()].map(({ port }) => port);
  for (const port of [...exclude, ...ports, ...more]) {
    expect(port === undefined || isPort(port)).toBeTrue();
  }
  expect(grace).toBeGreaterThanOrEqual(0);
}

test("whatever config.toml contains, it is valid, or an error that names the file and a line", () => {
  fc.assert(
    fc.property(fc.oneof(anyToml, damaged(sound.map(toToml)), nastyText), (text) => {
      const config = read(text);
      if (!(config instanceof RegistryError)) return checkSound(config);
      const { reason, message } = config;
      expect(message).toContain(PATH);
      if (reason.code !== "config") throw config;
      if (reason.line !== undefined) {
        expect(reason.line).toBeWithin(1, text.split(/\r?\n/).length + 1);
      }
    }),
    runs(3000),
  );
});

test("the values in config.toml take effect", () => {
  fc.assert(
    fc.property(sound, (written) => {
      const config = read(toToml(written));
      if (config instanceof RegistryError) throw config;
      const { range: pool, exclude, minutes, project, prefer, lease } = written;
      expect(config.range).toEqual(pool);
      expect([...config.exclude].toSorted()).toEqual([...new Set([...exclude, 8484])].toSorted());
      expect(config.grace).toBe(minutes * 60);
      expect([...config.projects]).toEqual([[project.toWellFormed(), { prefer }]]);
      expect([...config.services]).toEqual([
        [project.toWellFormed(), { lease: lease as "ephemeral" }],
      ]);
    }),
    runs(500),
  );
});

test("with a config that can't be read nothing is claimed, and no claim is lost", async () => {
  await fc.assert(
    fc.asyncProperty(anyToml, async (text) => {
      const machine = new FakeMachine();
      machine.plant(3000, "{}");
      machine.memory.put(PATH, text);
      const before = [...machine.memory.nodes.keys()];
      if (!(read(text) instanceof RegistryError)) return;
      const opening = async () => {
        const registry = await openRegistry({ environment: { HOME }, machine });
        const request = { services: ["web"], cwd: PROJECT };
        return await acquire(registry, request, machine.callerFor(AGENT));
      };
      await expect(opening()).rejects.toBeInstanceOf(RegistryError);
      expect([...machine.memory.nodes.keys()]).toEqual(before);
    }),
    runs(300),
  );
});
