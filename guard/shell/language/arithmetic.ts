import type { ArithmeticExpression, ArithmeticFor } from "unbash";
import { type Field, text, textsOf, UNKNOWN } from "../model/field.ts";

interface Variables {
  variable(name: string): Field[] | undefined;
}

/** The value of sums, differences and products; `undefined` for anything else. */
export function arithmetic(
  expression: ArithmeticExpression | undefined,
  scope: Variables,
): number | undefined {
  if (expression === undefined) return undefined;
  if (expression.type === "ArithmeticGroup") return arithmetic(expression.expression, scope);
  if (expression.type === "ArithmeticWord") return numberOf(expression.value, scope);
  if (expression.type !== "ArithmeticBinary") return undefined;
  const left = arithmetic(expression.left, scope);
  const right = arithmetic(expression.right, scope);
  if (left === undefined || right === undefined) return undefined;
  if (expression.operator === "+") return left + right;
  if (expression.operator === "-") return left - right;
  return expression.operator === "*" ? left * right : undefined;
}

function numberOf(word: string, scope: Variables): number | undefined {
  const name = word.replace(/^\$\{?|\}$/g, "");
  const digits = /^\d+$/.test(name) ? name : textsOf(scope.variable(name) ?? [])[0];
  return digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** Sets the variables that `((…))` or `let` changes: one more for `i++`, else to what isn't known. */
export function change(
  shell: Variables & { set(name: string, value: Field[]): void },
  source: string,
): void {
  const names = source.matchAll(/(\w+)\s*(\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))|(?:\+\+|--)(\w+)/g);
  for (const [, before, operator, behind] of names) {
    const name = before ?? behind ?? "";
    const value = operator === "++" ? numberOf(name, shell) : undefined;
    shell.set(name, [value === undefined ? UNKNOWN : text(String(value + 1))]);
  }
}

/** The counter of `for ((i = 3000; i <= 3010; i++))`, and its values; `undefined` for any other loop. */
export function countedLoop(
  { initialize, test, update }: ArithmeticFor,
  scope: Variables,
): { name: string; first: number; last: number } | undefined {
  if (initialize?.type !== "ArithmeticBinary" || initialize.operator !== "=") return undefined;
  if (test?.type !== "ArithmeticBinary" || update?.type !== "ArithmeticUnary") return undefined;
  if (initialize.left.type !== "ArithmeticWord" || update.operator !== "++") return undefined;
  const first = arithmetic(initialize.right, scope);
  const limit = arithmetic(test.right, scope);
  if (first === undefined || limit === undefined) return undefined;
  const name = initialize.left.value;
  if (test.operator === "<=") return { name, first, last: limit };
  return test.operator === "<" ? { name, first, last: limit - 1 } : undefined;
}
