import type { Feed } from "./feed.ts";
import type { Visitor } from "./guard.ts";
import { respond } from "./response.ts";

/** Milliseconds after which a browser that lost the connection tries again. */
const RETRY = 1000;

/** A stream that Bun writes to the socket at once; `write` returns a promise while the socket is full. */
interface Controller {
  write(text: string): number | Promise<number>;
  flush(): void;
  close(): void;
}

/** Answers `GET /api/events` with server-sent events (HTML standard) until the page disconnects. */
export function eventStream(request: Request, feed: Feed, visitor: Visitor): Response {
  const body = new ReadableStream({
    type: "direct",
    pull: (controller: Controller) => stream(controller, request.signal, feed, visitor),
  } as unknown as UnderlyingDefaultSource);
  return respond(body, { "Content-Type": "text/event-stream; charset=utf-8" });
}

async function stream(
  controller: Controller,
  signal: AbortSignal,
  feed: Feed,
  visitor: Visitor,
): Promise<void> {
  const { promise: disconnected, resolve: disconnect } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => disconnect());
  if (signal.aborted) disconnect();
  let isFull = false;
  const send = (text: string) => {
    // A page that has stopped reading is disconnected rather than buffered for: it reconnects when it wakes up.
    if (isFull) disconnect();
    if (isFull || signal.aborted) return false;
    const written = controller.write(text);
    controller.flush();
    if (typeof written !== "number") {
      isFull = true;
      written.then(
        () => (isFull = false),
        () => disconnect(),
      );
    }
    return true;
  };
  send(`retry: ${RETRY}\n\n`);
  const unsubscribe = feed.subscribe(send, visitor);
  await disconnected;
  unsubscribe();
  try {
    controller.close();
  } catch {
    // The page closed it first.
  }
}
