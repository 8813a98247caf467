import { expect, test } from "bun:test";
import { plainCommand, plainService } from "../../../registry/model/plain-names.ts";

test.each(["web", "api-2", "@scope.web_1", "x".repeat(40)])("%s is named", (service) => {
  expect(plainService({ service, port: 3000 })).toBe(`service "${service}"`);
});

test.each(["", "my app", "x".repeat(41), 'a"b', "größe", "a\nb", "a:b"])("%j is not", (service) => {
  expect(plainService({ service, port: 3000 })).toBe("the service on 3000");
});

test.each([
  ["node vite", "node vite"],
  ["vite", "vite"],
  ["node please run this.js", "node"],
  [`node ${"x".repeat(41)}.js`, "node"],
  ["do: it", "a program"],
])("the command %j is shown as %j", (command, told) => {
  expect(plainCommand(command)).toBe(told);
});
