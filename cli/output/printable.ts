/** Text as it may be shown on a terminal: control characters are spelled out. */
export function printable(text: string): string {
  // Control characters would let a claim's text control the terminal.
  const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029]/gu;
  return text.replace(controls, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
