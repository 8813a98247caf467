import { START } from "../scripts/bundle.ts";
import { root } from "../scripts/root.ts";
import { installTools } from "../scripts/tools.ts";
import type { Stage } from "./stage.ts";

/** What is built to compare with; the two in C only on Linux, where there is a compiler. */
export interface Built {
  /** A program that does nothing, built as portclaim is. */
  empty: string;
  /** The work of an acquire. */
  floor: string | undefined;
  /** Runs a program and prints the most memory that it held. */
  peak: string | undefined;
}

export async function build(stage: Stage): Promise<Built> {
  const empty = await buildEmpty(stage);
  const compiler = findCompiler();
  const compile = (name: string) => (compiler ? compileC(compiler, stage, name) : undefined);
  if (!compiler) stage.notes.push("No gcc on Linux: left out are the work in C and memory.");
  return { empty, floor: compile("floor"), peak: compile("peak") };
}

async function buildEmpty({ folder }: Stage): Promise<string> {
  const outfile = `${folder}/empty`;
  await Bun.write(`${folder}/empty.ts`, "");
  await Bun.build({
    entrypoints: [`${folder}/empty.ts`],
    target: "bun",
    format: "esm",
    minify: true,
    splitting: true,
    bytecode: true,
    compile: { outfile, ...START },
  });
  return outfile;
}

function findCompiler(): string | null {
  // floor.c reads /proc.
  if (process.platform !== "linux") return null;
  installTools(["gcc"]);
  return Bun.which("gcc");
}

function compileC(compiler: string, { folder }: Stage, name: string): string {
  const outfile = `${folder}/${name}`;
  const command = [compiler, "-O2", "-Wall", "-o", outfile, `${root}/bench/${name}.c`];
  const { success, stderr } = Bun.spawnSync(command);
  if (!success) throw new Error(`Cannot compile ${name}.c: ${stderr}`);
  return outfile;
}
