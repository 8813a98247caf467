import { expect, test } from "bun:test";
import { evaluate } from "./evaluate.ts";
import type { Entry } from "./journal.ts";

const promised = (claim: string, at: number, port = 3000): Entry => ({
  do: "promised",
  since: at - 0.5,
  at,
  port,
  claim,
});
const ended = (claim: string, at: number, port = 3000): Entry => ({ do: "ended", at, port, claim });
const listening = (at: number): Entry => ({ do: "listening", at, port: 3000, claim: "server" });
const closing = (at: number): Entry => ({ do: "closing", at, port: 3000, claim: "server" });

const violations = (...entries: Entry[]) => evaluate(entries).violations;

test("a port that is promised again once it was given back is no violation", () => {
  expect(violations(promised("a", 1), ended("a", 2), promised("b", 2.5), ended("b", 3))).toEqual(
    [],
  );
});

test("a port that is promised while another has it is one, in whatever order they are recorded", () => {
  const both = [promised("b", 2), ended("b", 5), promised("a", 1), ended("a", 4)];
  expect(violations(...both)).toEqual(["3000 was promised to b while a had it"]);
});

test("a promise without an end lasts until the end of the run", () => {
  const three = [promised("a", 1), promised("b", 2), ended("b", 3), promised("c", 9)];
  expect(violations(...three)).toEqual([
    "3000 was promised to b while a had it",
    "3000 was promised to c while a had it",
  ]);
});

test("a port on which something listened throughout the call is one, else it is bad luck", () => {
  expect(violations(listening(1), promised("a", 2), closing(3))).toEqual([
    "3000 was promised to a while server listened",
  ]);
  expect(violations(listening(1), closing(1.8), promised("a", 2))).toEqual([]);
  expect(violations(listening(1.8), promised("a", 2), closing(3))).toEqual([]);
});

test("the most that were promised at one time are counted", () => {
  const entries = [promised("a", 1), promised("b", 2, 3001), ended("a", 3), promised("c", 4, 3002)];
  expect(evaluate(entries)).toMatchObject({ promises: 3, mostPromised: 2, violations: [] });
});
