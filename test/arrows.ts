import { codeOf, type Import, importsOf, type Source } from "./imports.ts";

/** What each folder may import from, besides itself. */
const ARROWS: Record<string, string[]> = {
  cli: ["setup", "guard", "mcp", "ui", "frameworks", "registry", "native", "package.json"],
  setup: ["registry", "native", "skill"],
  mcp: ["registry", "native", "package.json"],
  ui: ["registry", "native", "package.json"],
  lib: ["registry", "native"],
  frameworks: [],
  guard: ["registry", "native"],
  registry: ["native"],
  native: [],
};

/** The rooms of these directories, from the top floor down: each imports only from lower floors. */
const FLOORS: Record<string, string[][]> = {
  registry: [
    ["allocate"],
    ["watch", "maintain", "control"],
    ["query"],
    ["store", "liveness"],
    ["config", "owner"],
    ["values"],
    ["errors"],
    ["model"],
  ],
  "guard/shell": [["killers"], ["language", "finders", "filters", "runners"], ["model"]],
};

/** Faces that cli starts by import(), so that no other command pays for loading them. */
const LAZY = ["mcp", "ui", "guard"];

const PAGE = "ui/page/";
/** The browser uses these: they import types alone. */
const PURE = ["claim", "event", "time", "url"].map((name) => `registry/model/${name}.ts`);

const folderOf = (path: string) => path.split("/", 1)[0] ?? "";

/** The directory with floors that holds a file, and the file's room there; "" for a file of no room. */
function placeOf(path: string): { house: string; room: string } | undefined {
  const house = Object.keys(FLOORS).find((one) => path.startsWith(`${one}/`));
  if (house === undefined) return undefined;
  const [room = "", ...others] = path.slice(house.length + 1).split("/");
  return { house, room: others.length > 0 ? room : "" };
}

/** Files of no room stand above all rooms. */
const floorOf = (house: string, room: string) =>
  FLOORS[house]?.findIndex((rooms) => rooms.includes(room)) ?? -1;

const roomOf = (path: string) => path.split("/", 2).join("/");

/** What is wrong with an import within a directory that has floors, or out of one, if anything. */
function climbing(from: string, file: string): string | undefined {
  const here = placeOf(from);
  const there = placeOf(file);
  if (here === undefined) return undefined;
  const { house, room } = here;
  if (there?.house !== house) {
    return file.startsWith(`${folderOf(house)}/`) ? `climbs: out of ${house}` : undefined;
  }
  if (room === there.room || room === "") return undefined;
  if (floorOf(house, there.room) > floorOf(house, room)) return undefined;
  return `climbs: ${house}/${there.room} is not below ${house}/${room}`;
}

const isOfOneSystem = (path: string) => /^native\/(linux|darwin)\//.test(path);

const imports = (sources: Source[]) => sources.flatMap(importsOf);

/** What is wrong with one import, if anything. */
function fault({ from, specifier, file, how }: Import): string | undefined {
  const folder = folderOf(from);
  const allowed = ARROWS[folder];
  if (!allowed) return undefined;
  if (specifier === undefined) return "is computed, so that it can't be followed";
  if (PURE.includes(from) && (how !== "type" || !PURE.includes(file ?? ""))) {
    return "is one too many: the browser uses this file, it imports nothing but types";
  }
  if (specifier === "bun:ffi" && from !== "native/posix/libc.ts")
    return "belongs to native/posix/libc.ts alone";
  if (from.startsWith(PAGE) && !mayLoadInBrowser(specifier, file)) return "is not for the browser";
  if (file === undefined) return undefined;
  if (!/\.\w+$/.test(file)) return "lacks its file's extension";
  const target = folderOf(file);
  if (isOfOneSystem(from) && isOfOneSystem(file) && roomOf(from) !== roomOf(file)) {
    return `is of ${roomOf(file)}, another system`;
  }
  const climb = climbing(from, file);
  if (climb) return climb;
  if (target === folder) return undefined;
  if (!allowed.includes(target)) return `climbs: ${folder} imports from ${list(allowed)}`;
  if (LAZY.includes(target) && how === "static") return "is not lazy: use import() or import type";
  return undefined;
}

function mayLoadInBrowser(specifier: string, file: string | undefined): boolean {
  if (file === undefined) return /^preact(\/|$)/.test(specifier);
  return file.startsWith(PAGE) || PURE.includes(file);
}

function list(folders: string[]): string {
  return folders.length === 0 ? "nothing" : folders.join(", ");
}

/** Forbidden imports. */
export function strayImports(sources: Source[]): string[] {
  return imports(sources).flatMap((one) => {
    const problem = fault(one);
    return problem ? [`${one.from}: import of ${one.specifier ?? "(?)"} ${problem}`] : [];
  });
}

/** Circles of imports, including those of types and lazy ones. */
export function circles(sources: Source[]): string[] {
  const targets = Map.groupBy(imports(sources), (one) => one.from);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) found.push([...trail.slice(start), path].join(" → "));
    if (start !== -1 || done.has(path)) return;
    for (const { file } of targets.get(path) ?? []) if (file) visit(file, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}

/** Words that only some files may contain: where to look for them, and which. */
const WORDS: { where: (path: string) => boolean; what: RegExp; why: string }[] = [
  {
    where: (path) => /^(registry|native)\//.test(path),
    what: /\bconsole\.|\bprocess\.(?:argv|stdout|stderr)\b/,
    why: "only faces read arguments and print",
  },
  {
    where: (path) => path.startsWith("native/") && path !== "native/system.ts",
    what: /\bprocess\.platform\b/,
    why: "only native/system.ts asks which system this is",
  },
  {
    where: (path) => folderOf(path) in ARROWS && path !== "cli/main.ts",
    what: /\bprocess\.(?:exit|reallyExit)\b(?!Code)/,
    why: "only cli/main.ts ends the process",
  },
];

/** Lines that do something only other directories may do. */
export function strayWords(sources: Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const rules = WORDS.filter(({ where }) => where(path));
    return codeOf(text)
      .split("\n")
      .flatMap((line, index) =>
        rules.flatMap(({ what, why }) => {
          const word = line.match(what)?.[0];
          return word ? [`${path}:${index + 1}: ${word}: ${why}`] : [];
        }),
      );
  });
}

const LONGEST = 250;

/** Files that are too long to hold one idea; tests may be as long as their tables. */
export function tooLong(sources: Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    const free = /\.test\.tsx?$/.test(path) || lines <= LONGEST;
    return free ? [] : [`${path}: ${lines} lines, ${LONGEST} at most`];
  });
}
