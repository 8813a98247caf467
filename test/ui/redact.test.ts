import { expect, test } from "bun:test";
import type { ClaimView } from "../../registry/model/claim.ts";
import type { ClaimEvent } from "../../registry/model/event.ts";
import { redactEvent } from "../../ui/server/redact.ts";

const claim = { port: 3000, listeners: [], cwd: "/home/me/shop" } as unknown as ClaimView;
const event = (kind: ClaimEvent["event"], reason: string): ClaimEvent => {
  return { event: kind, at: "2026-03-17T14:32:01.123456Z", reason, claim };
};

test.each([
  ["claimed", "claimed by codex", "claimed by codex"],
  ["claimed", "claimed by codex: 3000 is in use by node (pid 7)", "claimed by codex"],
  ["released", "reaped by zsh (pid 5): its owner claude (pid 7) has exited", "reaped"],
  ["released", "released by the dashboard", "released"],
  ["changed", "stopped by zsh (pid 5): vite (pid 9)", "stopped"],
  ["changed", "server started", "server started"],
] as const)("a visitor from another machine sees of %p: %p only: %p", (kind, reason, shown) => {
  const redacted = redactEvent(event(kind, reason));
  expect(redacted).toMatchObject({ event: kind, reason: shown, claim: { port: 3000 } });
  expect(redacted.claim).not.toHaveProperty("cwd");
});
