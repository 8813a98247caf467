import { KeysDialog } from "./keys-dialog.tsx";
import type { Model } from "./model.ts";
import { ReapDialog } from "./reap-dialog.tsx";
import { ReleaseDialog } from "./release-dialog.tsx";
import { type Row, serverOf } from "./row.ts";
import { StopDialog } from "./stop-dialog.tsx";

/** What the user has asked for, and is asked to confirm. */
export type Asked =
  | { what: "reap" | "keys" }
  | { what: "stop" | "release"; ports: readonly number[] };

interface Props {
  asked: Asked;
  rows: readonly Row[];
  claims: Model["claims"];
  close: () => void;
  announce: (text: string) => void;
}

/** The dialog that is open. */
export function AskedDialog({ asked, rows, ...rest }: Props) {
  switch (asked.what) {
    case "reap":
      return <ReapDialog {...rest} />;
    case "keys":
      return <KeysDialog {...rest} />;
    case "release":
      return <ReleaseDialog {...rest} ports={asked.ports} />;
    case "stop": {
      const stopped = rows.filter(({ port }) => asked.ports.includes(port));
      return <StopDialog {...rest} ports={asked.ports} names={stopped.map(serverOf)} />;
    }
  }
}
