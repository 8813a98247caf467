import { expect, test } from "bun:test";
import { PORTCLAIM, World } from "../../harness.ts";

// proc_pid_stat(5) gives 0 for a process group whose leader lives in an outer pid namespace, as in
// `unshare --pid --fork` or a bwrap sandbox without --new-session.
test("a claim from a process group that began outside of the pid namespace can be read", async () => {
  await using world = new World();
  const line = '"$@" acquire --service web > port && "$@" list --json';
  const inside = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", line, "sh"];
  const { out, err } = await world.exec([...inside, ...PORTCLAIM]);
  expect(err).toBe("");
  const port = Number(await Bun.file(`${world.cwd}/port`).text());
  expect(JSON.parse(out)).toMatchObject([{ port, service: "web", state: "starting" }]);
});
