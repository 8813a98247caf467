import { connect } from "node:net";
import type { ClaimView } from "../../registry/model/claim.ts";
import { BINARY, firstLine, PORTCLAIM, script, until } from "../harness.ts";
import { PoolWorld } from "../pool.ts";

/** The response to a raw request. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/** The dashboard of a world, served by the built binary on a port that no other test uses. */
export class Dashboard {
  constructor(
    readonly world: PoolWorld,
    public process: Bun.Subprocess,
  ) {}

  static async start(world = new PoolWorld(), ...args: string[]): Promise<Dashboard> {
    return new Dashboard(world, await serve(world, args));
  }

  get port(): number {
    return this.world.ownPort;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }

  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  async stop(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }

  async restart(): Promise<void> {
    this.process = await serve(this.world, []);
  }

  claims(): Promise<ClaimView[]> {
    return fetch(`${this.url}api/claims`).then((answer) => answer.json() as Promise<ClaimView[]>);
  }

  /** Sends exactly these lines, which fetch might refuse to. `body` follows a Content-Length. */
  raw(
    request: string,
    headers: string[] = [`Host: localhost:${this.port}`],
    body = "",
  ): Promise<Answer> {
    const length = body === "" ? [] : [`Content-Length: ${body.length}`];
    const lines = [request, ...headers, ...length, "Connection: close"];
    return send(this.port, `${lines.join("\r\n")}\r\n\r\n${body}`);
  }
}

/** Resolves once it listens: it says so. */
async function serve(world: PoolWorld, args: string[]): Promise<Bun.Subprocess> {
  const child = world.spawn([BINARY, "http", "--port", String(world.ownPort), ...args]);
  await firstLine(child);
  return child;
}

function send(port: number, text: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let answer = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(text));
  socket.setEncoding("utf8");
  socket.on("data", (part) => (answer += part));
  socket.on("error", reject);
  socket.on("close", () => resolve(parse(answer)));
  return promise;
}

function parse(answer: string): Answer {
  const [head = "", ...body] = answer.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]);
  return {
    status: Number(status.split(" ")[1]),
    headers: new Headers(headers),
    body: body.join("\r\n\r\n"),
  };
}

const LISTEN =
  "Bun.listen({ hostname: '127.0.0.1', port: Number(process.argv[1]), socket: { data() {} } })";

/** Starts a server on a claimed port, and waits until the registry shows it. */
export async function startServer(dashboard: Dashboard, port: number): Promise<Bun.Subprocess> {
  const server = dashboard.world.spawn([...script(LISTEN), String(port)]);
  await until("it listens", async () =>
    (await dashboard.claims()).some((one) => one.port === port && one.state === "listening"),
  );
  return server;
}

/** Claims a port with `run`, whose server owns the claim; returns both. */
export async function runServer(
  dashboard: Dashboard,
  service: string,
): Promise<{ port: number; server: Bun.Subprocess }> {
  const code = LISTEN.replace("process.argv[1]", "process.env.PORT");
  const command = [...PORTCLAIM, "run", "--service", service, "--", ...script(code)];
  const server = dashboard.world.spawn(command);
  const claim = await until("its server listens", async () =>
    (await dashboard.claims()).find((one) => one.service === service && one.state === "listening"),
  );
  return { port: claim.port, server };
}
