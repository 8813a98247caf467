import { probe } from "../native/posix/port.ts";

// Above the ports that programs prefer, and below those that the kernel gives to connections.
export const FIRST = 11_000;
const BLOCK = 100;
const BLOCKS = 200;
/** How many blocks, the first, are left to tests that need several in a row. */
export const FOR_ROWS = 40;
const GUARDS = FIRST + BLOCK * BLOCKS;

/** Ports that no other test uses until they are given back, in this run or another on this machine. */
export class OwnPorts implements Disposable {
  readonly first: number;
  readonly last: number;
  readonly #guards: Disposable[];
  #next: number;

  constructor(count: number) {
    const needed = Math.ceil(count / BLOCK);
    const drawn = FOR_ROWS + Math.floor(Math.random() * (BLOCKS - FOR_ROWS));
    const start = needed > 1 ? 0 : drawn;
    for (let i = 0; i < BLOCKS; i++) {
      const block = (start + i) % BLOCKS;
      const guards = block + needed <= BLOCKS ? reserve(block, needed) : undefined;
      if (guards === undefined) continue;
      this.#guards = guards;
      this.first = FIRST + block * BLOCK;
      this.last = this.first + count - 1;
      this.#next = this.last;
      return;
    }
    throw new Error(`no ${count} free ports in a row in ${FIRST}-${GUARDS - 1}`);
  }

  /** As config.toml writes it. */
  get range(): string {
    return `${this.first}-${this.last}`;
  }

  get isUsedUp(): boolean {
    return this.#next < this.first;
  }

  /** A port that hasn't been asked for; from the last one down, since portclaim begins with the first. */
  next(): number {
    if (this.isUsedUp) throw new Error(`all of ${this.range} have been asked for`);
    return this.#next--;
  }

  [Symbol.dispose](): void {
    for (const guard of this.#guards) guard[Symbol.dispose]();
  }
}

/** Adjacent blocks, each held by a listener on a port that stands for it; none unless all are free. */
function reserve(block: number, count: number): Disposable[] | undefined {
  const guards: Disposable[] = [];
  for (let i = block; i < block + count; i++) {
    const guard = guardOf(i);
    if (guard) guards.push(guard);
    if (guard && isUnused(i)) continue;
    for (const one of guards) one[Symbol.dispose]();
    return undefined;
  }
  return guards;
}

function guardOf(block: number): Disposable | undefined {
  try {
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: GUARDS + block,
      socket: { data() {} },
    });
    listener.unref();
    return { [Symbol.dispose]: () => listener.stop(true) };
  } catch (error) {
    if ((error as { code?: string }).code === "EADDRINUSE") return undefined;
    throw error;
  }
}

function isUnused(block: number): boolean {
  const first = FIRST + block * BLOCK;
  return Array.from({ length: BLOCK }, (_, i) => first + i).every((port) => probe(port) === "free");
}
