import { mkdirSync } from "node:fs";
import { firstLine, script, type World } from "./harness.ts";

const SETTINGS = [
  "user.name=Tester",
  "user.email=tester@example.invalid",
  "init.defaultBranch=main",
];

/** Whether this machine has git. */
export const hasGit = Bun.which("git") !== null;

/** Runs git in a directory, with no configuration but that of the repository; fails if it fails. */
export async function git(world: World, cwd: string, ...args: string[]): Promise<void> {
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const settings = SETTINGS.flatMap((setting) => ["-c", setting]);
  const { code, err } = await world.exec(["git", ...settings, ...args], { cwd, env });
  if (code !== 0) throw new Error(`git ${args.join(" ")} ended with ${code}: ${err}`);
}

/** A directory in the world's folder, with those that lead to it. */
export function directory(world: World, name: string): string {
  const path = world.path(name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A directory that counts as a checkout, because it holds `.git`. */
export function marked(world: World, name: string): string {
  directory(world, `${name}/.git`);
  return world.path(name);
}

/** A checkout with one commit, of which worktrees can be made. */
export async function checkout(world: World, name: string): Promise<string> {
  const path = directory(world, name);
  await git(world, path, "init", "--quiet");
  await git(world, path, "commit", "--quiet", "--allow-empty", "--message", "first");
  return path;
}

/** A linked worktree of a repository, on a branch of its own. */
export async function worktree(world: World, repository: string, name: string): Promise<string> {
  const path = world.path(name);
  const branch = name.replaceAll("/", "-");
  await git(world, repository, "worktree", "add", "--quiet", "-b", branch, path);
  return path;
}

/** A process of its own that listens in a directory, and its claim of that port, which it owns. */
export async function serve(
  world: World,
  cwd: string,
  service = "web",
  ...args: string[]
): Promise<{ port: number; server: Bun.Subprocess }> {
  const code = `console.log(Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }).port)`;
  const server = world.spawn(script(code), { cwd });
  const port = Number(await firstLine(server));
  await claim(world, cwd, server.pid, service, "--prefer", `${port}`, "--exact", ...args);
  return { port, server };
}

/** An owner that does nothing. */
export const sleeper = (world: World) => world.spawn(["sleep", "1000"]);

/** A claim of a process, made in a directory; returns the port. */
export async function claim(
  world: World,
  cwd: string,
  pid: number,
  service = "web",
  ...args: string[]
): Promise<number> {
  const { code, out, err } = await world.run(["acquire", service, "--pid", `${pid}`, ...args], {
    cwd,
  });
  if (code !== 0) throw new Error(`acquire ended with ${code}: ${err}`);
  return Number(out);
}
