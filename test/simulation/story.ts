import { expect } from "bun:test";
import type { Claim } from "../../registry/model/claim.ts";
import type { HistoryEvent } from "../../registry/model/event.ts";
import { transact } from "../../registry/store/transaction.ts";
import { HOME } from "../fake-machine.ts";
import { followStory, nameOf } from "../story.ts";
import type { MortalMachine } from "./mortal-machine.ts";

const PATH = `${HOME}/.portclaim/history.jsonl`;
const PENDING = `${HOME}/.portclaim/.pending`;

/** Compares the history of each step with what the step did to the claim files. */
export class Story {
  #read = 0;
  #before = new Map<number, string>();

  constructor(readonly machine: MortalMachine) {}

  begin(): void {
    this.#read = this.#text.length;
    this.#before = this.#claims();
  }

  /** What a killed call did is told by the next one that takes the lock. */
  async check(): Promise<void> {
    await transact(this.machine.registry(), () => {});
    expect(this.machine.memory.nodes.get(PENDING)?.text ?? "\n\n").toEndWith("\n\n");
    const lines = this.#text.slice(this.#read).split("\n").slice(0, -1);
    const events = lines.map((line) => JSON.parse(line) as HistoryEvent);
    const claimed = new Map(this.#before);
    expect(followStory(events, claimed)).toEqual([]);
    expect([...claimed].toSorted()).toEqual([...this.#claims()].toSorted());
  }

  get #text(): string {
    return this.machine.memory.nodes.get(PATH)?.text ?? "";
  }

  #claims(): Map<number, string> {
    const { claims } = this.machine.contents();
    return new Map([...claims].map(([port, { claim }]) => [port, nameOf(claim as Claim)]));
  }
}
