import { javascript } from "./projects/javascript.ts";
import { others } from "./projects/others.ts";
import { python } from "./projects/python.ts";

export const projects = [...javascript, ...python, ...others];
