import { statfsSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { ms, spread, type Times, median } from "./measure.ts";
import type { Stage } from "./stage.ts";

/** A ratio that should stay within a bound. Not asserted, since machines differ. */
export interface Budget {
  what: string;
  most?: number;
  least?: number;
  measured: number | undefined;
}

/** The results of one part. */
export interface Section {
  title: string;
  lines: string[];
  budgets: Budget[];
  /** An SVG picture for docs/performance.md. */
  picture?: string;
}

/** A table in Markdown; all columns except the first contain numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)];
}

/** A ratio for people; a dash if it was not measured. */
export const ratio = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(2));

/** Median and middle half of the elapsed times. */
export const walls = ({ wall }: Times): string[] => [ms(median(wall)), spread(wall)];

const FILE_SYSTEMS: Record<number, string> = {
  0xef53: "ext4",
  0x0102_1994: "tmpfs",
  0x5846_5342: "xfs",
  0x794c_7630: "overlayfs",
  0x9123_683e: "btrfs",
};

/** What times depend on: fsync is free on tmpfs, for example. */
function machineLine({ folder }: Stage): string {
  const [processor] = cpus();
  const node = Bun.which("node");
  const parts = [
    processor?.model ?? "unknown processor",
    `${cpus().length} cores`,
    `${type()} ${release()}`,
    FILE_SYSTEMS[statfsSync(folder).type] ?? "an unknown file system",
    `Bun ${Bun.version}`,
    ...(node
      ? [`Node ${Bun.spawnSync([node, "--version"]).stdout.toString().trim().slice(1)}`]
      : []),
    new Date().toISOString().slice(0, 10),
  ];
  return parts.join(", ");
}

function budgetLines(budgets: readonly Budget[]): string[] {
  const rows = budgets.map(
    ({ what, most = Infinity, least = -Infinity, measured = Number.NaN }) => {
      const bound = most === Infinity ? `≥ ${least}` : `≤ ${most}`;
      const met = measured <= most && measured >= least ? "yes" : "no";
      return [what, bound, ratio(measured), Number.isNaN(measured) ? "–" : met];
    },
  );
  return table(["ratio", "budget", "measured", "met"], rows);
}

/** All results as one page. */
export function report(stage: Stage, sections: readonly Section[], rounds: number): string {
  const intro = [
    "# Benchmark results",
    "",
    "Written by `bun run bench`, which builds and installs everything that is compared here and runs it side by",
    `side, in turn. Times are milliseconds: the median of ${rounds} rounds, unless stated otherwise, and the`,
    "middle half. Only the ratios carry over to another machine.",
    "",
    `${machineLine(stage)}.`,
    ...stage.notes.flatMap((note) => ["", note]),
  ];
  const parts = sections.flatMap(({ title, lines }) => ["", `## ${title}`, "", ...lines]);
  const budgets = budgetLines(sections.flatMap((section) => section.budgets));
  return `${[...intro, ...parts, "", "## Budgets", "", ...budgets].join("\n")}\n`;
}
