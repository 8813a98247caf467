/** Whether `kill(pid, 0)` finds a process, or a process group for a negative pid. EPERM counts as yes. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}
