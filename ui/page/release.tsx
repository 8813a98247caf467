import type { ClaimView } from "../../registry/model/claim.ts";
import { release } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { printable, processName } from "./text.ts";

interface Props {
  port: number;
  /** None where the file can't be understood. */
  claim: ClaimView | undefined;
  close: () => void;
  say: (text: string) => void;
}

/** Releases one claim, after saying whose it is and what follows. */
export function ReleaseDialog({ port, claim, close, say }: Props) {
  const run = async () => {
    await release(port, claim?.claimed_at);
    say(`${port} released`);
  };
  return (
    <Dialog title={`Release ${port}?`} action={{ label: `Release ${port}`, run }} close={close}>
      {claim ? (
        <Consequences claim={claim} />
      ) : (
        <p>Its claim file, which can't be understood, goes.</p>
      )}
    </Dialog>
  );
}

function Consequences({ claim }: { claim: ClaimView }) {
  const { service, project, agent, owner, pid, state, listeners } = claim;
  const who = processName(owner?.command, pid);
  const isAlive = state === "starting" || state === "listening" || state === "idle";
  const [listener] = listeners;
  return (
    <>
      <p>
        It is <b>{printable(service)}</b> of <b>{printable(project)}</b>, claimed by{" "}
        {agent === null ? who : `${printable(agent)}, ${who}`}
        {isAlive ? ", which still runs." : "."}
      </p>
      {listener && (
        <p>
          {processName(listener.command, listener.pid)} goes on listening, and no claim keeps others
          from reckoning with the port.
        </p>
      )}
    </>
  );
}
