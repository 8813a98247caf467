import type { Process } from "../../native/machine.ts";

/**
 * Programs that container engines listen with for the containers behind them: Docker's docker-proxy,
 * Podman's conmon, rootlessport, slirp4netns and pasta, Docker Desktop, Lima and OrbStack.
 */
const FORWARDERS = [
  "docker-proxy",
  "rootlessport",
  "rootlesskit",
  "slirp4netns",
  "pasta",
  "passt",
  "conmon",
  "com.docker.backend",
  "limactl",
  "OrbStack Helper",
];

/** Whether a process forwards a container's port. It is no server, and no one may signal it. */
export function isForwarder({ name }: Process, argv: readonly string[]): boolean {
  const program = (argv[0] ?? "").slice((argv[0] ?? "").lastIndexOf("/") + 1);
  // The kernel cuts a name after 15 bytes.
  return FORWARDERS.some(
    (forwarder) =>
      name === forwarder.slice(0, 15) ||
      program === forwarder ||
      program.startsWith(`${forwarder}.`) ||
      (forwarder === "limactl" && program === "ssh" && argv.some((word) => word.includes("lima"))),
  );
}
