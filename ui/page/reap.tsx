import { useEffect, useState } from "preact/hooks";
import { reap } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { count, printable } from "./text.ts";
import type { ReapOutcome } from "./wire.ts";

interface Props {
  close: () => void;
  say: (text: string) => void;
}

/** Shows what a reap would do, and does it if it is told to. */
export function ReapDialog({ close, say }: Props) {
  const [outcomes, setOutcomes] = useState<ReapOutcome[]>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    reap(true).then(setOutcomes, (error: Error) => setProblem(error.message));
  }, []);
  const ends = outcomes?.filter(({ action }) => action !== "kept") ?? [];
  const kept = outcomes?.filter(({ action }) => action === "kept") ?? [];
  const run = async () => {
    const done = await reap(false);
    const freed = done.filter(({ action }) => action === "reaped" || action === "released");
    say(`${count(freed.length, "port")} freed`);
  };
  const action =
    ends.length > 0 ? { label: `Reap ${count(ends.length, "claim")}`, run } : undefined;
  return (
    <Dialog title="Reap what is gone or idle" action={action} close={close}>
      {problem && <p role="alert">{problem}</p>}
      {!outcomes && !problem && <p>Looking…</p>}
      {outcomes && ends.length === 0 && <p>Nothing is to be reaped.</p>}
      <Outcomes title="This would go" outcomes={ends} />
      <Outcomes title="This would stay" outcomes={kept} />
    </Dialog>
  );
}

const WORDS = { reaped: "", released: "", kept: "", "handed-over": " goes to its server" };

function Outcomes({ title, outcomes }: { title: string; outcomes: readonly ReapOutcome[] }) {
  if (outcomes.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {outcomes.map(({ port, service, project, action, reason }) => (
          <li key={port}>
            <b>{port}</b> {printable(service)} of {printable(project)}
            {WORDS[action]}
            <small>{printable(reason)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
