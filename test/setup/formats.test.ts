import { describe, expect, test } from "bun:test";
import { addServer, removeServer } from "../../setup/edit.ts";
import { entryIn, type Format, othersIn, type Server } from "../../setup/format.ts";
import { json } from "../../setup/json.ts";
import { toml } from "../../setup/toml.ts";
import { yaml } from "../../setup/yaml.ts";

const SERVER: Server = {
  command: "/opt/port claim",
  args: ["mcp-serve"],
  env: { PORTCLAIM_HOME: "/srv/ports: a" },
};

const start = ({ command, args, env }: Server) => ({ command, args, ...(env && { env }) });
const FORMATS: Record<string, Format> = {
  json: { syntax: json, key: "mcpServers", start },
  toml: { syntax: toml, key: "mcp_servers", start },
  yaml: {
    syntax: yaml,
    key: "mcpServers",
    isList: true,
    start,
    defaults: { name: "portclaim" },
    head: { name: "n" },
  },
  map: { syntax: yaml, key: "extensions", start },
};

const parse = ({ syntax }: Format, text: string) => syntax.parse(text.replace("\ufeff", "")) ?? {};

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
  ["toml", 'mcp_servers = { portclaim = { command = "b" } }\n'],
  ["json", '{ // root\r\n\t"x": 1 // x\r\n}'],
  ["json", '{\n  "mcpServers": null,\n}\n'],
  ["map", ""],
  ["map", "a: 1\nextensions:\nz: {} # z\n"],
  ["map", "extensions: {} # none\n"],
  ["map", "extensions: # some\n    b: # b\n        cmd: |\n            x\n    # end\n\nz: 1"],
  ["map", "extensions:\r\n  b: {cmd: x}\r\n"],
  [
    "map",
    "extensions:\n  b: {}\n  portclaim: # ours\n    env:\n      A: b # yes\n    # own\n    command: y # z\n  # c\n  c: {}\n",
  ],
  ["map", "extensions: {b: {cmd: x}}"],
];

const commentsOf = (text: string) => text.match(/(\/\/|#) [a-z' ]+|\/\*.*?\*\//g) ?? [];

describe("the server is added once, and nothing else changes", () => {
  test.each(LAYOUTS)("%s %j", (name, text) => {
    const format = FORMATS[name] as Format;
    const { text: after = "" } = addServer(format, text, SERVER);
    const data = parse(format, after);
    expect(entryIn(data, format)).toMatchObject({ ...SERVER });
    const before = text.trim() === "" || text === "# only a comment\n" ? format.head : undefined;
    expect(othersIn(data, format)).toEqual(othersIn(before ?? parse(format, text), format));
    expect(commentsOf(after)).toEqual(expect.arrayContaining(commentsOf(text)));
    expect(after.replaceAll("\r\n", "").includes("\n")).toBe(
      !text.includes("\r\n") && after.includes("\n"),
    );
    expect(after.startsWith("\ufeff")).toBe(text.startsWith("\ufeff"));
    expect(addServer(format, after, SERVER)).toEqual({ change: "none", text: after });
  });
});

describe("the server is removed, and nothing else changes", () => {
  // Servers of YAML on one line are left to be edited by hand.
  const layouts = LAYOUTS.filter(([, text]) => !/^\w+: [[{]{1,2}\w/.test(text));
  test.each(layouts)("%s %j", (name, text) => {
    const format = FORMATS[name] as Format;
    const { text: after = "" } = addServer(format, text, SERVER);
    const { change, text: rest } = removeServer(format, after);
    expect(change).toBe("removed");
    if (rest === undefined) return;
    expect(othersIn(parse(format, rest), format)).toEqual(othersIn(parse(format, after), format));
    expect(removeServer(format, rest)).toEqual({ change: "none", text: rest });
    const isStrict = name === "json" && !/,\s*}/.test(text);
    if (isStrict) {
      const bare = rest.replace(/\/\*.*?\*\/|\/\/.*|\ufeff/g, "");
      expect(() => JSON.parse(bare)).not.toThrow();
    }
  });
});

const BUNX: Server = { command: "bunx", args: ["portclaim", "mcp-serve"] };

describe("the server goes where an editor would put it, and leaves no trace", () => {
  const entry = (margin: string, indent: string) =>
    JSON.stringify({ portclaim: start(BUNX) }, null, indent)
      .split("\n")
      .slice(1, -1)
      .map((line) => margin + line.slice(indent.length))
      .join("\n");
  const cases: [what: string, format: string, before: string, after: string][] = [
    [
      "behind the comments on the last server, before those on what comes next",
      "json",
      `{
  // Looks
  "ui": { "theme": "GitHub" },
  "mcpServers": {
    "docs": {
      "url": "https://docs.example.com/mcp", // over HTTP
      "timeout": 5000
    } // the only one
    // more to come
  },
  /* trust */
  "security": { "trust": { "enabled": true } } // for good
}
`,
      `{
  // Looks
  "ui": { "theme": "GitHub" },
  "mcpServers": {
    "docs": {
      "url": "https://docs.example.com/mcp", // over HTTP
      "timeout": 5000
    }, // the only one
${entry("    ", "  ")}
    // more to come
  },
  /* trust */
  "security": { "trust": { "enabled": true } } // for good
}
`,
    ],
    [
      "not into the servers of one project",
      "json",
      `{
  "projects": {
    "/shop": { "mcpServers": { "portclaim": { "command": "its own" } } }
  },
  "mcpServers": {},
  "user": "say \\"hi\\" // not a comment"
}
`,
      `{
  "projects": {
    "/shop": { "mcpServers": { "portclaim": { "command": "its own" } } }
  },
  "mcpServers": {
${entry("    ", "  ")}
  },
  "user": "say \\"hi\\" // not a comment"
}
`,
    ],
    [
      "indented by tabs, with no newline at the end",
      "json",
      `{\n\t"mcpServers": {\n\t\t"a": {}\n\t}\n}`,
      `{\n\t"mcpServers": {\n\t\t"a": {},\n${entry("\t\t", "\t")}\n\t}\n}`,
    ],
    [
      "on the one line that there is",
      "json",
      `{"mcpServers": {"github": {"args": ["run", "-i"]}}}`,
      `{"mcpServers": {"github": {"args": ["run", "-i"]}, "portclaim": { "command": "bunx", "args": [ "portclaim", "mcp-serve" ] }}}`,
    ],
    [
      "in a table of its own at the end, not in a string",
      "toml",
      `# My Codex
model = "gpt"  # the one I like

[mcp_servers.docs]
args = [
  "-y",  # yes to all
  "@example/docs]",
]

[mcp_servers.docs.env]
NOTE = """
[mcp_servers.portclaim]
command = "not this one"
"""
`,
      `# My Codex
model = "gpt"  # the one I like

[mcp_servers.docs]
args = [
  "-y",  # yes to all
  "@example/docs]",
]

[mcp_servers.docs.env]
NOTE = """
[mcp_servers.portclaim]
command = "not this one"
"""

[mcp_servers.portclaim]
command = "bunx"
args = [ "portclaim", "mcp-serve" ]
`,
    ],
    [
      "behind the last item of the list, before a comment on what comes next",
      "yaml",
      `# Mine
name: My Assistant  # shown in the menu
models:
  - apiKey: \${{ secrets.ANTHROPIC_API_KEY }}
mcpServers:
  # a database
  - name: SQLite MCP
    args:
      - "-y"
      - "mcp-sqlite" # the server
  # more to come

rules:
  - "Be brief: say what changed"
`,
      `# Mine
name: My Assistant  # shown in the menu
models:
  - apiKey: \${{ secrets.ANTHROPIC_API_KEY }}
mcpServers:
  # a database
  - name: SQLite MCP
    args:
      - "-y"
      - "mcp-sqlite" # the server
  - name: portclaim
    command: bunx
    args:
      - portclaim
      - mcp-serve
  # more to come

rules:
  - "Be brief: say what changed"
`,
    ],
  ];
  test.each(cases)("%s (%s)", (_what, name, before, after) => {
    const format = FORMATS[name] as Format;
    expect(addServer(format, before, BUNX)).toEqual({ change: "added", text: after });
    expect(removeServer(format, after)).toEqual({ change: "removed", text: before });
  });
});

describe("a server that starts otherwise is corrected where it is", () => {
  const cases: [format: string, before: string, after: string][] = [
    [
      "json",
      `{
  "mcpServers": {
    "portclaim": {
      // was npx
      "command": "npx",
      "timeout": 1000 // long
    }
  }
}`,
      `{
  "mcpServers": {
    "portclaim": {
      // was npx
      "command": "bunx",
      "timeout": 1000, // long
      "args": [
        "portclaim",
        "mcp-serve"
      ]
    }
  }
}`,
    ],
    [
      "json",
      `{"mcpServers": {"portclaim": {"command": "/old", "args": ["x"], "env": { "A": "b" }}, "b": 1}}`,
      `{"mcpServers": {"portclaim": {"command": "bunx", "args": ["portclaim","mcp-serve"], "env": { "A": "b" }}, "b": 1}}`,
    ],
    [
      "toml",
      `[mcp_servers.portclaim]
args = [ # old
  "mcp-serve",
]
command = '/old#1' # where it was
startup_timeout_sec = 20

[mcp_servers.portclaim.env]
A = "b"

# The next one
[mcp_servers.docs]
command = "npx"
`,
      `[mcp_servers.portclaim]
args = [ "portclaim", "mcp-serve" ]
command = "bunx" # where it was
startup_timeout_sec = 20

[mcp_servers.portclaim.env]
A = "b"

# The next one
[mcp_servers.docs]
command = "npx"
`,
    ],
    [
      "yaml",
      `mcpServers:
- name: portclaim
  command: /old/portclaim # where it was
  args:
    - mcp-serve
  connectionTimeout: 5000
- {name: docs,   command: npx}
`,
      `mcpServers:
- name: portclaim
  command: bunx # where it was
  args:
    - portclaim
    - mcp-serve
  connectionTimeout: 5000
- {name: docs,   command: npx}
`,
    ],
  ];
  test.each(cases)("%s %j", (name, before, after) => {
    const format = FORMATS[name] as Format;
    expect(addServer(format, before, BUNX)).toEqual({ change: "updated", text: after });
  });
});

test.each([
  [
    "json",
    '{"mcpServers":{"portclaim":{"command":"bunx","args":["portclaim","mcp-serve"],"env":{"A":"b"}}}}',
  ],
  [
    "json",
    '{\n  "mcpServers": {\n    // ports\n    "portclaim": { "command": "bunx", "args": ["portclaim", "mcp-serve"], "trust": true },\n  },\n}\n',
  ],
  [
    "toml",
    '[mcp_servers]\nportclaim = { command = "bunx", args = ["portclaim", "mcp-serve"] } # mine\n',
  ],
  [
    "yaml",
    "mcpServers: [{ name: portclaim, command: bunx, args: [portclaim, mcp-serve] }] # one line\n",
  ],
])("a server that was set up by hand is left alone: %s %j", (name, text) => {
  expect(addServer(FORMATS[name] as Format, text, BUNX)).toEqual({ change: "none", text });
});

describe("a file is refused", () => {
  const unsafe = "cannot be edited without changing other settings";
  test.each([
    ["toml", 'mcp_servers = { b = { command = "b" } }\n', unsafe, undefined],
    ["toml", "mcp_servers = 1\n", 'expected "mcp_servers" to be an object', undefined],
    ["toml", 'a = 1\n\n[mcp_servers.docs\ncommand = "x"\n', "", 3],
    ["json", '{"mcpServers": []}', 'expected "mcpServers" to be an object', undefined],
    ["json", '{"mcpServers": {"portclaim": 1}}', 'expected "portclaim" to be', undefined],
    ["json", "[]", "expected an object", undefined],
    ["json", '{\n  "a": {}\n  "b": 1\n}\n', "comma expected", 3],
    ["json", '{ "a": { "command": } }', "value expected", 1],
    ["json", '{\n  "a": {\n  }\n', "close brace expected", 4],
    ["yaml", "mcpServers: {}\n", 'expected "mcpServers" to be a list', undefined],
    ["yaml", "- a\n", "expected an object", undefined],
    ["yaml", "{name: a, mcpServers: []}\n", unsafe, undefined],
    ["map", "x: &x {A: b}\nextensions:\n  portclaim:\n    env: *x\n", unsafe, undefined],
    ["yaml", "a: 1\n---\nb: 2\n", "multiple documents", 2],
    ["yaml", "name: a\nmcpServers:\n  - name: docs\n   command: npx\n", "", 4],
  ] as const)("%s %j", (name, text, message, line) => {
    const format = FORMATS[name] as Format;
    const error = expect.objectContaining({ message: expect.stringContaining(message), line });
    expect(() => addServer(format, text, SERVER)).toThrow(error);
    if (message !== unsafe) expect(() => removeServer(format, text)).toThrow(error);
  });
});
