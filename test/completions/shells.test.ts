import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, World } from "../harness.ts";
import { SHELL_NAMES, Terminal } from "./terminal.ts";

const HOSTILE = "evil$(touch ran)`touch ran`;touch ran";

describe.each(SHELL_NAMES)("in %s, Tab completes", (name) => {
  const world = new World();
  let terminal: Terminal;
  let port: number;
  const others: number[] = [];

  beforeAll(async () => {
    port = await world.acquire("--service", "web", "--prefer", String(await freePort()), "--exact");
    for (const service of ["data base", HOSTILE]) {
      others.push(await world.acquire("--service", service, "--project", "other"));
    }
    terminal = await Terminal.start(world, name);
  });
  afterAll(async () => {
    await terminal[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const completed = async (line: string) => (await terminal.complete(line)).slice(1);

  test("a command", async () => {
    expect(await completed("portclaim acq")).toEqual(["acquire"]);
  });

  test("a flag", async () => {
    expect(await completed("portclaim release --fo")).toEqual(["release", "--force"]);
  });

  test("the value of a flag", async () => {
    expect(await completed("portclaim acquire --lease p")).toEqual([
      "acquire",
      "--lease",
      "persistent",
    ]);
  });

  test("a value behind =", async () => {
    expect(await completed("portclaim acquire --lease=p")).toEqual([
      "acquire",
      "--lease=persistent",
    ]);
  });

  test("a live port", async () => {
    const typed = String(port).slice(0, -1);
    expect(await completed(`portclaim release ${typed}`)).toEqual(["release", String(port)]);
  });

  test("the common beginning of several ports, and shows them", async () => {
    const [first = "", second = ""] = others.map(String);
    const alike = [...first].findIndex((digit, i) => digit !== second[i]);
    const line = `portclaim stop --project other ${first.slice(0, alike)}`;
    expect(await terminal.offers(line, first, second)).not.toContain(String(port));
  });

  test("a live service of the project that is named", async () => {
    const line = "portclaim who --project other --service d";
    const words = ["who", "--project", "other", "--service", "data base"];
    expect(await completed(line)).toEqual(words);
  });

  test("a name between quotes", async () => {
    const words = ["find", "--service", "data base"];
    expect(await completed(`portclaim find --service "da`)).toEqual(words);
    expect(await completed(`portclaim find --service 'data b`)).toEqual(words);
    expect(await completed("portclaim find --service data\\ b")).toEqual(words);
  });

  test("a live project", async () => {
    expect(await completed("portclaim list --project my")).toEqual(["list", "--project", "my-app"]);
  });

  test("a name that looks like a command, quoted", async () => {
    expect(await completed("portclaim find --service evi")).toEqual(["find", "--service", HOSTILE]);
    expect(existsSync(join(world.cwd, "ran"))).toBe(false);
  });

  if (name === "bash") {
    test("no name between quotes that would run a command there", async () => {
      const words = await terminal.complete('portclaim find --service "evi', '"');
      expect(words.slice(1)).toEqual(["find", "--service", "evi"]);
      expect(existsSync(join(world.cwd, "ran"))).toBe(false);
    });
  }

  test("behind --, the words of the other command", async () => {
    await Bun.write(join(world.cwd, "server.js"), "");
    expect(await completed("portclaim run --service web -- node serv")).toEqual([
      "run",
      "--service",
      "web",
      "--",
      "node",
      "server.js",
    ]);
  });

  test("nothing where nothing matches", async () => {
    expect(await completed("portclaim acquire --prefer zz")).toEqual(["acquire", "--prefer", "zz"]);
  });
});
