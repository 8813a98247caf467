import { describe, expect, test } from "bun:test";
import { choosePort, type PortAvailability } from "../../../registry/allocate/choose-port.ts";
import { type Config, DEFAULTS } from "../../../registry/config/config.ts";
import { preferredPort, rangesFor } from "../../../registry/config/pool.ts";
import { BLOCKED_PORTS } from "../../../registry/model/blocked-ports.ts";
import type { Claim } from "../../../registry/model/claim.ts";

const config = (changes: Partial<Config> = {}): Config => ({
  ...DEFAULTS,
  range: { first: 4000, last: 4009 },
  ...changes,
});

interface Request {
  project?: string;
  preferred?: number;
  near?: number;
  exact?: boolean;
  /** The port that the service had last. */
  last?: number;
}

const choose = ({ last, ...request }: Request, settings: Config, availability: PortAvailability) =>
  choosePort(
    { project: "my-app", service: "web", exact: false, ...request },
    last,
    settings,
    availability,
  );

interface Scene {
  claimed?: number[];
  used?: number[];
  denied?: number[];
  /** Idle ephemeral claims, the oldest first. */
  idle?: number[];
  /** Ports that the process which the claim is for listens on. */
  owners?: number[];
  /** Ports that other services had last. */
  others?: number[];
}

const idleClaim = (port: number) => ({ port, service: "idle" }) as Claim;

function available(scene: Scene = {}): PortAvailability {
  const { claimed = [], used = [], denied = [], idle = [], owners = [], others = [] } = scene;
  return {
    isClaimed: (port) => claimed.includes(port) || idle.includes(port),
    idleOn: (port) => (idle.includes(port) ? idleClaim(port) : undefined),
    isAnothers: (port) => others.includes(port),
    isOwners: (port) => owners.includes(port),
    idleIn: ({ first, last }) =>
      idle.filter((port) => port >= first && port <= last).map(idleClaim),
    probe: (port) => (used.includes(port) ? "used" : denied.includes(port) ? "denied" : "free"),
  };
}

const chosen = (request: Request, scene?: Scene, settings?: Partial<Config>) =>
  choose(request, config(settings), available(scene))?.port;

describe("what is preferred", () => {
  const settings = config({
    projects: new Map([["my-app", { prefer: 4001 }]]),
    services: new Map([["web", { port: 4002 }]]),
  });

  test("the caller's preference comes first, then the service's port, then the project's", () => {
    expect(preferredPort(settings, "my-app", "web", 4003)).toBe(4003);
    expect(preferredPort(settings, "my-app", "web", undefined)).toBe(4002);
    expect(preferredPort(settings, "my-app", "api", undefined)).toBe(4001);
    expect(preferredPort(settings, "other", "api", undefined)).toBeUndefined();
  });
});

describe("the preferred port", () => {
  test("is given if it is free, before the last one", () => {
    expect(chosen({ preferred: 4005, last: 4002 })).toBe(4005);
  });

  test.each([1, 80, 2999, 10_000, 65_535])("may lie outside of the range: %d", (preferred) => {
    expect(chosen({ preferred })).toBe(preferred);
  });

  test("may be one that the walks skip", () => {
    expect(chosen({ preferred: 8484 })).toBe(8484);
    expect(chosen({ preferred: 6000 })).toBe(6000);
    expect(chosen({ preferred: 4005 }, {}, { exclude: new Set([4005]) })).toBe(4005);
  });

  test("claimed: the next one above it, continuing at the start of the range", () => {
    expect(chosen({ preferred: 4005 }, { claimed: [4005] })).toBe(4006);
    expect(chosen({ preferred: 4009 }, { claimed: [4009] })).toBe(4000);
    expect(chosen({ preferred: 4008 }, { claimed: [4008, 4009, 4000] })).toBe(4001);
  });

  test("in use by a foreign process, or not bindable: likewise", () => {
    expect(chosen({ preferred: 4005 }, { used: [4005] })).toBe(4006);
    expect(chosen({ preferred: 4005 }, { denied: [4005] })).toBe(4006);
  });

  test("outside of the range and taken: the range's start", () => {
    expect(chosen({ preferred: 80 }, { denied: [80] })).toBe(4000);
    expect(chosen({ preferred: 9000 }, { used: [9000] })).toBe(4000);
  });

  test("taken: the last one comes before the walk", () => {
    expect(chosen({ preferred: 4005, last: 4002 }, { used: [4005] })).toBe(4002);
  });

  test("exactly: that one or none", () => {
    expect(chosen({ preferred: 4005, exact: true })).toBe(4005);
    expect(chosen({ preferred: 4005, exact: true }, { claimed: [4005] })).toBeUndefined();
    expect(chosen({ preferred: 4005, exact: true, last: 4002 }, { used: [4005] })).toBeUndefined();
    expect(chosen({ preferred: 80, exact: true }, { denied: [80] })).toBeUndefined();
  });

  test("bound by the very process that it is for: it is given, unless it is claimed", () => {
    expect(chosen({ preferred: 4005 }, { used: [4005], owners: [4005] })).toBe(4005);
    const scene = { used: [4005], owners: [4005], claimed: [4005] };
    expect(chosen({ preferred: 4005, exact: true }, scene)).toBeUndefined();
  });

  test("idle: it is taken over, exactly or not", () => {
    const scene = { idle: [4005] };
    const taken = { port: 4005, takenFrom: idleClaim(4005) };
    expect(choose({ preferred: 4005 }, config(), available(scene))).toEqual(taken);
    expect(choose({ preferred: 4005, exact: true }, config(), available(scene))).toEqual(taken);
  });

  test("idle, but bound meanwhile: it is not", () => {
    expect(chosen({ preferred: 4005 }, { idle: [4005], used: [4005] })).toBe(4006);
  });
});

describe("the port it had last", () => {
  test("is given if it is free", () => {
    expect(chosen({ last: 4007 })).toBe(4007);
  });

  test.each([
    ["claimed", 4007, { claimed: [4007] }, {}],
    ["idle, as no request prefers it", 4007, { idle: [4007] }, {}],
    ["bound", 4007, { used: [4007] }, {}],
    ["out of range by now", 5000, {}, {}],
    ["excluded by now", 4007, {}, { exclude: new Set([4007]) }],
  ])("%s: the walk decides", (_, last, scene, settings) => {
    expect(chosen({ last }, scene, settings)).toBe(4000);
  });

  test("may be in the project's range, outside of the pool", () => {
    const projects = new Map([["my-app", { range: { first: 5000, last: 5009 } }]]);
    expect(chosen({ last: 5005 }, {}, { projects })).toBe(5005);
    expect(chosen({ last: 4005 }, {}, { projects })).toBe(4005);
    expect(chosen({ last: 5005, project: "other" }, {}, { projects })).toBe(4000);
  });
});

describe("the walks", () => {
  const projects = new Map([["my-app", { range: { first: 5000, last: 5002 } }]]);

  test("begin in the project's range and continue in the pool", () => {
    expect(rangesFor(config({ projects }), "my-app")).toEqual([
      { first: 5000, last: 5002 },
      { first: 4000, last: 4009 },
    ]);
    expect(chosen({}, {}, { projects })).toBe(5000);
    expect(chosen({}, { claimed: [5000], used: [5001] }, { projects })).toBe(5002);
    expect(chosen({}, { claimed: [5000, 5001, 5002] }, { projects })).toBe(4000);
    expect(chosen({ project: "other" }, {}, { projects })).toBe(4000);
  });

  test("skip what is claimed, bound, denied and excluded", () => {
    const scene = { claimed: [4000], used: [4001], denied: [4002] };
    expect(chosen({}, scene, { exclude: new Set([4003]) })).toBe(4004);
  });

  test("skip the dashboard's port, and those that browsers refuse", () => {
    const range = { first: 8484, last: 8485 };
    expect(chosen({}, {}, { range })).toBe(8485);
    expect(chosen({}, {}, { range: { first: 6665, last: 6670 } })).toBe(6670);
    expect(chosen({}, {}, { range: { first: 6665, last: 6669 } })).toBeUndefined();
  });

  test("probe nothing that was claimed, and nothing twice", () => {
    const asked: number[] = [];
    const scene = available({ claimed: [4000, 4002], used: [4001, 4003] });
    const probing = {
      ...scene,
      probe: (port: number) => {
        asked.push(port);
        return scene.probe(port);
      },
    };
    expect(choose({}, config(), probing)?.port).toBe(4004);
    expect(asked).toEqual([4001, 4003, 4004]);
  });

  test("row 40: end after one round", () => {
    let asked = 0;
    const probing: PortAvailability = {
      ...available(),
      probe: () => {
        asked++;
        return "used";
      },
    };
    expect(choose({ preferred: 4005 }, config(), probing)).toBeUndefined();
    expect(asked).toBe(11);
  });
});

describe("where nothing is free", () => {
  const claimed = [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007];

  test("the oldest idle claim is taken over", () => {
    const scene = available({ claimed, idle: [4009, 4008] });
    expect(choose({}, config(), scene)).toEqual({
      port: 4009,
      takenFrom: idleClaim(4009),
    });
  });

  test("but not one that is bound meanwhile", () => {
    expect(chosen({}, { claimed, idle: [4009, 4008], used: [4009] })).toBe(4008);
  });

  test("an idle claim in the project's range is taken over rather than leaving the range", () => {
    const projects = new Map([["my-app", { range: { first: 5000, last: 5001 } }]]);
    const scene = { claimed: [5000], idle: [5001] };
    expect(chosen({}, scene, { projects })).toBe(5001);
    expect(chosen({ project: "other" }, scene, { projects })).toBe(4000);
  });

  test("a port that no walk would choose isn't taken over either", () => {
    const range = { first: 6664, last: 6666 };
    expect(chosen({}, { claimed: [6664], idle: [6665, 6666] }, { range })).toBeUndefined();
    const exclude = new Set([4009]);
    expect(chosen({}, { claimed: [...claimed, 4008], idle: [4009] }, { exclude })).toBeUndefined();
  });

  test("there is none", () => {
    expect(chosen({}, { claimed: [...claimed, 4008, 4009] })).toBeUndefined();
  });
});

test("no port that browsers refuse is missing", () => {
  // The ends and oddities of the WHATWG list, and neighbors that are not on it.
  for (const port of [1, 22, 25, 587, 1719, 2049, 4190, 5060, 6000, 6566, 6669, 6697, 10_080]) {
    expect([port, BLOCKED_PORTS.includes(port)]).toEqual([port, true]);
  }
  for (const port of [80, 443, 3000, 5173, 5432, 6001, 6664, 6670, 8080, 10_081]) {
    expect([port, BLOCKED_PORTS.includes(port)]).toEqual([port, false]);
  }
});
