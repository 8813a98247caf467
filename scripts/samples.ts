import type { Lease } from "../registry/model/claim.ts";

/** A claim of the seeded registry. */
export interface Sample {
  port: number;
  service: string;
  project: string;
  agent: string | null;
  /** The name of the owner's program. */
  owner: string;
  /** Its directory, below the checkout. */
  directory?: string;
  /** The name of the server's program, if one listens. */
  server?: string;
  /** The port that it listens on, if not its own. */
  elsewhere?: number;
  /** A program that doesn't belong to the claim listens on its port. */
  foreign?: string;
  /** Minutes. */
  age: number;
  lease?: Lease;
  /** The owner has exited. */
  hasExited?: boolean;
}

/** The checkouts, and their branches. */
export const BRANCHES: Record<string, string> = {
  shop: "main",
  "shop-checkout": "fix/checkout",
  docs: "main",
  billing: "main",
  "old-prototype": "spike",
  landing: "main",
};

export type Checkout = Pick<Sample, "project" | "agent" | "owner"> & { root: string };

const SHOP = { root: "shop", project: "shop", agent: "claude-code", owner: "claude" };
const FIX = { root: "shop-checkout", project: "shop", agent: "codex", owner: "codex" };
const DOCS = { root: "docs", project: "docs", agent: "codex", owner: "codex" };
const BILLING = { root: "billing", project: "billing", agent: "cursor", owner: "cursor" };

export const SAMPLES: (Sample & Checkout)[] = [
  { ...SHOP, port: 3000, service: "web", directory: "apps/web", server: "next-server", age: 42 },
  { ...SHOP, port: 3001, service: "api", directory: "apps/api", server: "server.ts", age: 41 },
  { ...SHOP, port: 6007, service: "storybook", directory: "apps/web", age: 190 },
  { ...FIX, port: 3002, service: "web", directory: "apps/web", server: "next-server", age: 8 },
  { ...FIX, port: 3003, service: "api", directory: "apps/api", foreign: "java", age: 8 },
  { ...DOCS, port: 4321, service: "site", server: "astro", age: 12 },
  { ...DOCS, port: 4322, service: "preview", age: 0.4 },
  { ...BILLING, port: 8000, service: "api", server: "uvicorn", age: 7 },
  { ...BILLING, port: 8001, service: "worker", server: "celery", age: 95, hasExited: true },
  {
    ...BILLING,
    agent: null,
    owner: "zsh",
    port: 5432,
    service: "postgres",
    server: "postgres",
    age: 4000,
    lease: "persistent",
  },
  {
    root: "landing",
    project: "landing",
    agent: "gemini",
    owner: "vite",
    port: 4000,
    service: "web",
    server: "vite",
    elsewhere: 5174,
    age: 3,
  },
  {
    root: "old-prototype",
    project: "old-prototype",
    agent: "gemini",
    owner: "gemini",
    port: 3005,
    service: "web",
    age: 320,
    hasExited: true,
  },
];

/** Claims that are made while a dashboard is open. */
export const LATER: (Sample & Checkout)[] = [
  { ...DOCS, port: 4323, service: "search", server: "meilisearch", age: 0 },
  { ...SHOP, port: 3004, service: "e2e", age: 0 },
];
