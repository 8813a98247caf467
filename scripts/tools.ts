/** Chromium's names. The headless shell comes first: a page takes half the processor time there. */
export const CHROMIUM = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
] as const;

/**
 * Programs that tests and benchmarks run, with their Debian packages, separated by spaces. Alternative
 * programs are separated by `|`.
 */
const tools: Record<string, string> = {
  "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1": "libc6-arm64-cross",
  bwrap: "bubblewrap",
  [CHROMIUM.join("|")]: CHROMIUM[0],
  dash: "dash",
  expect: "expect",
  fish: "fish",
  flock: "util-linux",
  gcc: "gcc libc6-dev",
  git: "git",
  hyperfine: "hyperfine",
  ip: "iproute2",
  jq: "jq",
  lsof: "lsof",
  make: "make",
  nsenter: "util-linux",
  ps: "procps",
  python3: "python3",
  "qemu-aarch64": "qemu-user",
  script: "bsdutils",
  setpriv: "util-linux",
  shellcheck: "shellcheck",
  strace: "strace",
  tmux: "tmux",
  unshare: "util-linux",
  zsh: "zsh",
};

function missing(wanted: readonly string[]): string[] {
  return wanted.filter((names) => names.split("|").every((name) => !Bun.which(name)));
}

function aptGet(...args: string[]): boolean {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (sudo.length > 0 && !Bun.which("sudo")) return false;
  // sudo drops the variables of its environment, so `env` sets this one.
  const command = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
  return Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] }).success;
}

function aptInstall(packages: string[]): boolean {
  return aptGet("install", "-y", "--no-install-recommends", ...packages);
}

/** Installs missing tools, by default of all, and prints which are still missing. */
export function installTools(wanted: readonly string[] = Object.keys(tools)): void {
  const names = missing(wanted);
  if (names.length === 0) return;
  if (Bun.which("apt-get")) {
    const packages = [...new Set(names.flatMap((name) => (tools[name] ?? name).split(" ")))];
    console.log(`Installing Debian packages: ${packages.join(" ")}`);
    aptGet("update");
    // apt-get installs nothing if this release lacks one of the packages.
    if (!aptInstall(packages)) for (const one of packages) aptInstall([one]);
  }
  const still = missing(wanted);
  if (still.length > 0) console.log(`Not installed: ${still.join(", ")}`);
}
