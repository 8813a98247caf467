import { expect, test } from "bun:test";
import { doctorReport } from "../../../cli/output/doctor-report.ts";
import type { Check } from "../../../registry/maintain/doctor.ts";

const kept = (port: number): Check => ({
  check: "claim",
  status: "ok",
  port,
  message: `${port} (web in shop) kept: nothing listens yet, but it is younger than 10m`,
  hint: "to release it now: portclaim doctor --grace 0s",
});
const CHECKS: Check[] = [
  { check: "home", status: "ok", message: "/home/me/.portclaim is private" },
  kept(3000),
  { check: "claim", status: "fixed", port: 3002, message: "3002 (api in shop) reaped: it exited" },
  { check: "server", status: "warning", port: 3003, message: "web in shop listens on 5173" },
  { check: "config", status: "error", message: "config.toml:2: unknown key", hint: "fix it" },
];
const report = (checks: Check[], dryRun = false) =>
  doctorReport(checks, { color: false, dryRun }).trimEnd().split("\n");

test("problems come first, what is fine last, then a summary", () => {
  expect(report(CHECKS)).toEqual([
    "error    config  config.toml:2: unknown key",
    "                 fix it",
    "warning  server  web in shop listens on 5173",
    "fixed    claim   3002 (api in shop) reaped: it exited",
    "ok       home    /home/me/.portclaim is private",
    "ok       claim   3000 (web in shop) kept: nothing listens yet, but it is younger than 10m",
    "                 to release it now: portclaim doctor --grace 0s",
    "1 error, 1 warning, 1 fixed",
  ]);
});

test("several kept claims are one line", () => {
  const ports = Array.from({ length: 10 }, (_, i) => 3000 + i);
  expect(report(ports.map(kept))).toEqual([
    "ok       claim   10 claims kept, though nothing listens yet: " +
      "3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007 and 2 more",
    "                 to release them now: portclaim doctor --grace 0s",
    "no problems found",
  ]);
});

test("a dry run says what can be fixed", () => {
  expect(report(CHECKS, true).at(-1)).toBe("1 error, 1 warning, 1 fixable");
});
