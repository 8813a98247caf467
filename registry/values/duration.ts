const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses "500ms", "30s", "10m", "1h30m", "2d" or "0" into seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    seconds += Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  }
  return seconds;
}

/** Formats seconds as the shortest text that {@link parseDuration} reads: 90 is "90s", 600 is "10m". */
export function formatDuration(seconds: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const size = UNITS[unit] ?? 1;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return seconds === 0 ? "0s" : `${Math.round(seconds * 1000)}ms`;
}
