import { answer } from "./answer.ts";
import type { Feed } from "./feed.ts";
import type { Visitor } from "./guard.ts";

/** Milliseconds after which a page that lost the line tries again. */
const RETRY = 1000;

/** A stream that Bun writes to the socket at once; `write` promises where the socket is full. */
interface Controller {
  write(text: string): number | Promise<number>;
  flush(): void;
  close(): void;
}

/** Answers `GET /api/events`: server-sent events, of the HTML standard, until the page leaves. */
export function eventStream(request: Request, feed: Feed, visitor: Visitor): Response {
  const body = new ReadableStream({
    type: "direct",
    pull: (controller: Controller) => serve(controller, request.signal, feed, visitor),
  } as unknown as UnderlyingDefaultSource);
  return answer(body, { "Content-Type": "text/event-stream; charset=utf-8" });
}

async function serve(
  controller: Controller,
  signal: AbortSignal,
  feed: Feed,
  visitor: Visitor,
): Promise<void> {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => leave());
  if (signal.aborted) leave();
  let isFull = false;
  const send = (text: string) => {
    // A page that takes nothing any more gets no heap of news: it asks anew when it wakes up.
    if (isFull) leave();
    if (isFull || signal.aborted) return false;
    const written = controller.write(text);
    controller.flush();
    if (typeof written !== "number") {
      isFull = true;
      written.then(
        () => (isFull = false),
        () => leave(),
      );
    }
    return true;
  };
  send(`retry: ${RETRY}\n\n`);
  const stop = feed.subscribe(send, visitor);
  await left;
  stop();
  try {
    controller.close();
  } catch {
    // The page closed it first.
  }
}
