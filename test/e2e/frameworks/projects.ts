import { frameworks } from "./projects/frameworks.ts";
import { others } from "./projects/others.ts";
import { python } from "./projects/python.ts";
import { servers } from "./projects/servers.ts";
import { vite } from "./projects/vite.ts";

export const projects = [...vite, ...frameworks, ...servers, ...python, ...others];
