import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import {
  type Data,
  type Format,
  keyedBy,
  Malformed,
  NAME,
  type Server,
  valuesOf,
} from "./format.ts";
import { addProperty, propertyOf, removeProperty, setValue } from "./json-edit.ts";
import { layoutOf, render } from "./json-layout.ts";

const BOM = "\ufeff";

/** JSON with or without comments, servers by name under `mcpServers`. */
export function json(extra: Data = {}): Format {
  const key = "mcpServers";
  const whole = (server: Server) =>
    `${render({ [key]: { [NAME]: { ...extra, ...server } } }, layoutOf(""), "")}\n`;
  return {
    ...keyedBy(key, extra),
    whole,
    parse: (text) => {
      const root = tree(text, true);
      return root === undefined ? {} : getNodeValue(root);
    },
    add(text, server) {
      const root = tree(text, true);
      if (root === undefined) {
        return text.trim() === "" ? whole(server) : `${text.trimEnd()}\n${whole(server)}`;
      }
      const entry = propertyOf(valueOf(root, key), NAME);
      const values: [string[], unknown][] = entry
        ? valuesOf(server).map(([path, value]) => [[key, NAME, ...path], value])
        : [[[key, NAME], { ...extra, ...server }]];
      const after = values.reduce((now, [path, value]) => set(now, path, value), text);
      return strictly(text, after);
    },
    remove(text) {
      const servers = valueOf(tree(text, true), key);
      const property = propertyOf(servers, NAME);
      return servers && property ? strictly(text, removeProperty(text, servers, property)) : text;
    },
  };
}

const valueOf = (object: Node | undefined, key: string) => propertyOf(object, key)?.children?.[1];

/** The text with a value at a path, the objects on the way made where they are missing. */
function set(text: string, path: string[], value: unknown): string {
  let object = tree(text, true);
  for (const [index, key] of path.entries()) {
    const property = propertyOf(object, key);
    const rest = path.slice(index + 1);
    if (object && !property) {
      const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
      return addProperty(text, object, key, nested);
    }
    if (property && rest.length === 0) return setValue(text, property, value);
    object = property?.children?.[1];
  }
  return text;
}

function tree(text: string, allowTrailingComma: boolean): Node | undefined {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(BOM, " "), errors, { allowTrailingComma });
  const [first] = errors;
  // Nothing but blanks and comments is an empty file.
  if (first === undefined || (root === undefined && isBlank(text))) return root;
  const words = printParseErrorCode(first.error)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
  throw new Malformed(words, text.slice(0, first.offset).split("\n").length);
}

function isBlank(text: string): boolean {
  return (
    text
      .replace(BOM, "")
      .replace(/\/\/.*|\/\*[^]*?\*\//g, "")
      .trim() === ""
  );
}

/** Agents that read strict JSON mustn't get a trailing comma that wasn't there. */
function strictly(before: string, after: string): string {
  if (isStrict(before) && !isStrict(after))
    throw new Malformed("its commas can't be kept in order");
  return after;
}

function isStrict(text: string): boolean {
  try {
    tree(text, false);
    return true;
  } catch {
    return false;
  }
}
