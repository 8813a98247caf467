/** A time span for people: 3s, 12m, 5h, 2d. */
export function formatAge(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Microseconds since 1970 in the format of `claimed_at`. */
export function formatTime(microseconds: number): string {
  const rest = microseconds % 1000;
  const date = new Date((microseconds - rest) / 1000).toISOString().slice(0, -1);
  return `${date}${String(rest).padStart(3, "0")}Z`;
}
