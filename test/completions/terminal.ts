import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { PORTCLAIM, until, World } from "../harness.ts";

const TAB = "\t";
const TO_START = "\u0001";
const TO_END = "\u0005";
const FORGET_LINE = "\u0015\r";

/** How each shell is started, told its prompt (which no echo may match) and our completions. */
const SHELLS = {
  bash: {
    argv: ["bash", "--norc", "-i"],
    setUp: `PS1='rea''dy> '; eval "$(portclaim completions bash)"`,
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    setUp: `PS1='rea''dy> '; eval "$(portclaim completions zsh)"`,
  },
  fish: {
    argv: ["fish", "--no-config", "-i"],
    setUp:
      "function fish_prompt; echo -n rea''dy'> '; end; portclaim completions fish | source; " +
      "set -g fish_autosuggestion_enabled 0",
  },
};

export type ShellName = keyof typeof SHELLS;
export const SHELL_NAMES = Object.keys(SHELLS) as ShellName[];

/** A person at a terminal: a shell that types and shows, with portclaim on its PATH. */
export class Terminal implements AsyncDisposable {
  /** All that was shown since the last {@link press}, without colors and cursor movements. */
  #shown = "";
  readonly #shell: Bun.Subprocess;

  private constructor(
    readonly world: World,
    name: ShellName,
  ) {
    mkdirSync(world.path("bin"));
    const launcher = `#!/bin/sh\nexec ${PORTCLAIM.map((word) => `'${word}'`).join(" ")} "$@"\n`;
    writeFileSync(world.path("bin/portclaim"), launcher);
    chmodSync(world.path("bin/portclaim"), 0o755);
    const decoder = new TextDecoder();
    this.#shell = Bun.spawn(SHELLS[name].argv, {
      cwd: world.cwd,
      env: {
        ...world.env,
        PATH: world.path("bin") + delimiter + world.env["PATH"],
        TERM: "xterm",
      },
      terminal: {
        cols: 200,
        rows: 50,
        data: (_, bytes) => void (this.#shown += decoder.decode(bytes, { stream: true })),
      },
    });
  }

  static async start(world: World, name: ShellName): Promise<Terminal> {
    const terminal = new Terminal(world, name);
    terminal.press(`${SHELLS[name].setUp}\r`);
    await terminal.shows("ready> ");
    return terminal;
  }

  press(keys: string): void {
    this.#shown = "";
    this.#shell.terminal?.write(keys);
  }

  async shows(...texts: string[]): Promise<string> {
    return await until(`the terminal shows ${texts.join(" and ")}`, () => {
      const shown = Bun.stripANSI(this.#shown);
      return texts.every((text) => shown.includes(text)) ? shown : undefined;
    });
  }

  /** Types a line, Tab and a rest; returns the words that the shell then takes the line for. */
  async complete(line: string, rest = ""): Promise<string[]> {
    this.press(`${line}${TAB}${rest}${TO_START}printf '{%s}' ${TO_END} '<end>'\r`);
    const shown = await this.shows("{<end>}");
    // A line of its own: what is typed is shown in pieces, and has a prompt before it.
    const [, printed = ""] = /[\r\n]\{([^\r\n]*)\}\{<end>\}/.exec(shown) ?? [];
    return printed.split("}{");
  }

  /** Types a line and Tab twice; returns what is shown once all of `expected` is. */
  async offers(line: string, ...expected: string[]): Promise<string> {
    this.press(line + TAB + TAB);
    const shown = await this.shows(...expected);
    this.press(FORGET_LINE);
    await this.shows("ready> ");
    return shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shell.kill("SIGKILL");
    await this.#shell.exited;
    this.#shell.terminal?.close();
  }
}
