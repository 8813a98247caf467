/** A file in an archive. */
export interface Entry {
  name: string;
  bytes: Uint8Array;
  /** Permission bits; default 0o644. */
  mode?: number;
}

const BLOCK = 512;
const NAME = 0;
const MODE = 100;
const UID = 108;
const GID = 116;
const SIZE = 124;
const TIME = 136;
const CHECKSUM = 148;
const TYPE = 156;
const MAGIC = 257;

/**
 * A tar archive in the ustar format of POSIX pax(1), without owners and times, so that the same files give
 * the same bytes everywhere. For that, tar(1) needs different flags on Linux and macOS.
 */
export function tar(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap((entry) => {
    const padding = (BLOCK - (entry.bytes.length % BLOCK)) % BLOCK;
    return [header(entry), entry.bytes, new Uint8Array(padding)];
  });
  return new Uint8Array(Bun.concatArrayBuffers([...parts, new Uint8Array(2 * BLOCK)]));
}

function header({ name, bytes, mode = 0o644 }: Entry): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  if (name.length >= 100) throw new Error(`the name ${name} is too long for a tar archive`);
  put(NAME, name);
  put(MODE, octal(mode, 7));
  put(UID, octal(0, 7));
  put(GID, octal(0, 7));
  put(SIZE, octal(bytes.length, 11));
  put(TIME, octal(0, 11));
  put(TYPE, "0");
  put(MAGIC, "ustar\u000000");
  // The checksum counts its own field as spaces.
  put(CHECKSUM, " ".repeat(8));
  put(
    CHECKSUM,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  );
  return block;
}

const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
