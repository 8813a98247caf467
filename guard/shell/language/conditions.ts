import type { TestExpression } from "unbash";
import { type Field, text } from "../model/field.ts";
import { both, FAILURE, found, negated, OPEN, type Outcome, SUCCESS } from "../model/outcome.ts";
import { expandQuoted, NO_PROCESS, type Scope } from "./expand.ts";

interface Files {
  read(paths: readonly Field[]): Field[];
}

/** What `test` or `[` tells: whether processes or a file of their ids are there, or how known texts compare. */
export function testOutcome(fields: readonly Field[], files: Files): Outcome {
  const words = together(fields);
  const [first] = words;
  if (isText(first, "!") && words.length > 1) return negated(testOutcome(fields.slice(1), files));
  const [last] = words.slice(-1);
  if (words.length === 1) return first ? isThere(first) : OPEN;
  if (words.length === 2 && first?.[0]?.kind === "text" && last) {
    const operator = first[0].text;
    if (operator === "-n") return isThere(last);
    if (operator === "-z") return negated(isThere(last));
    if (!/^-[defrs]$/.test(operator)) return OPEN;
    // `/proc/$pid` stands for its process.
    return found(last) ?? (files.read(last).every(({ kind }) => kind === "text") ? SUCCESS : OPEN);
  }
  const operator = words[1]?.[0];
  if (words.length !== 3 || operator?.kind !== "text" || !first || !last) return OPEN;
  return compared(first, operator.text, last);
}

/** The words of a test. Ids that stand together are those of one word. */
function together(fields: readonly Field[]): Field[][] {
  const words: Field[][] = [];
  for (const field of fields) {
    const before = words.at(-1);
    if (field.kind !== "text" && before && before[0]?.kind !== "text") before.push(field);
    else words.push([field]);
  }
  return words;
}

const isText = (word: readonly Field[] | undefined, value: string) =>
  word?.[0]?.kind === "text" && word[0].text === value;

function isThere(word: readonly Field[]): Outcome {
  const [field] = word;
  if (field?.kind === "text") return field.text === "" ? FAILURE : SUCCESS;
  return found(word) ?? OPEN;
}

const NUMERIC: Record<string, (difference: number) => boolean> = {
  "-gt": (difference) => difference > 0,
  "-ge": (difference) => difference >= 0,
  "-lt": (difference) => difference < 0,
  "-le": (difference) => difference <= 0,
};

function compared(left: readonly Field[], operator: string, right: readonly Field[]): Outcome {
  const [a, b] = [left[0], right[0]];
  const isNot = operator === "!=" || operator === "-ne";
  const isSame = operator === "=" || operator === "==" || operator === "-eq";
  if (b?.kind !== "text") return OPEN;
  if (a?.kind === "text") {
    const difference = Number(a.text) - Number(b.text);
    const holds = NUMERIC[operator];
    if (holds && a.text !== "" && b.text !== "" && !Number.isNaN(difference)) {
      return holds(difference) ? SUCCESS : FAILURE;
    }
    if (/[*?[]/.test(b.text) || !(isNot || isSame)) return OPEN;
    return (a.text === b.text) === isSame ? SUCCESS : FAILURE;
  }
  const there = found(left);
  if (there === undefined) return OPEN;
  if (["-gt 0", "-ge 1", "-ne 0", "=~ ^[0-9]+$"].includes(`${operator} ${b.text}`)) return there;
  if (b.text !== "" && b.text !== String(NO_PROCESS)) return OPEN;
  if (isNot) return there;
  return isSame ? negated(there) : OPEN;
}

/** What `[[ … ]]` tells. */
export function expressionOutcome(expression: TestExpression, shell: Scope & Files): Outcome {
  switch (expression.type) {
    case "TestUnary":
      return testOutcome(
        [text(expression.operator), ...expandQuoted(expression.operand, shell)],
        shell,
      );
    case "TestBinary": {
      const [left, right] = [expression.left, expression.right].map((word) =>
        expandQuoted(word, shell),
      );
      return testOutcome([...(left ?? []), text(expression.operator), ...(right ?? [])], shell);
    }
    case "TestLogical": {
      const outcomes = expression.operands.map((one) => expressionOutcome(one, shell));
      if (expression.operator === "&&") return both(outcomes);
      return negated(both(outcomes.map(negated)));
    }
    case "TestNot": {
      const outcome = expressionOutcome(expression.operand, shell);
      return expression.negations.length % 2 === 1 ? negated(outcome) : outcome;
    }
    case "TestGroup":
      return expressionOutcome(expression.expression, shell);
  }
}
