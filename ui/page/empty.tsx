import { CopyButton } from "./copy-button.tsx";

const COMMANDS: readonly [why: string, command: string][] = [
  ["Claim a port", "PORT=$(portclaim acquire web --prefer 3000)"],
  ["Start a server on a port of its own", "portclaim run web -- npm run dev"],
];

/** What to type while there are no claims. */
export function NoClaims({ agents }: { agents: readonly string[] }) {
  const [agent = "", ...more] = agents;
  const setup = `portclaim setup ${more.length > 0 ? "--all" : agent}`.trim();
  const found = `Set up ${agents.join(", ") || "your coding agents"}`;
  return (
    <section class="empty">
      <h2>No ports claimed</h2>
      <p class="dim">Run one of these in a terminal, and its claim appears here.</p>
      {[...COMMANDS, [found, setup] as const].map(([why, command]) => (
        <div key={command} class="command">
          <p>{why}</p>
          <code>{command}</code>
          <CopyButton text={command} />
        </div>
      ))}
    </section>
  );
}

export function NoMatches({ clear }: { clear: () => void }) {
  return (
    <section class="empty">
      <h2>No matches</h2>
      <p>
        <button type="button" onClick={clear}>
          Clear search
        </button>
      </p>
    </section>
  );
}
