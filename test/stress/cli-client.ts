import { type Client, type Granted, killIn, Unexpected } from "./client.ts";

const NO_PORT = 3;

/** The command line, of the program or the npm package: a process for each call. */
export class CliClient implements Client {
  readonly ownsClaims = false;

  constructor(
    readonly name: "cli" | "npm",
    readonly command: string,
    readonly project: string,
    /** The process that a claim is made for, if not this one. */
    public owner?: number,
  ) {}

  async acquire(service: string, prefer: number | undefined, dies: number | undefined) {
    const wish = prefer === undefined ? [] : ["--prefer", String(prefer)];
    const owner = this.owner === undefined ? [] : ["--pid", String(this.owner)];
    const args = ["acquire", "--service", service, "--project", this.project, ...wish, ...owner];
    const { code, out, err } = await this.#run(args, dies);
    if (code === "killed") return code;
    if (code === NO_PORT) return "none";
    if (code === 0 && Number(out) > 0) return Number(out) as Granted;
    throw new Unexpected(`${args.join(" ")} ended with ${code}: ${out}${err}`);
  }

  async release(port: number, dies: number | undefined) {
    const { code, err } = await this.#run(["release", String(port), "--force"], dies);
    if (code === "killed") return code;
    if (code === 0) return "done" as const;
    throw new Unexpected(`release ${port} ended with ${code}: ${err}`);
  }

  async list(): Promise<number[]> {
    const { code, out, err } = await this.#run(["list", "--json"], undefined);
    if (code !== 0) throw new Unexpected(`list ended with ${code}: ${err}`);
    return (JSON.parse(out) as { port: number }[]).map(({ port }) => port);
  }

  /** Any other command, by its words: it must end well, or with a code that is as good. */
  async call(args: string[], good = 0): Promise<void> {
    const { code, err } = await this.#run(args, undefined);
    if (code !== 0 && code !== good)
      throw new Unexpected(`${args.join(" ")} ended with ${code}: ${err}`);
  }

  async #run(args: string[], dies: number | undefined) {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const child = Bun.spawn([this.command, ...args], { stdio: [...stdio] });
    const callOff = killIn(child.pid, dies);
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    await child.exited;
    callOff();
    return { code: child.signalCode === null ? child.exitCode : ("killed" as const), out, err };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
