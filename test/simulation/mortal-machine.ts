import type { Files } from "../../native/types.ts";
import { FakeMachine } from "../fake-machine.ts";

const CHANGES: readonly (keyof Files)[] = ["create", "rename", "remove", "append", "makeDirectory"];

/** A fake machine on which a call can be killed at any of its changes to the file system. */
export class MortalMachine extends FakeMachine {
  #left = Infinity;
  #killed = false;

  /** The files of a process that dies at one of its changes; a file it creates then is torn. */
  override readonly files: Files = new Proxy<Files>(this.memory, {
    get: (target, name: keyof Files) => (path: string, text: string) => {
      if (!this.#killed && CHANGES.includes(name) && this.#left-- <= 0) {
        this.#killed = true;
        if (name === "create" && !this.memory.nodes.has(path)) {
          this.memory.create(path, text.slice(0, text.length / 2));
        }
      }
      if (this.#killed) throw new Error("killed");
      return (target[name] as (...all: unknown[]) => unknown).call(target, path, text);
    },
  });

  /** Runs an action that is killed at its `after`-th change; `undefined` if it got that far. */
  async kill<T>(after: number, action: () => Promise<T>): Promise<T | undefined> {
    this.#left = after;
    try {
      const result = await action();
      return this.#killed ? undefined : result;
    } catch (error) {
      if (this.#killed) return undefined;
      throw error;
    } finally {
      this.#left = Infinity;
      this.#killed = false;
    }
  }
}
