import { expect, test } from "bun:test";
import { Connection } from "../../mcp/connection.ts";
import { serving, Stage } from "../servers.ts";

test("a server that is suspended is reported to all who would use it", async () => {
  await using stage = new Stage();
  const port = await stage.claimed(stage.owner());
  const server = stage.spawn(serving(port));
  await stage.listening(port);
  server.kill("SIGSTOP");
  const suspended = /web is suspended \(python3.*, pid \d+\), and doesn't respond/;
  for (const line of [
    ["find", "web"],
    ["url", "web"],
    ["acquire", "web", "--reuse"],
  ]) {
    const { code, err } = await stage.run(line);
    expect([code, err]).toEqual([0, expect.stringMatching(suspended)]);
  }
  const another = await stage.run(["acquire", "web", "--json"]);
  expect(another.err).toMatch(/already listens on \d+ \(python3.*, pid \d+, suspended/);
  expect(JSON.parse(another.out)).toMatchObject({ others: [{ port, suspended: true }] });
  const { out } = await stage.run(["doctor", "--json"]);
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ check: "server", status: "warning", port }),
  );
  {
    await using connection = await Connection.open(stage);
    for (const tool of ["find", "acquire"]) {
      const { data } = await connection.call(tool, {
        service: "web",
        ...(tool === "acquire" && { reuse: true }),
      });
      expect(data["hint"]).toMatch(/is suspended \(python3.*, pid \d+\)/);
    }
  }
  server.kill("SIGCONT");
  expect((await stage.run(["find", "web"])).err).not.toContain("suspended");
});
