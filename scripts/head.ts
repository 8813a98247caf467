const ELF = 0x7f454c46;
const ELF_MACHINE: Record<number, string> = { 0x3e: "x64", 0xb7: "arm64" };
const MACH_O_64 = 0xcffaedfe;
const MACH_O_CPU: Record<number, string> = { 0x01000007: "x64", 0x0100000c: "arm64" };

/** The target of a program by its header: "linux-arm64-musl", for example. `undefined` if unknown. */
export async function targetOf(path: string): Promise<string | undefined> {
  return targetOfProgram(await Bun.file(path).slice(0, 4096).bytes());
}

/** The target of a program by its first 4096 bytes. */
export function targetOfProgram(bytes: Uint8Array): string | undefined {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (head.byteLength < 64) return undefined;
  if (head.getUint32(0) === ELF) {
    const machine = ELF_MACHINE[head.getUint16(18, true)];
    // The path of its dynamic loader is near the beginning: "/lib/ld-musl-x86_64.so.1".
    const isMusl = new TextDecoder("latin1").decode(bytes).includes("/lib/ld-musl-");
    return machine && `linux-${machine}${isMusl ? "-musl" : ""}`;
  }
  const cpu = MACH_O_CPU[head.getUint32(4, true)];
  return head.getUint32(0) === MACH_O_64 && cpu ? `darwin-${cpu}` : undefined;
}
