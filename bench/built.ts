import { START } from "../scripts/bundle.ts";
import { root } from "../scripts/root.ts";
import { installTools } from "../scripts/tools.ts";
import type { Stage } from "./stage.ts";

/** Programs that are built for comparison; the two in C only on Linux with a compiler. */
export interface Built {
  /** A program that does nothing, compiled like portclaim. */
  empty: string;
  /** The work of an acquire. */
  floor: string | undefined;
  /** Runs a program and prints its peak memory. */
  peak: string | undefined;
}

export async function build(stage: Stage): Promise<Built> {
  const empty = await buildProgram(stage, "empty", "");
  const compiler = findCompiler();
  const compile = (name: string) => (compiler ? compileC(compiler, stage, name) : undefined);
  if (!compiler) stage.notes.push("Not measured without Linux and gcc: the work in C, and memory.");
  return { empty, floor: compile("floor"), peak: compile("peak") };
}

/** Compiles a program like portclaim. */
export async function buildProgram({ folder }: Stage, name: string, code: string): Promise<string> {
  const outfile = `${folder}/${name}`;
  await Bun.write(`${outfile}.ts`, code);
  await Bun.build({
    entrypoints: [`${outfile}.ts`],
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
  if (!success) throw new Error(`gcc failed to compile ${name}.c: ${stderr}`);
  return outfile;
}
