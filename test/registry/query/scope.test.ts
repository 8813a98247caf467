import { describe, expect, test } from "bun:test";
import {
  checkout,
  claim,
  directory,
  git,
  hasGit,
  marked,
  serve,
  sleeper,
  worktree,
} from "../../git.ts";
import { type Result, World } from "../../harness.ts";

/** What a command says on stdout, run in a directory; its exit code where it fails. */
async function say(world: World, cwd: string, ...args: string[]): Promise<string | number> {
  const { code, out } = await world.run(args, { cwd });
  return code === 0 ? out.trim() : code;
}

/** The error that a command ends with, as a program reads it. */
function errorOf({ err }: Result): { code: string; message: string } {
  return (JSON.parse(err) as { error: { code: string; message: string } }).error;
}

describe("a service is looked for", () => {
  test("in this directory first, though the same checkout has it elsewhere too", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const below = directory(world, "shop/packages/admin");
    const { pid } = sleeper(world);
    const outer = await claim(world, root, pid);
    const inner = await claim(world, below, pid);
    expect(await say(world, root, "find", "web")).toBe(`${outer}`);
    expect(await say(world, below, "find", "web")).toBe(`${inner}`);
  });

  test("in this checkout next, up and down from here, before any other project", async () => {
    await using world = new World();
    const root = marked(world, "shop");
    const { pid } = sleeper(world);
    const web = await claim(world, root, pid);
    const api = await claim(world, directory(world, "shop/server"), pid, "api");
    for (const service of ["web", "api"]) await claim(world, world.cwd, pid, service);
    const here = directory(world, "shop/packages/admin");
    expect(await say(world, here, "find", "web")).toBe(`${web}`);
    expect(await say(world, here, "find", "api")).toBe(`${api}`);
    expect(await say(world, root, "find", "api")).toBe(`${api}`);
  });

  test("and on the whole machine last, where only a single match counts, and is reported", async () => {
    await using world = new World();
    const { pid } = sleeper(world);
    const port = await claim(world, world.cwd, pid);
    const { code, out, err } = await world.run(["find", "web"], { cwd: directory(world, "other") });
    expect({ code, out }).toEqual({ code: 0, out: `${port}\n` });
    expect(err).toContain(world.cwd);
  });

  test("by where the directory lies, whatever projects are called", async () => {
    await using world = new World();
    const { pid } = sleeper(world);
    const one = await claim(world, directory(world, "one/shop"), pid);
    const two = await claim(world, directory(world, "two/shop"), pid);
    expect(await say(world, world.path("one/shop"), "find", "web")).toBe(`${one}`);
    expect(await say(world, world.path("two/shop"), "find", "web")).toBe(`${two}`);
  });

  test("not in the home directory, which says nothing about a project", async () => {
    await using world = new World();
    const { pid } = sleeper(world);
    const home = world.path("");
    const port = await claim(world, home, pid);
    const other = await claim(world, world.cwd, pid);
    const refused = await world.run(["find", "web", "--json"], { cwd: home });
    expect(refused.code).toBe(4);
    const { code, message } = errorOf(refused);
    expect(code).toBe("ambiguous");
    expect(message).toContain(`${port} `);
    expect(message).toContain(`${other} `);
  });
});

describe("several equally near claims are an error that names all of them", () => {
  const COMMANDS = [["find"], ["who"], ["wait", "--timeout", "1s"], ["stop"], ["release"]];

  test.each(COMMANDS)(
    "for %s, of two directories of this checkout",
    async (command, ...options) => {
      await using world = new World();
      const root = marked(world, "shop");
      const ports: number[] = [];
      for (const name of ["admin", "store"]) {
        ports.push(await claim(world, directory(world, `shop/${name}`), sleeper(world).pid));
      }
      const args = [command, "web", ...options];
      const refused = await world.run([...args, "--json"], { cwd: root });
      expect({ code: refused.code, out: refused.out }).toEqual({ code: 4, out: "" });
      const { code, message } = errorOf(refused);
      expect(code).toBe("ambiguous");
      for (const port of ports) expect(message).toContain(`${port} `);
      for (const name of ["admin", "store"]) expect(message).toContain(`${root}/${name}`);
      expect(await world.list()).toHaveLength(2);
      const inAdmin = await world.run(["find", "web"], { cwd: `${root}/admin` });
      expect(inAdmin.out).toBe(`${ports[0]}\n`);
    },
  );

  test("of two other projects, until one is named", async () => {
    await using world = new World();
    const { pid } = sleeper(world);
    const one = await claim(world, directory(world, "one"), pid);
    const two = await claim(world, directory(world, "two"), pid);
    const refused = await world.run(["find", "web", "--json"]);
    expect(refused.code).toBe(4);
    const { message } = errorOf(refused);
    expect(message).toContain(`${one} `);
    expect(message).toContain(`${two} `);
    expect(await say(world, world.cwd, "find", "web", "--project", "two")).toBe(`${two}`);
    expect(await say(world, world.cwd, "find", "--project", "one")).toBe(`${one}`);
    expect(await say(world, world.cwd, "find", "web", "--project", "three")).toBe(4);
  });
});

describe("of two claims of one directory", () => {
  test("the one that listens is used, and the other is reported", async () => {
    await using world = new World();
    const waiting = await claim(world, world.cwd, sleeper(world).pid);
    const { port } = await serve(world, world.cwd);
    await claim(world, world.cwd, sleeper(world).pid, "api");
    const { code, out, err } = await world.run(["find", "web"]);
    expect({ code, out }).toEqual({ code: 0, out: `${port}\n` });
    expect(err).toContain(`${waiting} `);
  });

  test("the caller's own is used if neither listens", async () => {
    await using world = new World();
    const own = await world.acquire("web");
    await claim(world, world.cwd, sleeper(world).pid);
    expect(await say(world, world.cwd, "find", "web")).toBe(`${own}`);
  });
});

describe.if(hasGit)("another worktree's server never matches", () => {
  test("from a linked worktree, nor from the main checkout", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const feature = await worktree(world, main, "feature");
    const fix = await worktree(world, main, "shop/.worktrees/fix");
    const { port } = await serve(world, feature);
    for (const cwd of [main, fix, directory(world, "shop/src")]) {
      const refused = await world.run(["find", "web", "--json"], { cwd });
      expect({ code: refused.code, out: refused.out }).toEqual({ code: 4, out: "" });
      const { code, message } = errorOf(refused);
      expect(code).toBe("not-found");
      expect(message).toContain(`${port} `);
      expect(message).toContain(feature);
    }
    expect(await say(world, feature, "find", "web")).toBe(`${port}`);
    expect(await say(world, directory(world, "feature/src"), "find", "web")).toBe(`${port}`);
    // From outside of the repository it is the only one there is.
    expect(await say(world, world.cwd, "find", "web")).toBe(`${port}`);
  });

  test("not even where it is nearer than a single server of another project", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const feature = await worktree(world, main, "feature");
    await serve(world, main, "db");
    const { port } = await serve(world, world.cwd, "db");
    expect(await say(world, feature, "find", "db")).toBe(`${port}`);
    expect(await say(world, feature, "who", "db", "--json")).toContain(world.cwd);
  });

  test("of a bare repository", async () => {
    await using world = new World();
    const bare = world.path("shop.git");
    await git(world, await checkout(world, "shop"), "clone", "--quiet", "--bare", ".", bare);
    const [one, two] = [await worktree(world, bare, "one"), await worktree(world, bare, "two")];
    const { port } = await serve(world, one);
    expect(await say(world, two, "find", "web")).toBe(4);
    expect(await say(world, one, "find", "web")).toBe(`${port}`);
  });

  test("of a submodule, of a repository in another place, or of a superproject's submodule", async () => {
    await using world = new World();
    const library = await checkout(world, "library");
    const shop = await checkout(world, "shop");
    const local = ["-c", "protocol.file.allow=always", "submodule", "--quiet"];
    await git(world, shop, ...local, "add", library, "lib");
    await git(world, shop, "commit", "--quiet", "--message", "lib");
    const apart = directory(world, "apart");
    await git(world, apart, "init", "--quiet", "--separate-git-dir", world.path("apart.git"));
    await git(world, apart, "commit", "--quiet", "--allow-empty", "--message", "first");
    const feature = await worktree(world, shop, "feature");
    await git(world, feature, ...local, "update", "--init");
    const pairs = [
      [`${shop}/lib`, await worktree(world, `${shop}/lib`, "lib-fix")],
      [`${shop}/lib`, `${feature}/lib`],
      [apart, await worktree(world, apart, "apart-fix")],
    ] as const;
    for (const [main, linked] of pairs) {
      const { port, server } = await serve(world, main);
      expect(await say(world, linked, "find", "web")).toBe(4);
      expect(await say(world, main, "find", "web")).toBe(`${port}`);
      server.kill("SIGKILL");
      await server.exited;
    }
  });

  test("even if its project is named, but its port does", async () => {
    await using world = new World();
    const main = await checkout(world, "shop");
    const feature = await worktree(world, main, "feature");
    const { port } = await serve(world, main);
    for (const command of ["find", "who", "stop", "release"]) {
      expect(await say(world, feature, command, "web", "--project", "shop")).toBe(4);
    }
    expect(await say(world, feature, "release", "--project", "shop")).toBe(4);
    const wait = ["wait", "web", "--project", "shop", "--timeout", "100ms"];
    expect(await say(world, feature, ...wait)).toBe(1);
    expect(await say(world, feature, "who", `${port}`, "--json")).toContain(main);
    expect(await say(world, feature, "wait", `${port}`, "--timeout", "5s", "--json")).toContain(
      `${port}`,
    );
  });
});
