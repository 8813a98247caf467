import { expect } from "bun:test";
import type { Claim } from "../../registry/model/claim.ts";
import { freePort, firstLine, PORTCLAIM, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { ownNetwork, ownPids } from "../privileged.ts";

const SCRIPTS = {
  "a pid namespace of its own": { run: ownPids, needed: "pid namespaces", ends: "dead" },
  // That a network has no process any more can't be proven where any process hides its own.
  "a network of its own": { run: ownNetwork, needed: "network namespaces", ends: "unknown" },
};

for (const [name, { run, needed, ends }] of Object.entries(SCRIPTS)) {
  needs(needed).test(
    `rows 7 and 50: a container with ${name} shares the registry: no port is claimed both inside and outside`,
    async () => {
      await using world = new World();
      const port = await freePort();
      const asking = ["--service", "web", "--prefer", String(port)];
      const inside = world.spawn(run('"$@" --pid $$; read _', ...PORTCLAIM, "acquire", ...asking));
      expect(Number(await firstLine(inside))).toBe(port);
      const text = await claimText(world, port);

      for (const sweep of ["reap", "doctor"]) await world.run([sweep, "--grace", "0s"]);
      expect(await claimText(world, port)).toBe(text);
      expect((await world.list()).find((claim) => claim.port === port)?.state).toBe("unknown");
      const refused = await world.run(["release", String(port)]);
      expect([refused.code, refused.out]).toEqual([1, ""]);

      const outside = await world.acquire(...asking);
      expect(outside).not.toBe(port);
      const again = await world.exec(run('"$@"', ...PORTCLAIM, "acquire", "--exact", ...asking));
      expect([again.code, again.out]).toEqual([3, ""]);
      const third = await world.exec(
        run('"$@" --pid $$', ...PORTCLAIM, "acquire", "--service", "api", "--prefer", `${outside}`),
      );
      expect([port, outside]).not.toContain(Number(third.out));

      await inside.stdin.end();
      await inside.exited;
      const ended = (await world.list()).find((claim) => claim.port === port)?.state;
      expect(["dead", ends]).toContain(ended as string);
      const late = await world.acquire("--service", "late", "--prefer", String(port));
      expect(late === port).toBe(ended === "dead");
    },
  );
}

async function claimText({ home }: World, port: number): Promise<string> {
  const text = await Bun.file(`${home}/claims/${port}.json`).text();
  expect((JSON.parse(text) as Claim).port).toBe(port);
  return text;
}
