import { useEffect, useState } from "preact/hooks";
import type { PlannedServer } from "../../registry/model/claim.ts";
import { readPort, stop } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import type { Model } from "./model.ts";
import { count, printable, processName } from "./text.ts";

interface Props {
  ports: readonly number[];
  /** The names of these ports: "web on 3000". */
  names: readonly string[];
  claims: Model["claims"];
  close: () => void;
  announce: (text: string) => void;
}

/** A server that the user may confirm to stop, with the claim as it was shown. */
interface Offer {
  port: number;
  server: PlannedServer;
}

/** Stops servers, after naming their processes and what else ends with them. */
export function StopDialog({ ports, names, claims: current, close, announce }: Props) {
  const [claims] = useState(current);
  const [title] = useState(
    names.length === 1 ? names[0] : `the servers on ${count(ports.length, "port")}`,
  );
  const [offers, setOffers] = useState<readonly Offer[]>();
  const [chosen, choose] = useState<ReadonlySet<Offer>>(new Set());
  const [problem, setProblem] = useState("");
  const load = async () => {
    const details = await Promise.all(ports.map(readPort));
    const all = details.flatMap(({ port, servers }) => servers.map((server) => ({ port, server })));
    setOffers(all);
    choose(new Set(all.filter((offer) => isMeant(offer, all))));
  };
  useEffect(() => {
    load().catch((error: Error) => setProblem(error.message));
  }, []);
  const run = async () => {
    try {
      for (const { port, server } of chosen) await stop(port, server, claims.get(port)?.claim);
    } catch (error) {
      await load().catch(() => {});
      throw error;
    }
    announce(`Stopped ${chosen.size === 1 ? title : count(chosen.size, "server")}`);
  };
  const label = `Stop ${chosen.size === 1 && ports.length === 1 ? title : count(chosen.size, "server")}`;
  const toggle = (offer: Offer) => choose(chosen.symmetricDifference(new Set([offer])));
  return (
    <Dialog
      title={`Stop ${title}?`}
      action={chosen.size > 0 ? { label, run } : undefined}
      close={close}
    >
      {problem && <p role="alert">{problem}</p>}
      {!offers && !problem && <p>Checking…</p>}
      {offers?.length === 0 && <p>There is no server left that can be stopped from here.</p>}
      <ul>
        {offers?.map((offer) => (
          <li key={offer.server.pid}>
            {offers.length > 1 && !offer.server.refusal ? (
              <label>
                <input type="checkbox" checked={chosen.has(offer)} onChange={() => toggle(offer)} />
                <ServerName offer={offer} />
              </label>
            ) : (
              <ServerName offer={offer} />
            )}
            <Consequences server={offer.server} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Whether a server is what "Stop" on its port refers to: the claim's server, else any. */
function isMeant({ port, server }: Offer, all: readonly Offer[]): boolean {
  const hasCovered = all.some((other) => other.port === port && other.server.covered);
  return !server.refusal && (server.covered || !hasCovered);
}

function ServerName({ offer: { port, server } }: { offer: Offer }) {
  const elsewhere = server.port === port ? "" : `, on ${server.port}`;
  return (
    <>
      <b>{port}</b> {processName(server.command, server.pid)}
      {elsewhere}
    </>
  );
}

function Consequences({ server }: { server: PlannedServer }) {
  const { commandLine, cwd, processes, also, refusal } = server;
  const names = processes.map(({ command, pid }) => processName(command, pid));
  const ports = also.map(({ port, service }) => printable(`${port} ${service ?? ""}`.trim()));
  return (
    <>
      <code>{printable(commandLine)}</code>
      {cwd && <small>in {printable(cwd)}</small>}
      {refusal && <p role="alert">Not from here: {printable(refusal)}</p>}
      {!refusal && names.length > 0 && <small>Ends with it: {names.join(", ")}</small>}
      {!refusal && ports.length > 0 && (
        <p>
          Also ends what listens on <b>{ports.join(", ")}</b>
        </p>
      )}
    </>
  );
}
