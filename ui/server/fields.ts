import { HttpError } from "./http-error.ts";

const LARGEST_BODY = 4096;

const TRUTHS: Record<string, boolean> = {
  true: true,
  "1": true,
  on: true,
  false: false,
  "0": false,
};

/** What a request asks for: each field is "yes or no" or a text, as `known` says. */
export type Fields = Record<string, boolean | string>;

/** Reads a JSON object or a form of known fields. Throws a Fault: 400, 413, 415. */
export async function readFields(
  request: Request,
  known: Record<string, "boolean" | "string">,
): Promise<Fields> {
  const text = await readBody(request);
  if (text === "") return {};
  const fields = parse(text, request.headers.get("content-type") ?? "");
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, check(name, value, known)]),
  );
}

async function readBody(request: Request): Promise<string> {
  const tooLarge = () =>
    new HttpError(
      413,
      "too-large",
      `Cannot read the body: it is larger than ${LARGEST_BODY} bytes`,
      {
        Connection: "close",
      },
    );
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
    throw new HttpError(415, "unknown-type", `Cannot read the body: it is neither JSON nor a form`);
  }
  const value = tryParse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new HttpError(400, "malformed", "Cannot read the body: it is not a JSON object");
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function check(name: string, value: unknown, known: Record<string, string>): boolean | string {
  const type = Object.hasOwn(known, name) ? known[name] : undefined;
  if (type === "string" && typeof value === "string") return value;
  if (type === "boolean" && typeof value !== "object" && Object.hasOwn(TRUTHS, String(value))) {
    return TRUTHS[String(value)] === true;
  }
  const names = Object.keys(known).join(", ");
  const problem = type === undefined ? `there is only ${names}` : `it is not a ${type}`;
  throw new HttpError(400, "malformed", `Cannot use field ${JSON.stringify(name)}: ${problem}`);
}
