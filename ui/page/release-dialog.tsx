import { useState } from "preact/hooks";
import type { ClaimView } from "../../registry/model/claim.ts";
import { release } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { printable, processName } from "./text.ts";

interface Props {
  port: number;
  /** Absent if the claim file can't be read. */
  claim: ClaimView | undefined;
  close: () => void;
  announce: (text: string) => void;
}

/** Releases one claim, after showing whose it is and what follows. */
export function ReleaseDialog({ port, claim: current, close, announce }: Props) {
  // What the user confirms is the claim as it was shown, even if another replaces it meanwhile.
  const [claim] = useState(current);
  const run = async () => {
    await release(port, claim);
    announce(`Released port ${port}`);
  };
  const action = { label: `Release port ${port}`, run };
  return (
    <Dialog title={`Release port ${port}?`} action={action} close={close}>
      {claim ? <Consequences claim={claim} /> : <p>Its claim file can't be read. It is removed.</p>}
    </Dialog>
  );
}

const OWNER_WORDS: Record<ClaimView["state"], string> = {
  starting: ", which is still running.",
  listening: ", which is still running.",
  occupied: ", which is still running.",
  idle: ", which is still running.",
  orphaned: ", which has exited.",
  dead: ", which has exited.",
  unknown: ", which runs in another container or on another host.",
};

function Consequences({ claim }: { claim: ClaimView }) {
  const { service, project, agent, owner, pid, state, listeners } = claim;
  const process = processName(owner?.command, pid);
  const [listener] = listeners;
  return (
    <>
      <p>
        Claimed for <b>{printable(service)}</b> in <b>{printable(project)}</b> by{" "}
        {agent === null ? process : `${printable(agent)}, ${process}`}
        {OWNER_WORDS[state]}
      </p>
      {listener && (
        <p>
          {processName(listener.command, listener.pid)} keeps running, but the port is no longer
          reserved.
        </p>
      )}
    </>
  );
}
