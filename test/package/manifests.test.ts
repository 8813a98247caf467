import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import manifest from "../../package.json";
import { PROJECT_SERVER } from "../../setup/server.ts";
import { ROOT } from "../binary.ts";

const text = (path: string) => readFileSync(`${ROOT}/${path}`, "utf8");
const json = (path: string) => JSON.parse(text(path));

describe("server.json of the MCP registry", () => {
  const server = json("server.json");
  const [npm] = server.packages;

  test("has the name and version of the npm package", () => {
    expect(manifest.mcpName).toBe(server.name);
    expect(npm.identifier).toBe(manifest.name);
    expect([server.version, npm.version]).toEqual([manifest.version, manifest.version]);
    expect(npm.packageArguments).toEqual([{ type: "positional", value: "mcp-serve" }]);
  });

  // https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
  test("matches the registry's schema", () => {
    expect(server.$schema).toEndWith("/schemas/2025-12-11/server.schema.json");
    expect(server.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    expect(server.description.length).toBeWithin(1, 101);
    expect(server.title.length).toBeWithin(1, 101);
    expect(server.repository).toEqual({ url: expect.stringMatching(/^https:/), source: "github" });
    expect(npm).toMatchObject({ registryType: "npm", transport: { type: "stdio" } });
    const known = "$schema name title description repository version packages".split(" ");
    expect(Object.keys(server).toSorted()).toEqual(known.toSorted());
  });
});

describe("the plugin of Claude Code", () => {
  const plugin = "contrib/claude-plugin";

  test("has the version of the package, the project's server and an exact copy of the skill", () => {
    const { name, version } = json(`${plugin}/.claude-plugin/plugin.json`);
    expect({ name, version }).toEqual({ name: "portclaim", version: manifest.version });
    expect(json(`${plugin}/.mcp.json`)).toEqual({ mcpServers: { portclaim: PROJECT_SERVER } });
    expect(text(`${plugin}/skills/portclaim/SKILL.md`)).toBe(text("skill/SKILL.md"));
  });

  test("is in the marketplace", () => {
    const { plugins } = json(".claude-plugin/marketplace.json");
    expect(plugins).toMatchObject([{ name: "portclaim", source: `./${plugin}` }]);
  });
});
