import type { Target, Test } from "../model/consequences.ts";
import {
  type Field,
  type Layout,
  type Pids,
  pids,
  type Sockets,
  text,
  UNKNOWN,
} from "../model/field.ts";
import { portsIn } from "../model/ports.ts";
import { type Flavour, toRegExp } from "../model/regexp.ts";

interface Choice {
  ignoreCase?: boolean;
  /** Leaves out the lines that match. */
  not?: boolean;
  /** Only whole words match, or whole lines. */
  isWord?: boolean;
  isLine?: boolean;
}

/** Examples of what ps and lsof show beside the id, the name and the arguments. */
const OTHER_COLUMNS =
  "root ? pts/0 tty1 Ssl+ R< D T I N Z 0.0 12.3 0:01 00:12:34 12:34 Nov26 2026 1234567890 " +
  "cwd txt mem REG DIR CHR TCP UDP IPv4 IPv6 0t0 127.0.0.1 [::1] localhost *: (ESTABLISHED)";

/** The fields that remain of lines that match a pattern, or don't; unknown where that can't be told. */
export function selectLines(
  input: readonly Field[],
  pattern: string,
  flavour: Flavour,
  choice: Choice = {},
): Field[] {
  const expression = toRegExp(pattern, flavour, choice);
  if (expression === undefined) return input.map(() => UNKNOWN);
  const { not = false, isLine = false } = choice;
  return input.flatMap((field): Field[] => {
    switch (field.kind) {
      case "sockets":
        if (isLine) return [UNKNOWN];
        if (isHeading(pattern)) return [field];
        return socketsOf(field, pattern, { pattern: expression, ...(not && { not }) });
      case "processes":
      case "pids":
        if (isLine && field.line !== "id") return [UNKNOWN];
        return [narrowed(field, pattern, { pattern: expression, ...(not && { not }) })];
      case "text": {
        const lines = field.text.split("\n").filter((line) => expression.test(line) !== not);
        return lines.length === 0 ? [] : [text(lines.join("\n"))];
      }
      default:
        return [field];
    }
  });
}

function narrowed(
  field: Pids | (Field & { kind: "processes" }),
  pattern: string,
  test: Test,
): Field {
  const { not = false } = test;
  const isOfHeading = isHeading(pattern);
  if (field.kind === "pids" && field.target.kind === "port" && field.line !== "id") {
    if (/LISTEN/i.test(pattern) && isOfHeading) return not ? UNKNOWN : withoutClients(field);
    if (not && /^\W*ESTAB(LISHED)?\W*$/.test(pattern)) return withoutClients(field);
    if (!not && (isOfHeading || portsOf(pattern).includes(field.target.port))) {
      return { ...field, heading: isOfHeading && field.heading === true };
    }
  }
  if (not && /^\W*(UID|USER|PID|COMMAND)\W*$/.test(pattern)) return { ...field, heading: false };
  // The line begins with something else than what it is taken for, or is aligned to the right.
  const beginsOtherwise = field.column !== 1 && !field.line.startsWith("user");
  if (/^\^(?!\W*$)/.test(pattern) && (beginsOtherwise || (field.names && /^\^\d/.test(pattern)))) {
    return UNKNOWN;
  }
  if (not && field.line !== "id" && mayMatchOthers(pattern, test.pattern)) return UNKNOWN;
  return tested(field, test);
}

/** Whether a pattern may match a line by a column that the guard doesn't know. */
const mayMatchOthers = (pattern: string, expression: RegExp) =>
  /pts|tty|^\W*\d{1,3}\W*$/.test(pattern) ||
  pattern.startsWith("^ ") ||
  expression.test(OTHER_COLUMNS);

/** Those of the processes whose lines pass a test. `by`: of what, if not of the whole line. */
export function tested(
  field: Pids | (Field & { kind: "processes" }),
  test: Test,
  by?: "id" | "name",
): Field {
  const { line } = field;
  const { column, names, where } = field;
  const layout: Layout = {
    line,
    ...(column && { column }),
    ...(names && { names }),
    ...(where && { where }),
  };
  // Which of them `head` has chosen isn't known, so neither is what the test makes of it.
  if (line === "unknown" || (field.kind === "pids" && field.some)) return UNKNOWN;
  if (field.kind === "processes") {
    const tests = [...field.tests, test];
    // Only a pattern that selects turns all processes into some of them.
    if (test.not && by === undefined) return { ...field, tests };
    if (by === undefined) return pids({ kind: "match", by: line, tests }, layout);
    const chosen: Target = { kind: "match", by, tests: [test] };
    if (field.tests.length === 0) return pids(chosen, layout);
    const others: Target = { kind: "match", by: line, tests: field.tests };
    return pids({ kind: "every", of: [chosen, others] }, layout);
  }
  const { target } = field;
  if (target.kind === "match" && target.by === (by ?? line)) {
    return pids({ ...target, tests: [...target.tests, test] }, layout);
  }
  const chosen: Target = { kind: "match", by: by ?? line, tests: [test] };
  return pids({ kind: "every", of: [target, chosen] }, layout);
}

/** Patterns of a heading, or of what every line has. */
export const isHeading = (pattern: string): boolean =>
  /^\W*(LISTEN|tcp|users?|pid|command)\W*$/i.test(pattern);

function withoutClients(field: Pids): Field {
  const { target } = field;
  const port = target.kind === "port" ? { ...target, clients: false } : target;
  return { ...field, target: port, heading: false };
}

/**
 * The sockets of the ports in a pattern like ":3000 " or ':8000\\|:6333'. Without a port, a pattern of
 * letters is one of the process's name.
 */
export function socketsOf(field: Sockets, pattern: string, test?: Test): Field[] {
  const { line, tests } = field;
  const ports = portsOf(pattern);
  if (test?.not || ports.length === 0) {
    const isName = test !== undefined && /^[a-z][a-z\d-]{2,}$/i.test(pattern) && !isOther(test);
    return [isName ? { ...field, tests: [...tests, test] } : UNKNOWN];
  }
  return ports.map((port): Field => {
    const target: Target = { kind: "port", port, clients: false };
    const layout = { line, ...(field.column !== undefined && { column: field.column }) };
    if (tests.length === 0) return pids(target, layout);
    if (line === "unknown" || line === "id") return UNKNOWN;
    return pids({ kind: "every", of: [target, { kind: "match", by: line, tests }] }, layout);
  });
}

const isOther = ({ pattern }: Test) => pattern.test(OTHER_COLUMNS);

/** The ports in a pattern of nothing else: a name or an address may leave out a port's lines. */
function portsOf(pattern: string): number[] {
  const others = pattern.replaceAll(/LISTEN|tcp|users|pid|\\[a-zA-Z]/g, "");
  if (/[a-z]{3}|\d\.\d|(^|[^.)\]])\*:/i.test(others)) return [];
  return [...pattern.matchAll(/(?<![\d.])(\d{2,5})(?!\d)/g)].flatMap(([, port = ""]) =>
    portsIn(port),
  );
}
