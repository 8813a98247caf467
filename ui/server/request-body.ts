import { HttpError } from "./http-error.ts";

const LARGEST_BODY = 4096;

const BOOLEANS: Record<string, boolean> = {
  true: true,
  "1": true,
  on: true,
  false: false,
  "0": false,
};

/** The fields of a request's body. */
export type Fields = Record<string, boolean | number | string>;

/** Reads a JSON object or a form that has only `known` fields. Throws an HttpError: 400, 413, 415. */
export async function readBody(
  request: Request,
  known: Record<string, "boolean" | "number" | "string">,
): Promise<Fields> {
  const text = await readText(request);
  if (text === "") return {};
  const fields = parse(text, request.headers.get("content-type") ?? "");
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, validate(name, value, known)]),
  );
}

async function readText(request: Request): Promise<string> {
  const tooLarge = () => {
    const message = `the request body is larger than ${LARGEST_BODY} bytes`;
    return new HttpError(413, "too-large", message, { Connection: "close" });
  };
  if (Number(request.headers.get("content-length")) > LARGEST_BODY) throw tooLarge();
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function parse(text: string, type: string): Record<string, unknown> {
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  if (!/^application\/json\b/i.test(type)) {
    throw new HttpError(415, "unknown-type", "the request body is neither JSON nor a form");
  }
  const value = tryParse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new HttpError(400, "malformed", "the request body is not a JSON object");
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function validate(name: string, value: unknown, known: Record<string, string>) {
  const type = Object.hasOwn(known, name) ? known[name] : undefined;
  if (type === "string" && typeof value === "string") return value;
  if (type === "number" && /^\d{1,15}$/.test(String(value))) return Number(value);
  if (type === "boolean" && typeof value !== "object" && Object.hasOwn(BOOLEANS, String(value))) {
    return BOOLEANS[String(value)] === true;
  }
  const field = JSON.stringify(name);
  const problem =
    type === undefined
      ? `unknown field ${field}; expected ${Object.keys(known).join(" or ")}`
      : `invalid field ${field}: expected a ${type}`;
  throw new HttpError(400, "malformed", problem);
}
