/** Four bytes as "127.0.0.1"; sixteen as IPv6 with the longest run of zeros compressed (RFC 5952). */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const words: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    words.push(((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0)).toString(16));
  }
  const { at, size } = longestZeros(words);
  if (size < 2) return words.join(":");
  return `${words.slice(0, at).join(":")}::${words.slice(at + size).join(":")}`;
}

function longestZeros(words: readonly string[]): { at: number; size: number } {
  let best = { at: 0, size: 0 };
  for (let at = 0; at < words.length; at++) {
    let size = 0;
    while (words[at + size] === "0") size++;
    if (size > best.size) best = { at, size };
  }
  return best;
}

/** Parses an IPv6 address in the notation of node:os into sixteen bytes. */
export function parseAddress6(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const words = (part: string) => (part === "" ? [] : part.split(":"));
  const right = tail === undefined ? [] : words(tail);
  const left = words(head);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const bytes = new DataView(new ArrayBuffer(16));
  [...left, ...zeros, ...right].forEach((word, i) => bytes.setUint16(i * 2, parseInt(word, 16)));
  return new Uint8Array(bytes.buffer);
}
