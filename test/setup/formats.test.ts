import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { carryOut, planToAdd } from "../../setup/change.ts";
import type { Format, Server } from "../../setup/format.ts";
import { json } from "../../setup/json.ts";
import { merge, unmerge } from "../../setup/merge.ts";
import { toml } from "../../setup/toml.ts";
import { yaml } from "../../setup/yaml.ts";
import { temporaryFolder } from "../harness.ts";

const SERVER: Server = {
  command: "/opt/port claim",
  args: ["mcp-serve"],
  env: { PORTCLAIM_HOME: "/srv/ports: a" },
};
const FORMATS: Record<string, Format> = { json: json(), toml, yaml: yaml({ name: "n" }) };

/** Layouts in which an edit could go astray. */
const LAYOUTS: [format: string, text: string][] = [
  ["json", ""],
  ["json", "{}"],
  ["json", "\ufeff{\n}\n"],
  ["json", "// only a comment\n"],
  ["json", '{ "mcpServers": {} }'],
  ["json", '{\n  "mcpServers": { // none yet\n  }\n}\n'],
  ["json", '{\n  "mcpServers": {\n    "a": {} /* a, b */ // c\n    // d\n  },\n}\n'],
  ["json", '{\n  "a": 1\n  , "mcpServers": {\n    "b": {}\n    , "c": {}\n  }\n}'],
  ["json", '{ "a": "}/*{",\n  "mcpServers": { "b": { "args": ["portclaim"] } } }'],
  [
    "json",
    '{\n  "mcpServers": {\n    "portclaim": {"command": "x"}, // ours\n    // b\'s\n    "b": {}\n  }\n}',
  ],
  ["json", '{\n  "mcpServers": {\n    "b": {}, "portclaim": {\n      "args": []\n    }\n  }\n}'],
  ["toml", ""],
  ["toml", "# only a comment"],
  ["toml", "\ufeffa = 1\n"],
  ["toml", "[mcp_servers]\n"],
  ["toml", "a = 1 # no newline at the end"],
  ["toml", 'a = """\n[mcp_servers.portclaim]\n"""\n[[list]]\nb = \'[x]\'\n'],
  ["toml", '["mcp_servers" . \'portclaim\']\r\ncommand = "x" # y\r\n\r\n[z]\r\n'],
  [
    "toml",
    'mcp_servers.portclaim.command = "x"\nmcp_servers.portclaim.args = ["mcp-serve"]\nz = 1\n',
  ],
  ["toml", '[mcp_servers]\nportclaim = { command = "x", args = [] }\nb = { command = "b" }\n'],
  ["toml", '[mcp_servers.b]\nargs = [ # [\n  "]", # ]\n]\n'],
  [
    "toml",
    "[mcp_servers.portclaim] # ours\nenabled = true # yes\n[mcp_servers.portclaim.env]\nA = 'b'",
  ],
  ["toml", "big = 9223372036854775807\nwhen = 1979-05-27T07:32:00Z\n"],
  ["yaml", ""],
  ["yaml", "# only a comment\n"],
  ["yaml", "\ufeffname: a\nmcpServers:\n  - name: b\n"],
  ["yaml", "name: a\nmcpServers:\nrules: [] # r\n"],
  ["yaml", "name: a\nmcpServers: [] # none\nrules: []\n"],
  ["yaml", "name: a\nmcpServers: # some\n- name: b\n  command: |\n    x\n# end\n"],
  ["yaml", "name: a\r\nmcpServers:\r\n    -   name: b\r\n        command: c\r\n"],
  [
    "yaml",
    "name: a\nmcpServers:\n  - {name: b, command: c}\n  - name: portclaim\n    args: [x]\n    command: c\n",
  ],
  ["yaml", "mcpServers:\n- name: portclaim # ours\n  env:\n    A: b # yes\n- name: b\n"],
  ["yaml", "mcpServers:\r\n  - name: portclaim\r\n"],
  ["yaml", "mcpServers: [{name: b, command: c}]\nname: a"],
];

const commentsOf = (text: string) => text.match(/(\/\/|#) [a-z' ]+|\/\*.*?\*\//g) ?? [];

describe("the server goes in, once, and nothing else changes", () => {
  test.each(LAYOUTS)("%s %j", (name, text) => {
    const format = FORMATS[name] as Format;
    const { text: after } = merge(format, text, SERVER);
    expect(format.find(format.parse(after))).toMatchObject(SERVER);
    expect(commentsOf(after)).toEqual(expect.arrayContaining(commentsOf(text)));
    expect(after.includes("\r\n")).toBe(text.includes("\r\n"));
    expect(merge(format, after, SERVER)).toEqual({ change: "none", text: after });
    const others = format.drop(format.put(format.parse(text), SERVER));
    expect(format.drop(format.parse(after))).toEqual(others);
  });
});

describe("the server goes out, and nothing else changes", () => {
  // A list of YAML on one line is left to be edited by hand.
  const layouts = LAYOUTS.filter(([, text]) => !text.startsWith("mcpServers: [{"));
  test.each(layouts)("%s %j", (name, text) => {
    const format = FORMATS[name] as Format;
    const { text: after } = merge(format, text, SERVER);
    const { change, text: rest } = unmerge(format, after);
    expect(change).toBe("removed");
    expect(format.parse(rest)).toEqual(format.drop(format.parse(after)));
    expect(unmerge(format, rest)).toEqual({ change: "none", text: rest });
    if (name === "json" && !text.includes(",\n}")) {
      expect(() => JSON.parse(rest.replace(/\/\*.*?\*\/|\/\/.*|\ufeff/g, ""))).not.toThrow();
    }
  });
});

describe("a layout that can't be edited without a risk is refused", () => {
  test.each([
    ["toml", 'mcp_servers = { b = { command = "b" } }\n', "edited safely"],
    ["toml", 'mcp_servers = { portclaim = { command = "b" } }\n', "edited safely"],
    ["toml", "mcp_servers = 1\n", "not an object"],
    ["json", '{"mcpServers": []}', "not an object"],
    ["json", "[]", "not an object"],
    ["yaml", "mcpServers: {}\n", "not a list"],
    ["yaml", "- a\n", "not an object"],
    ["yaml", "a: 1\n---\nb: 2\n", "multiple documents"],
  ])("%s %j", (name, text, message) => {
    expect(() => merge(FORMATS[name] as Format, text, SERVER)).toThrow(message);
  });
});

test("a file that somebody wrote to in the meantime is left as it is", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "mcp.json");
  writeFileSync(path, "{}\n");
  const plan = planToAdd({ path, format: json() }, SERVER);
  writeFileSync(path, '{ "theirs": true }\n');
  expect(() => carryOut(plan, true)).toThrow("another program is writing to it");
  expect(readFileSync(path, "utf8")).toBe('{ "theirs": true }\n');
  expect(readdirSync(folder.path)).toEqual(["mcp.json"]);
});
