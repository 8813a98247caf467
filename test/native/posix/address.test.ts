import { expect, test } from "bun:test";
import { formatAddress, parseAddress6 } from "../../../native/posix/address.ts";

const bytes6 = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

test.each([
  ["127.0.0.1", Uint8Array.of(127, 0, 0, 1)],
  ["0.0.0.0", new Uint8Array(4)],
  ["::", new Uint8Array(16)],
  ["::1", bytes6("00000000000000000000000000000001")],
  ["fe80::1", bytes6("fe800000000000000000000000000001")],
  ["2001:db8::", bytes6("20010db8000000000000000000000000")],
  ["2001:db8:1:2:3:4:5:6", bytes6("20010db8000100020003000400050006")],
])("%s is formatted as usual", (text, bytes) => {
  expect(formatAddress(bytes)).toBe(text);
});

test("the longest run of zeros is cut, or the first of two equal ones", () => {
  expect(formatAddress(bytes6("20010000000100000000000000000001"))).toBe("2001:0:1::1");
  expect(formatAddress(bytes6("20010db8000000000001000000000001"))).toBe("2001:db8::1:0:0:1");
});

test("a part of a longer buffer is formatted", () => {
  const buffer = Uint8Array.of(9, 9, ...bytes6("00000000000000000000000000000001"), 9);
  expect(formatAddress(buffer.subarray(2, 18))).toBe("::1");
});

test.each(["::", "::1", "fe80::1", "2001:db8::", "2001:db8:1:2:3:4:5:6"])(
  "%s is parsed",
  (text) => {
    expect(formatAddress(parseAddress6(text))).toBe(text);
  },
);
