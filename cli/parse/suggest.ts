import type { Options } from "./options.ts";

/** Flags of other tools with the same meaning as ours. */
const MEANINGS = new Map(
  Object.entries({
    port: "prefer",
    "prefer-port": "prefer",
    name: "service",
    for: "service",
    svc: "service",
    app: "project",
    owner: "pid",
    strict: "exact",
    existing: "reuse",
    output: "format",
    kill: "force",
    yes: "force",
    check: "dry-run",
    since: "max-age",
    browser: "open",
    host: "bind",
    address: "bind",
    url: "http",
    tail: "limit",
    lines: "limit",
    "older-than": "max-age",
    p: "port",
    f: "force",
    a: "all",
    t: "timeout",
    j: "json",
    n: "dry-run",
    y: "force",
  }),
);

/** The most likely intended flag, as typed, if any is close enough. */
export function suggestFlag(flag: string, options: Options): string | undefined {
  const name = flag.replace(/^-+/, "");
  const flags = Object.keys(options).filter((one) => !options[one]?.onlyPlain);
  const other = MEANINGS.get(name);
  const meant = other !== undefined && flags.includes(other) ? other : suggest(name, flags);
  return meant === undefined ? undefined : `--${meant}`;
}

/** The most likely intended candidate, if any is close enough. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate) }))
    .filter(({ candidate, far }) => far <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.far - b.far);
  return near[0]?.candidate ?? candidates.find((candidate) => isStart(word, candidate));
}

function isStart(word: string, candidate: string): boolean {
  return word.length >= 2 && candidate.startsWith(word);
}

/** Letters to add, drop, change or swap (the restricted Damerau-Levenshtein distance). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] ?? [];
      const change = (above[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      let least = Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
