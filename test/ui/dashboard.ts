import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import type { ClaimView } from "../../registry/model/claim.ts";
import { BINARY, freePort, PORTCLAIM, script, until, World } from "../harness.ts";

/** A registry in which each claim is seen at once. */
export function ownPool(): World {
  const world = new World();
  // With its directory there from the start, each claim is seen at once.
  mkdirSync(`${world.home}/claims`, { mode: 0o700 });
  return world;
}

/** What a raw request was answered. */
export interface Answer {
  status: number;
  headers: Headers;
  body: string;
}

/** The dashboard of a world, served by the built binary. */
export class Dashboard {
  constructor(
    readonly world: World,
    readonly port: number,
    public process: Bun.Subprocess,
  ) {}

  static async start(world: World, ...args: string[]): Promise<Dashboard> {
    const port = await freePort();
    const dashboard = new Dashboard(world, port, serve(world, port, args));
    await dashboard.isUp();
    return dashboard;
  }

  get url(): string {
    return `http://localhost:${this.port}/`;
  }

  async isUp(): Promise<void> {
    await until("the dashboard answers", () =>
      fetch(this.url).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  }

  async stop(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }

  async restart(): Promise<void> {
    this.process = serve(this.world, this.port, []);
    await this.isUp();
  }

  claims(): Promise<ClaimView[]> {
    return fetch(`${this.url}api/claims`).then((answer) => answer.json() as Promise<ClaimView[]>);
  }

  /** Sends these very lines: what fetch would never send. `body` follows a Content-Length. */
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

function serve(world: World, port: number, args: string[]): Bun.Subprocess {
  return world.spawn([BINARY, "http", "--port", String(port), ...args]);
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

/** Starts a server on a claimed port, and waits until the registry sees it. */
export async function startServer(dashboard: Dashboard, port: number): Promise<Bun.Subprocess> {
  const server = dashboard.world.spawn([...script(LISTEN), String(port)]);
  await until("it listens", async () =>
    (await dashboard.claims()).some((one) => one.port === port && one.state === "listening"),
  );
  return server;
}

/** Claims a port for a server of its own, which becomes the claim's owner; returns both. */
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
