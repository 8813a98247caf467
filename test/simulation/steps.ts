import * as fc from "fast-check";
import { acquireStep } from "./acquire-step.ts";
import { ASKERS } from "./caller.ts";
import { look } from "./ledger.ts";
import { releaseStep } from "./release-step.ts";
import type { Scene } from "./scene.ts";
import { doctorStep, reapStep } from "./sweep-steps.ts";
import * as world from "./world-steps.ts";

type Step = fc.AsyncCommand<Scene, Scene>;

/** One kind of step: what is drawn for it, and what it does. */
function step<T>(name: string, drawn: fc.Arbitrary<T>, run: (scene: Scene, value: T) => unknown) {
  return drawn.map((value): Step => ({
    check: () => true,
    run: async (scene) => {
      // No two things happen in the same moment: a process is known by when it started.
      scene.machine.advance(0.02);
      scene.story.begin();
      await run(scene, value);
      await look(scene);
      await scene.story.check();
    },
    toString: () => `${name} ${fc.stringify(value)}`,
  }));
}

const number = fc.nat({ max: 999 });
const lease = fc.constantFrom("ephemeral" as const, "persistent" as const);
const asker = fc.constantFrom(...ASKERS);
/** Nothing in `most` of `most` + 1 cases. */
const rarely = <T>(most: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: most, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const dies = rarely(5, fc.nat({ max: 9 }));
// No age comes as close to these as the milliseconds that ages are rounded to.
const grace = fc.constantFrom(0, 30.01, 60.01, 600.01);

const acquire = step(
  "acquire",
  fc.record({
    agent: number,
    asker,
    cwd: fc.nat({ max: 1 }),
    lease,
    dies,
    services: fc.array(fc.nat({ max: 1 }), {
      minLength: 1,
      maxLength: 2,
    }),
    prefer: rarely(
      1,
      fc.integer({
        min: 2998,
        max: 3009,
      }),
    ),
    exact: fc.boolean(),
    reuse: rarely(5, fc.constant(true)).map((value) => value === true),
    stays: rarely(2, fc.constant(true)).map((value) => value === true),
  }),
  acquireStep,
);

const release = step(
  "release",
  fc.record({
    agent: number,
    asker,
    cwd: fc.nat({ max: 1 }),
    byService: fc.boolean(),
    target: number,
    force: fc.boolean(),
    dies,
  }),
  releaseStep,
);

const reap = step(
  "reap",
  fc.record(
    { grace, maxAge: fc.constantFrom(20.01, 300.01), lease, dryRun: fc.boolean(), dies },
    { requiredKeys: ["dryRun", "dies"] },
  ),
  reapStep,
);

const doctor = step(
  "doctor",
  fc.record({ grace, dryRun: fc.boolean(), dies }, { requiredKeys: ["dryRun", "dies"] }),
  doctorStep,
);

const planting: fc.Arbitrary<world.Planting> = fc.record({
  port: number,
  service: number,
  lease,
  pid: number,
  owner: fc.constantFrom("unknown" as const, "another container" as const, "another host" as const),
  note: fc.jsonValue({ maxDepth: 3 }),
});

const seconds = fc.constantFrom(0.5, 3, 11, 29, 61, 700);
const configure = fc.record({
  grace: fc.constantFrom(30.01, 60.01, 600.01),
  range: fc.constantFrom([3000, 3002], [3000, 3007], [3004, 3009]),
  exclude: fc.subarray([3001, 3005, 3008]),
});

const serve = step("serve", fc.tuple(number, fc.constantFrom(...world.KINDS)), world.serve);
const end = step("end", number, world.end);
const pass = step("time passes", seconds, ({ machine }, value) => machine.advance(value));

const often = <T>(times: number, arbitrary: T) => Array.from({ length: times }, () => arbitrary);

/** Everything that may happen to a registry, the usual things more often. */
export const steps = [
  ...often(6, acquire),
  ...often(3, pass),
  ...often(2, serve),
  ...often(2, end),
  release,
  reap,
  doctor,
  step("stop serving", number, world.stopServing),
  step("begin", number, world.begin),
  step("plant", planting, world.plant),
  step("spoil", fc.tuple(number, fc.constantFrom("", "{", "{}", "\0\0")), world.spoil),
  step("suspend", seconds, ({ machine }, value) => machine.sleepThrough(value)),
  step("clock step", fc.constantFrom(-1e6, -40, 40, 1e6), ({ machine }, value) => {
    machine.wall += value * 1e6;
  }),
  step("reboot", rarely(1, fc.constant(true)), (scene, now) => now && scene.reboot()),
  step("configure", configure, (scene, { grace: value, range: [first = 0, last = 0], exclude }) => {
    scene.configure(first, last, value, exclude);
  }),
];
