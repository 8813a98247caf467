import type { Check } from "../../registry/maintain/doctor.ts";
import { printable } from "./printable.ts";

const COLORS: Record<Check["status"], string> = {
  error: "31",
  warning: "33",
  fixed: "36",
  ok: "32",
};
const STATUSES = Object.keys(COLORS) as Check["status"][];

/** How many kept claims to name. */
const SHOWN = 8;

/** What doctor found, for people: problems first, kept claims in one line, then a summary. */
export function doctorReport(
  checks: readonly Check[],
  { color, dryRun }: { color: boolean; dryRun: boolean },
): string {
  const kept = checks.filter(isKept);
  const others = checks.filter((check) => !isKept(check));
  const shown = [...others, ...(kept.length > 1 ? [together(kept)] : kept)];
  const sorted = STATUSES.flatMap((status) => shown.filter((check) => check.status === status));
  const lines = sorted.map((check) => linesOf(check, color, dryRun));
  return `${lines.join("")}${summaryOf(checks, dryRun)}\n`;
}

const isKept = ({ check, status, port }: Check) =>
  check === "claim" && status === "ok" && port !== undefined;

function together(kept: readonly Check[]): Check {
  const ports = kept.slice(0, SHOWN).map(({ port }) => port);
  const more = kept.length > SHOWN ? ` and ${kept.length - SHOWN} more` : "";
  const message = `${kept.length} claims kept, though nothing listens yet: ${ports.join(", ")}${more}`;
  return {
    check: "claim",
    status: "ok",
    message,
    hint: "to release them now: portclaim doctor --grace 0s",
  };
}

function linesOf({ status, check, message, hint }: Check, color: boolean, dryRun: boolean): string {
  const padded = nameOf(status, dryRun).padEnd(7);
  const shown = color ? `\u001b[${COLORS[status]}m${padded}\u001b[0m` : padded;
  const more = hint === undefined ? "" : `                 ${printable(hint)}\n`;
  return `${shown}  ${check.padEnd(6)}  ${printable(message)}\n${more}`;
}

const nameOf = (status: Check["status"], dryRun: boolean) =>
  dryRun && status === "fixed" ? "fixable" : status;

/** "2 warnings, 1 fixed", or "no problems found". */
function summaryOf(checks: readonly Check[], dryRun: boolean): string {
  const counts = STATUSES.filter((status) => status !== "ok").flatMap((status) => {
    const count = checks.filter((check) => check.status === status).length;
    if (count === 0) return [];
    const isNoun = status !== "fixed" && count > 1;
    return [`${count} ${nameOf(status, dryRun)}${isNoun ? "s" : ""}`];
  });
  return counts.length === 0 ? "no problems found" : counts.join(", ");
}
