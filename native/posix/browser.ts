import { isDarwin } from "../system.ts";

/** Programs that open a URL in the user's browser: on macOS; on WSL and on any Linux desktop. */
const OPENERS = isDarwin ? ["open"] : ["wslview", "xdg-open"];

/**
 * Opens a URL in the browser: the first program of $BROWSER, as editors set it for remote sessions, else
 * the system's. Returns `false` if there is no program for it.
 */
export function openBrowser(url: string, env: Record<string, string | undefined>): boolean {
  const own = env["BROWSER"]?.split(":")[0];
  const programs = [...(own ? [own] : []), ...OPENERS].flatMap(
    (name) => Bun.which(name, { PATH: env["PATH"] ?? "" }) ?? [],
  );
  const [program] = programs;
  if (program === undefined) return false;
  const child = Bun.spawn([program, url], { env, stdio: ["ignore", "ignore", "ignore"] });
  child.unref();
  return true;
}
