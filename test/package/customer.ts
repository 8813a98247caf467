import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { pack } from "../../scripts/pack.ts";
import { freePort, type Result, until, World } from "../harness.ts";

const CONFIG = `
storage: ./storage
auth: { htpasswd: { file: ./htpasswd } }
packages: { "**": { access: $all, publish: $anonymous } }
log: { type: stdout, format: json, level: error }
web: { enable: false }
`;

/** A user's machine with bun and npm on PATH, an empty HOME, and a registry of packages. */
export class Customer extends World {
  readonly url: string;

  private constructor(port: number) {
    super();
    this.url = `http://127.0.0.1:${port}/`;
    delete this.env["PORTCLAIM_HOME"];
    mkdirSync(this.path("bin"));
    for (const name of ["bun", "bunx"]) symlinkSync(process.execPath, this.path(`bin/${name}`));
    this.env["PATH"] = this.path("bin") + delimiter + this.env["PATH"];
    this.env["npm_config_registry"] = this.url;
  }

  /** Starts Verdaccio on loopback, without a registry behind it, and publishes our tarball there. */
  static async start(): Promise<Customer> {
    const customer = new Customer(await freePort());
    try {
      await customer.#serve();
      await customer.#publish();
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

  async #publish(): Promise<void> {
    const { tarball } = await pack(this.path("."));
    // npm publishes only with a token, even where the registry asks for none.
    writeFileSync(this.path(".npmrc"), `${this.url.replace("http:", "")}:_authToken=none\n`);
    await this.must(["npm", "publish", tarball]);
  }

  /** Runs a program to its end; fails if it failed. */
  async must(command: string[], options: { cwd?: string } = {}): Promise<Result> {
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
