import { expect, spyOn, test } from "bun:test";
import { FIRST, FOR_ROWS, OwnPorts } from "./ports.ts";

test("a test that needs few ports leaves the first ones to those that need many in a row", () => {
  using _random = spyOn(Math, "random").mockReturnValue(0);
  using ports = new OwnPorts(100);
  expect(ports.first).toBeGreaterThanOrEqual(FIRST + FOR_ROWS * 100);
});
