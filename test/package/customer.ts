import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { isTarget } from "../../scripts/archive.ts";
import { targetOf } from "../../scripts/head.ts";
import { pack } from "../../scripts/pack.ts";
import { packPlatform } from "../../scripts/platform-package.ts";
import { type Target, TARGETS } from "../../scripts/targets.ts";
import { BINARY, freePort, type Result, until, World } from "../harness.ts";

const CONFIG = `
storage: ./storage
auth: { htpasswd: { file: ./htpasswd } }
packages: { "**": { access: $all, publish: $anonymous } }
log: { type: stdout, format: json, level: error }
web: { enable: false }
max_body_size: 200mb
`;

/** A user's machine with npm on PATH, an empty HOME, and a registry of packages. */
export class Customer extends World {
  readonly url: string;
  /** PATH as it is without bun. */
  readonly withoutBun: string;

  private constructor(port: number) {
    super();
    this.url = `http://127.0.0.1:${port}/`;
    this.withoutBun = this.env["PATH"] ?? "";
    delete this.env["PORTCLAIM_HOME"];
    this.env["npm_config_registry"] = this.url;
  }

  /** The packages that were published. */
  tarballs = { main: "", platform: "" };

  /**
   * Starts Verdaccio on loopback, without a registry behind it, and publishes our packages there: with `real`, the
   * platform's own, else one whose program becomes the built one, as npm takes ten seconds for the real one.
   */
  static async start({ real = false } = {}): Promise<Customer> {
    const customer = new Customer(freePort());
    try {
      await customer.#serve();
      await customer.#publish(real);
      customer.addBun();
      return customer;
    } catch (error) {
      await customer[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #serve(): Promise<void> {
    const folder = this.path("verdaccio");
    cpSync(`${import.meta.dir}/verdaccio`, folder, { recursive: true });
    writeFileSync(`${folder}/config.yaml`, CONFIG);
    // With this process's own HOME: what bun fetched once is there the next time.
    const install = [process.execPath, "install", "--frozen-lockfile", "--production"];
    const { exitCode, stderr } = Bun.spawnSync(install, { cwd: folder });
    if (exitCode !== 0) throw new Error(`verdaccio can't be installed: ${stderr.toString()}`);
    const listen = this.url.slice("http://".length, -1);
    const command = ["node_modules/verdaccio/bin/verdaccio", "--config", "config.yaml"];
    this.spawn([process.execPath, ...command, "--listen", listen], { cwd: folder });
    const answers = () => fetch(`${this.url}-/ping`).catch(() => undefined);
    await until("verdaccio answers", async () => (await answers())?.ok, 30);
  }

  /** Puts bun and bunx on PATH. */
  addBun(): void {
    mkdirSync(this.path("bin"));
    for (const name of ["bun", "bunx"]) symlinkSync(process.execPath, this.path(`bin/${name}`));
    this.env["PATH"] = this.path("bin") + delimiter + this.env["PATH"];
  }

  async #publish(real: boolean): Promise<void> {
    const { tarball: main, notices } = await pack(this.path("."));
    const target = (await targetOf(BINARY)) ?? "";
    if (!isTarget(target)) throw new Error(`no package for ${target}`);
    const small = this.write("program", `#!/bin/sh\nexec ${BINARY} "$@"\n`);
    const platform = packPlatform(this.path("."), target, real ? BINARY : small, notices);
    this.tarballs = { main, platform };
    // Yarn asks for the packages of all platforms.
    const others = (Object.keys(TARGETS) as Target[]).filter((name) => real && name !== target);
    const all = others.map((name) => packPlatform(this.path("."), name, small, notices));
    // npm publishes only with a token, even where the registry asks for none.
    writeFileSync(this.path(".npmrc"), `${this.url.replace("http:", "")}:_authToken=none\n`);
    for (const tarball of [...all, platform, main]) {
      await this.must(["npm", "publish", tarball, "--access=public"]);
    }
  }

  /** Runs a program to its end with these variables alone. */
  async only(command: string[], options: { cwd?: string; env: Record<string, string> }) {
    const found = Bun.which(command[0] ?? "", {
      PATH: options.env["PATH"] ?? "",
      cwd: options.cwd ?? "/",
    });
    const child = this.spawn([found ?? command[0] ?? "", ...command.slice(1)], options);
    child.stdin.end();
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  }

  /** Runs a program to its end; fails if it failed. */
  async must(
    command: string[],
    options: { cwd?: string; env?: Record<string, string> } = {},
  ): Promise<Result> {
    const result = await this.exec(command, options);
    if (result.code !== 0) throw new Error(`${command.join(" ")}: ${result.err}${result.out}`);
    return result;
  }

  /** The claims in the registry of this HOME, by port. */
  async claims() {
    const { out } = await this.must(["bunx", "portclaim", "list", "--json"]);
    return JSON.parse(out) as { port: number; pid: number; service: string }[];
  }
}
