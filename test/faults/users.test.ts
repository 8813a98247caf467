import { expect } from "bun:test";
import { readdirSync } from "node:fs";
import { freePort, PORTCLAIM, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { AS_NOBODY, NOBODY } from "../privileged.ts";

needs("another user").test(
  "row 36: two users have two registries, and only see each other's listeners",
  async () => {
    await using mine = new World();
    await using theirs = new World();
    Bun.spawnSync(["chown", "-R", `${NOBODY}:${NOBODY}`, theirs.path(".")]);
    const keeper = theirs.spawn([...AS_NOBODY, "sleep", "60"]);
    const asNobody = (...args: string[]) => {
      const pid = ["--pid", String(keeper.pid)];
      return theirs.exec([...AS_NOBODY, ...PORTCLAIM, "acquire", ...args, ...pid]);
    };
    const port = await freePort();
    const asking = ["--service", "web", "--prefer", String(port)];
    expect(await mine.acquire(...asking)).toBe(port);
    expect(await asNobody(...asking)).toMatchObject({ code: 0, out: `${port}\n` });
    expect(readdirSync(`${mine.home}/claims`)).toEqual(readdirSync(`${theirs.home}/claims`));

    await mine.listen(port);
    const exact = await asNobody("--service", "api", "--prefer", String(port), "--exact");
    expect([exact.code, exact.out]).toEqual([3, ""]);
    const other = await asNobody("--service", "api", "--prefer", String(port));
    expect(other.code).toBe(0);
    expect(Number(other.out)).not.toBe(port);
  },
);

needs("another user").test(
  "another user's listener isn't stopped, with --force or without",
  async () => {
    await using theirs = new World();
    Bun.spawnSync(["chown", "-R", `${NOBODY}:${NOBODY}`, theirs.path(".")]);
    const port = await theirs.listen();
    for (const flags of [[], ["--force"]]) {
      const command = [...AS_NOBODY, ...PORTCLAIM, "stop", `${port}`, ...flags, "--json"];
      const { code, err } = await theirs.exec(command);
      const { hint } = (JSON.parse(err) as { error: { hint: string } }).error;
      expect([code, hint]).toEqual([1, expect.not.stringContaining("--force")]);
      expect(hint).toContain(`portclaim who ${port}`);
    }
  },
);
