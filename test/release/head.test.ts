import { expect, test } from "bun:test";
import { targetOf } from "../../scripts/head.ts";
import { temporaryFolder } from "../harness.ts";

/** The beginning of an ELF program: elf(5). */
function elf(machine: number, loader: string): Uint8Array {
  const head = new DataView(new ArrayBuffer(1024));
  head.setUint32(0, 0x7f454c46);
  head.setUint16(18, machine, true);
  const bytes = new Uint8Array(head.buffer);
  bytes.set(new TextEncoder().encode(loader), 600);
  return bytes;
}

/** The beginning of a Mach-O program: mach-o/loader.h. */
function macho(cpu: number): Uint8Array {
  const head = new DataView(new ArrayBuffer(1024));
  head.setUint32(0, 0xfeedfacf, true);
  head.setUint32(4, cpu, true);
  return new Uint8Array(head.buffer);
}

const cases: [string | undefined, Uint8Array][] = [
  ["linux-x64", elf(62, "/lib64/ld-linux-x86-64.so.2")],
  ["linux-x64-musl", elf(62, "/lib/ld-musl-x86_64.so.1")],
  ["linux-arm64", elf(183, "/lib/ld-linux-aarch64.so.1")],
  ["linux-arm64-musl", elf(183, "/lib/ld-musl-aarch64.so.1")],
  ["darwin-x64", macho(0x01000007)],
  ["darwin-arm64", macho(0x0100000c)],
  [undefined, elf(8, "/lib/ld.so.1")],
  [undefined, new Uint8Array(1024)],
  [undefined, new TextEncoder().encode("#!/bin/sh\n")],
];

test.each(cases)("a program for %s is recognized by its header", async (target, bytes) => {
  using folder = temporaryFolder();
  await Bun.write(`${folder.path}/program`, bytes);
  expect(await targetOf(`${folder.path}/program`)).toBe(target);
});

test("this bun is a program for this machine", async () => {
  expect(await targetOf(process.execPath)).toStartWith(`${process.platform}-${process.arch}`);
});
