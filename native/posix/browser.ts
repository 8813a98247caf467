/** Programs that open a URL in the user's browser: on macOS; on WSL, then on any Linux desktop. */
const OPENERS = process.platform === "darwin" ? ["open"] : ["wslview", "xdg-open"];

/** Opens a URL in the browser; `false` if no program for that is installed. */
export function openBrowser(url: string, env: Record<string, string | undefined>): boolean {
  const path = env["PATH"] ?? "";
  const program = OPENERS.find((name) => Bun.which(name, { PATH: path }));
  if (program === undefined) return false;
  const child = Bun.spawn([Bun.which(program, { PATH: path }) ?? program, url], {
    env,
    stdio: ["ignore", "ignore", "ignore"],
  });
  child.unref();
  return true;
}
