import type { Process } from "../../native/machine.ts";

/**
 * Programs with which container engines forward ports to containers: Docker's docker-proxy, Podman's
 * conmon, rootlessport, slirp4netns, pasta and (in its machine) gvproxy, Docker Desktop, Lima and OrbStack.
 */
const FORWARDERS = [
  "docker-proxy",
  "rootlessport",
  "rootlesskit",
  "slirp4netns",
  "pasta",
  "passt",
  "conmon",
  "gvproxy",
  "com.docker.backend",
  "limactl",
  "OrbStack Helper",
];

/** Whether a process forwards a container's port. It isn't a server and must not be signaled. */
export function isForwarder({ name }: Process, argv: readonly string[]): boolean {
  const program = (argv[0] ?? "").slice((argv[0] ?? "").lastIndexOf("/") + 1);
  // The kernel truncates names to 15 bytes.
  return FORWARDERS.some(
    (forwarder) =>
      name === forwarder.slice(0, 15) ||
      program === forwarder ||
      program.startsWith(`${forwarder}.`) ||
      (forwarder === "limactl" && program === "ssh" && argv.some((word) => word.includes("lima"))),
  );
}

/** Podman's own; the others are Docker's, or of programs that answer to `docker` too. */
const PODMANS = ["conmon", "gvproxy", "rootlessport", "slirp4netns", "pasta", "passt"];

/** The container engine that a forwarder belongs to. */
export function engineOf(
  process: Process,
  argv: readonly string[],
): "docker" | "podman" | undefined {
  if (!isForwarder(process, argv)) return undefined;
  const program = (argv[0] ?? "").slice((argv[0] ?? "").lastIndexOf("/") + 1);
  return [process.name, program].some((name) => PODMANS.includes(name.split(".")[0] ?? ""))
    ? "podman"
    : "docker";
}
