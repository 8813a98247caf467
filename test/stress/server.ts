import { createServer, type Server } from "node:net";

/** A server on a port; `undefined` where another process was there first. */
export function listenOn(port: number, host: string): Promise<Server | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<Server | undefined>();
  server.once("error", () => resolve(undefined));
  server.listen({ port, host }, () => resolve(server));
  return promise;
}

export function close(server: Server): Promise<unknown> {
  return new Promise((done) => server.close(done));
}
