import { beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { World } from "../harness.ts";
import { buildBinary } from "../owner/scene.ts";
import { AGENTS, type AgentName, FILES, fixture, PACKAGE } from "./files.ts";

beforeAll(buildBinary);

/** A home with one agent's file in it. */
class Home extends World {
  readonly file: string;

  constructor(
    readonly agent: AgentName,
    text?: string,
  ) {
    super();
    // A terminal that has PORTCLAIM_HOME would have it written.
    delete this.env["PORTCLAIM_HOME"];
    this.file = this.path(FILES[agent].user);
    if (text === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, text, { mode: 0o640 });
  }

  get text(): string | undefined {
    return existsSync(this.file) ? readFileSync(this.file, "utf8") : undefined;
  }

  async setup(...flags: string[]) {
    const { code, out, err } = await this.exec([...PACKAGE, "setup", this.agent, ...flags]);
    return { code, err, change: code === 0 ? JSON.parse(out).files[0].change : undefined };
  }
}

describe.each(AGENTS)("setup %s", (agent) => {
  test("makes the file where there is none, and takes it away again", async () => {
    await using home = new Home(agent);
    expect(await home.setup()).toMatchObject({ code: 0, change: "added" });
    expect(home.text).toBe(fixture(agent, "empty.after") as string);
    expect(statSync(home.file).mode & 0o777).toBe(0o600);
    expect(await home.setup("--remove")).toMatchObject({ code: 0, change: "removed" });
    expect(home.text).toBeUndefined();
    expect(await home.setup("--remove")).toMatchObject({ code: 0, change: "none" });
  });

  test("fills an empty file", async () => {
    await using home = new Home(agent, "\n");
    await home.setup();
    expect(home.text).toBe(fixture(agent, "empty.after") as string);
  });

  test("keeps other servers, comments, order and mode; twice is once; and takes out only its own", async () => {
    const before = fixture(agent, "existing.before") as string;
    await using home = new Home(agent, before);
    expect(await home.setup()).toMatchObject({ code: 0, change: "added" });
    const after = fixture(agent, "existing.after") as string;
    expect(home.text).toBe(after);
    expect(statSync(home.file).mode & 0o777).toBe(0o640);
    chmodSync(home.file, 0o440);
    expect(await home.setup()).toMatchObject({ code: 0, change: "none" });
    expect(home.text).toBe(after);
    expect(await home.setup("--remove")).toMatchObject({ code: 0, change: "removed" });
    expect(home.text).toBe(before);
  });

  test("leaves a file alone in which it is set up already, by hand or otherwise", async () => {
    const before = fixture(agent, "already.before") as string;
    await using home = new Home(agent, before);
    const { mtimeMs, ino } = statSync(home.file);
    expect(await home.setup()).toMatchObject({ code: 0, change: "none", err: "" });
    expect(statSync(home.file)).toMatchObject({ mtimeMs, ino });
  });

  test("refuses a file that it can't understand, says where, and leaves it as it is", async () => {
    const before = fixture(agent, "malformed.before") as string;
    await using home = new Home(agent, before);
    const line = fixture(agent, "malformed.line");
    for (const flags of [[], ["--remove"]]) {
      const { code, err } = await home.setup(...flags);
      expect(code).not.toBe(0);
      const { message, hint } = JSON.parse(err).error;
      expect(message).toStartWith(`Cannot change ${home.file}${line ? `:${line}` : ""}: `);
      expect(hint).toStartWith("mend it");
      expect(home.text).toBe(before);
    }
  });
});

describe("a server that is started otherwise is set right, what else its entry holds is kept", () => {
  const agents = AGENTS.filter((agent) => fixture(agent, "other.before") !== undefined);
  test.each(agents)("for %s", async (agent) => {
    await using home = new Home(agent, fixture(agent, "other.before") as string);
    expect(await home.setup()).toMatchObject({ code: 0, change: "updated" });
    expect(home.text).toBe(fixture(agent, "other.after") as string);
  });
});
