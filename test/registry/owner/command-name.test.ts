import { expect, test } from "bun:test";
import { commandName } from "../../../registry/owner/command-name.ts";
import { AGENT, FakeMachine } from "../../fake-machine.ts";

test.each([
  [["/usr/bin/python3.12", "-m", "http.server"], "python3.12 http.server"],
  [["node", "--enable-source-maps", "/app/server.js"], "node server.js"],
  [["node", "/app/node_modules/.bin/vite", "dev"], "node vite"],
  [["node", "/app/cli.js"], "node cli.js"],
  [["node", "/lib/node_modules/@qwen-code/qwen-code/dist/cli.js"], "node qwen-code"],
  [["node", "/lib/node_modules/a/node_modules/serve/main.js"], "node serve"],
  [["python3", "-c", "import socket\nkey = 'secret'"], "python3"],
  [["python3", "-Iuc", "key = 'secret'"], "python3"],
  [["node", "--no-warnings", "-e", "fetch('https://user:secret@host/x')", "a"], "node"],
  [["node", "--eval", "1", "a"], "node"],
  [["perl", "-ne", "print if /secret/"], "perl"],
  [["ruby", "-e", "sleep"], "ruby"],
  [["php", "-r", "sleep(9);"], "php"],
  [["php", "-S", "localhost:80"], "php localhost:80"],
])("%j is shown as %j", (argv, name) => {
  const machine = new FakeMachine();
  const process = machine.process(AGENT);
  expect(process && commandName(machine, process, argv)).toBe(name);
});
