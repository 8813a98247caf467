import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "../harness.ts";
import { Connection, McpWorld, PATIENT, SERVERS, TOOLS } from "./connection.ts";

/** What each tool is called with, one after the other, and a field of its result. */
const CALLS: [tool: string, args: Record<string, string | number>, field: string][] = [
  ["acquire", { service: "api" }, "port"],
  ["find", { service: "web" }, "claim"],
  ["list", {}, "claims"],
  ["reap", {}, "settled"],
  ["release", { service: "web" }, "released"],
];

describe("the SDK's own client works with the server", () => {
  test.concurrent.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])(
    "from %s",
    async (kind) => {
      await using world = new McpWorld();
      await using connection = await Connection.open(world, { command: SERVERS[kind] });
      const { client } = connection;
      expect(client.getServerVersion()?.name).toBe("portclaim");
      expect(client.getInstructions()).toContain("portclaim_acquire");
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(TOOLS);
      await connection.acquire({ service: "web" });
      for (const [tool, args, field] of CALLS) {
        const { data, isError } = await connection.call(tool, args);
        expect(isError).toBe(false);
        expect(data).toMatchObject({ ok: true, [field]: expect.anything() });
      }
      const { resources } = await client.listResources();
      expect(resources.map(({ uri }) => uri)).toEqual(["portclaim://claims"]);
      const { contents } = await client.readResource({ uri: "portclaim://claims" });
      expect(contents).toMatchObject([{ mimeType: "application/json" }]);
      const { claims } = JSON.parse((contents[0] as { text: string }).text);
      expect(claims).toMatchObject([{ service: "api", project: "my-app" }]);
    },
  );
});

describe("the Inspector's command line works with the server", () => {
  const INSPECTOR = join(
    ROOT,
    "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
  );
  const inspect = async (world: McpWorld, kind: "package" | "binary", ...args: string[]) => {
    // Like most clients it doesn't pass its own environment on.
    const home = ["-e", `PORTCLAIM_HOME=${world.home}`];
    const command = [process.execPath, INSPECTOR, "--cli", ...home, ...SERVERS[kind], ...args];
    const { code, out, err } = await world.exec(command);
    return { code, err, answer: out.startsWith("{") ? JSON.parse(out) : out };
  };

  test.concurrent.each(["package", "binary"] as const)(
    "as %s",
    async (kind) => {
      await using world = new McpWorld();
      // --strict ends with 6 where a schema is one that some client refuses.
      const shown = await inspect(world, kind, "--method", "tools/list", "--strict");
      expect([shown.code, shown.err]).toEqual([0, ""]);
      expect(shown.answer.tools.map(({ name }: { name: string }) => name)).toEqual(TOOLS);
      await world.acquire("--service", "web");
      // One call shows how the package is started; what the tools do is the same.
      for (const [tool, args, field] of kind === "binary" ? CALLS : CALLS.slice(0, 1)) {
        const words = Object.entries(args).map(([key, value]) => `${key}=${value}`);
        const how = ["--method", "tools/call", "--tool-name", `portclaim_${tool}`];
        const given = words.length > 0 ? ["--tool-arg", ...words] : [];
        const { code, answer } = await inspect(world, kind, ...how, ...given);
        expect(code).toBe(0);
        expect(answer.structuredContent).toMatchObject({ ok: true, [field]: expect.anything() });
      }
      const uri = ["--method", "resources/read", "--uri", "portclaim://claims"];
      const { answer } = await inspect(world, kind, ...uri);
      const { claims } = JSON.parse(answer.contents[0].text);
      expect(claims).toContainEqual(expect.objectContaining({ service: "api" }));
    },
    PATIENT,
  );
});
