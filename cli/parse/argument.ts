/** One flag or positional of a command, in citty's terms: its help is rendered from this. */
export interface Argument {
  type: "string" | "boolean" | "enum" | "positional";
  description: string;
  valueHint?: string;
  /** The values of an enum. */
  options?: string[];
  /** May be given several times. */
  multiple?: boolean;
  /** A positional that may be left out, and for `citty` any flag that isn't required. */
  required?: boolean;
}
