/** The targets of a release by the names of their archives, with bun's names for them. */
export const TARGETS = {
  "linux-x64": "bun-linux-x64",
  "linux-x64-musl": "bun-linux-x64-musl",
  "linux-arm64": "bun-linux-arm64",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "darwin-x64": "bun-darwin-x64",
  "darwin-arm64": "bun-darwin-arm64",
} as const satisfies Record<string, Bun.Build.CompileTarget>;

export type Target = keyof typeof TARGETS;

/** The name of a target's archive. */
export const archiveOf = (target: Target): string => `portclaim-${target}.tar.gz`;
