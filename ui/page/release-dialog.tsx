import { useState } from "preact/hooks";
import type { ClaimView } from "../../registry/model/claim.ts";
import { release } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import type { Model } from "./model.ts";
import { count, printable, processName } from "./text.ts";

interface Props {
  ports: readonly number[];
  claims: Model["claims"];
  close: () => void;
  announce: (text: string) => void;
}

/** Releases claims, after showing whose they are and what follows. */
export function ReleaseDialog({ ports, claims: current, close, announce }: Props) {
  // What the user confirms is the claims as they were shown, even if others replace them meanwhile.
  const [claims] = useState(() => ports.map((port) => ({ port, claim: current.get(port)?.claim })));
  const what = ports.length === 1 ? `port ${ports[0]}` : count(ports.length, "claim");
  const run = async () => {
    for (const { port, claim } of claims) await release(port, claim);
    announce(`Released ${what}`);
  };
  return (
    <Dialog title={`Release ${what}?`} action={{ label: `Release ${what}`, run }} close={close}>
      {claims.map(({ port, claim }) =>
        claim ? (
          <Consequences key={port} claim={claim} />
        ) : (
          <p key={port}>The claim file of {port} can't be read. It will be removed.</p>
        ),
      )}
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
  const { port, service, project, agent, owner, pid, state, listeners } = claim;
  const process = processName(owner?.command, pid);
  const [listener] = listeners;
  return (
    <>
      <p>
        <b>{port}</b> is claimed for <b>{printable(service)}</b> in <b>{printable(project)}</b> by{" "}
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
