import { useEffect, useState } from "preact/hooks";
import { reap } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { count, printable } from "./text.ts";
import type { ReapOutcome } from "./wire.ts";

interface Props {
  close: () => void;
  announce: (text: string) => void;
}

/** Shows what cleaning up would do, and does it on request. */
export function ReapDialog({ close, announce }: Props) {
  const [outcomes, setOutcomes] = useState<ReapOutcome[]>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    reap(true).then(setOutcomes, (error: Error) => setProblem(error.message));
  }, []);
  const ends = outcomes?.filter(({ action }) => action !== "kept") ?? [];
  const kept = outcomes?.filter(({ action }) => action === "kept") ?? [];
  const run = async () => {
    const done = await reap(false);
    const removed = done.filter(({ action }) => action === "reaped" || action === "released");
    announce(`${count(removed.length, "claim")} removed`);
  };
  const action =
    ends.length > 0 ? { label: `Clean up ${count(ends.length, "claim")}`, run } : undefined;
  return (
    <Dialog title="Clean up" action={action} close={close}>
      {problem && <p role="alert">{problem}</p>}
      {!outcomes && !problem && <p>Checking…</p>}
      {outcomes && ends.length === 0 && <p>Nothing to clean up.</p>}
      <Outcomes title="To be removed" outcomes={ends.filter(isRemoved)} />
      <Outcomes title="To be adopted by the server" outcomes={ends.filter(isAdopted)} />
      <Outcomes title="Kept" outcomes={kept} />
    </Dialog>
  );
}

const isAdopted = ({ action }: ReapOutcome) => action === "handed-over";
const isRemoved = (outcome: ReapOutcome) => !isAdopted(outcome);

function Outcomes({ title, outcomes }: { title: string; outcomes: readonly ReapOutcome[] }) {
  if (outcomes.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {outcomes.map(({ port, service, project, reason }) => (
          <li key={port}>
            <b>{port}</b> {printable(service)} in {printable(project)}
            <small>{printable(reason)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
