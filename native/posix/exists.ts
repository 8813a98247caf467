/** Whether `kill(pid, 0)` finds a process, or a group for a negative pid. EPERM means that it does. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}
