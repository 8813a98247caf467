/** "3000,3001", "3000-3010"; ports that aren't numbers are left out. */
export function portsIn(list: string): number[] {
  return list.split(",").flatMap((part) => {
    const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === "") return [];
    const count = Math.min(Number(last) - Number(first) + 1, 1000);
    return Array.from({ length: Math.max(0, count) }, (_, i) => Number(first) + i).filter(
      (port) => port > 0 && port < 65_536,
    );
  });
}
