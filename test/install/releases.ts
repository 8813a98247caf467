import { readFileSync } from "node:fs";
import { tar } from "../../scripts/tar.ts";

/** The archive of a program, as `bun run release` packs it. */
export function archiveOf(program: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof program === "string" ? new TextEncoder().encode(program) : program;
  return Bun.gzipSync(tar([{ name: "portclaim", bytes, mode: 0o755 }]), { level: 1 });
}

/** A program that only prints its version. */
export const scriptSaying = (version: string): string => `#!/bin/sh\necho ${version}\n`;

export const read = (path: string): Uint8Array => readFileSync(path);

function sumsOf(files: ReadonlyMap<string, Uint8Array>): string {
  return [...files]
    .map(([name, bytes]) => {
      const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
      return `${hash}  ${name}\n`;
    })
    .join("");
}

/** How a download fails. */
type Trouble = "cut off" | "stalled";

/** A server of releases on loopback, as far as the installer needs GitHub. */
export class Releases implements Disposable {
  readonly #versions = new Map<string, Map<string, Uint8Array>>();
  readonly #trouble = new Map<string, Trouble>();
  readonly #server: Bun.TCPSocketListener<{ request: string }>;
  /** The paths that were requested, in order. */
  readonly asked: string[] = [];
  latest = "";

  constructor() {
    const answer = (path: string) => this.#answer(path);
    this.#server = Bun.listen<{ request: string }>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open(socket) {
          socket.data = { request: "" };
        },
        data(socket, bytes) {
          socket.data.request += bytes.toString();
          const [, path] = /^GET (\S+) .*\r\n\r\n/s.exec(socket.data.request) ?? [];
          if (path !== undefined) void sendAll(socket, answer(path));
        },
        drain(socket) {
          drained.get(socket)?.();
        },
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** Publishes a version as the latest; `sums` replaces the correct SHA256SUMS. */
  publish(version: string, archives: Record<string, Uint8Array>, sums?: string): void {
    const files = new Map(Object.entries(archives));
    files.set("SHA256SUMS", new TextEncoder().encode(sums ?? sumsOf(files)));
    this.#versions.set(version, files);
    this.latest = version;
  }

  /** Makes every download of that name fail. */
  spoil(name: string, trouble: Trouble): void {
    this.#trouble.set(name, trouble);
  }

  #answer(path: string): Answer {
    this.asked.push(path);
    const [, version, name = ""] =
      /^\/(?:latest\/download|download\/v([^/]+))\/(.+)$/.exec(path) ?? [];
    const bytes = this.#versions.get(version ?? this.latest)?.get(name);
    if (bytes === undefined) return { head: "404 Not Found", bytes: new Uint8Array(), rest: "end" };
    const trouble = this.#trouble.get(name);
    const half = bytes.subarray(0, bytes.length / 2);
    if (trouble === "cut off")
      return { head: "200 OK", bytes: half, length: bytes.length, rest: "end" };
    if (trouble === "stalled")
      return { head: "200 OK", bytes: half, length: bytes.length, rest: "nothing" };
    return { head: "200 OK", bytes, rest: "end" };
  }

  [Symbol.dispose](): void {
    this.#server.stop(true);
  }
}

interface Answer {
  head: string;
  bytes: Uint8Array;
  /** The Content-Length; by default that of `bytes`. */
  length?: number;
  rest: "end" | "nothing";
}

const drained = new Map<object, () => void>();

async function sendAll(socket: Bun.Socket<unknown>, answer: Answer): Promise<void> {
  const { head, bytes, length = bytes.length, rest } = answer;
  socket.write(`HTTP/1.1 ${head}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`);
  for (let done = 0; done < bytes.length && socket.readyState > 0;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    drained.set(socket, resolve);
    const count = socket.write(bytes.subarray(done));
    done += Math.max(0, count);
    if (done < bytes.length) await promise;
  }
  drained.delete(socket);
  if (rest === "end") socket.end();
}
