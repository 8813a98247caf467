/** Longest message that is read, in bytes. A call takes a few hundred. */
export const LONGEST_LINE = 10 * 1024 * 1024;

const NEWLINE = 10;

/** Splits a stream of bytes into lines; one that is too long to keep becomes `undefined`. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  longest = LONGEST_LINE,
): AsyncGenerator<string | undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const add = (part: Uint8Array) => {
    size += part.length;
    if (size <= longest) parts.push(part);
    else parts = [];
  };
  const take = () => {
    const line = size > longest ? undefined : Buffer.concat(parts).toString();
    parts = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      add(chunk.subarray(start, end));
      yield take();
    }
    add(chunk.slice(start));
  }
  if (size > 0) yield take();
}
