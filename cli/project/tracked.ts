import { basename, dirname } from "node:path";

/** Whether git tracks a file. Overrides the repository's settings that could start a program. */
export function isTracked(path: string): boolean {
  const safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"];
  const words = ["git", ...safe, "ls-files", "--error-unmatch", "--", basename(path)];
  try {
    const run = Bun.spawnSync(words, {
      cwd: dirname(path),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    return run.exitCode === 0;
  } catch {
    // Without git, nothing tracks it.
    return false;
  }
}
