/** Connects to a server. Returns what is wrong, `undefined` on success. `timeout` in milliseconds. */
export async function connect(
  hostname: string,
  port: number,
  timeout: number,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve("it doesn't accept connections"), timeout);
  const socket = Bun.connect({
    hostname,
    port,
    socket: {
      open(opened) {
        opened.end();
        resolve(undefined);
      },
      data() {},
      connectError: () => resolve("connection refused"),
    },
  });
  socket.catch(() => resolve("connection refused"));
  const problem = await promise;
  clearTimeout(timer);
  return problem;
}

/** Requests a path. Returns what is wrong, `undefined` if the status is 2xx or 3xx. */
export async function get(
  host: string,
  port: number,
  path: string,
  timeout: number,
): Promise<string | undefined> {
  const authority = host.includes(":") ? `[${host}]` : host;
  const url = `http://${authority}:${port}/${path.replace(/^\/+/, "")}`;
  try {
    const signal = AbortSignal.timeout(timeout);
    // Connect directly to the listener, regardless of http_proxy.
    const response = await fetch(url, { redirect: "manual", proxy: false, signal });
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 400) return undefined;
    return `it answers ${response.status} to ${path}`;
  } catch (error) {
    if ((error as Error).name === "TimeoutError") return `it doesn't answer ${path}`;
    return `it doesn't speak HTTP (${(error as { code?: string }).code ?? "no answer"})`;
  }
}
