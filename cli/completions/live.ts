import { locate } from "../../registry/config/checkout.ts";
import { type Config, DEFAULTS } from "../../registry/config/config.ts";
import { loadConfig } from "../../registry/config/load.ts";
import { tryLoadProjectFile } from "../../registry/config/project-file.ts";
import { RegistryError } from "../../registry/errors/errors.ts";
import { Snapshot } from "../../registry/liveness/snapshot.ts";
import type { Claim } from "../../registry/model/claim.ts";
import { formatAge } from "../../registry/model/time.ts";
import { tryResolveCaller } from "../../registry/owner/caller.ts";
import { isHere, isInSibling, nearest, type Seeker } from "../../registry/query/scope.ts";
import { ClaimStore } from "../../registry/store/claims.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { AGENT_NAMES } from "../../setup/names.ts";
import { openUnread } from "../context.ts";
import type { Io } from "../output/io.ts";
import type { Candidate, Question } from "./candidates.ts";

/** Commands that claim ports: they also take services and projects that have no claim yet. */
const CLAIMING = ["acquire", "run"];

/** The values that live claims have for an option, and those that config.toml and portclaim.toml name. */
export async function liveValues(io: Io, question: Question): Promise<Candidate[]> {
  const { name, command, given } = question;
  const field = fieldOf(name, question.option.type === "port");
  if (field === undefined) return [];
  const registry = openUnread(io);
  const config = await configOrDefaults(registry);
  const caller = tryResolveCaller(registry.machine, "completions");
  const snapshot = new Snapshot({ ...registry, config }, { caller });
  const seeker = { here: locate(registry, io.cwd()), ...registry, isOwn: snapshot.isOwn };
  const claims = [...new ClaimStore(registry.machine, registry.home).readAll().claims.values()]
    .map(({ claim }) => claim)
    .filter((claim) => snapshot.state(claim) !== "dead" && agrees(claim, field, given))
    .filter((claim) => isAccepted(claim, field, question, seeker));
  const live = Map.groupBy(claims, (claim) => String(claim[field]));
  const found = [...live].flatMap(([value, all]) =>
    value === "null" ? [] : [{ value, description: describe(all, snapshot) }],
  );
  const isClaiming = CLAIMING.includes(command);
  const { file } =
    isClaiming && field === "service"
      ? await tryLoadProjectFile(registry.machine, seeker.here.checkout)
      : {};
  const own = [...(file?.services.keys() ?? [])];
  const named = [
    ...own.map((value) => ({ value, description: "in portclaim.toml" })),
    ...(isClaiming ? namesIn(config, field) : []).filter(({ value }) => !own.includes(value)),
  ];
  const order = new Intl.Collator("en", { numeric: true });
  return [...found, ...named.filter(({ value }) => !live.has(value))].toSorted((a, b) =>
    order.compare(a.value, b.value),
  );
}

type Field = "port" | "service" | "project" | "agent";

function fieldOf(name: string, isPort: boolean): Field | undefined {
  if (name === "port") return isPort ? "port" : undefined;
  return name === "service" || name === "project" || name === "agent" ? name : undefined;
}

/** Whether a claim matches the line's other flags. */
function agrees(claim: Claim, field: Field, given: Question["given"]): boolean {
  return (["service", "project"] as const).every(
    (other) => other === field || !given.has(other) || given.get(other) === claim[other],
  );
}

/** Commands that look for a claim, by how far they go beyond this checkout and the named project. */
const REACH: Record<string, "machine" | "own" | "checkout"> = {
  find: "machine",
  who: "machine",
  stop: "own",
  release: "own",
  wait: "checkout",
  url: "checkout",
  open: "checkout",
};

/** Whether the command would accept a claim by the value of this field. */
function isAccepted(
  claim: Claim,
  field: Field,
  { command, given }: Question,
  seeker: Seeker,
): boolean {
  const reach = REACH[command];
  if (reach === undefined || field === "agent") return true;
  if (field === "port") {
    return reach !== "own" || seeker.isOwn(claim) || isHere(claim, seeker.here, seeker.shared);
  }
  if (reach === "machine" && !isInSibling(claim, seeker.here)) return true;
  if (reach === "own" && seeker.isOwn(claim)) return true;
  const project = field === "project" ? claim.project : given.get("project");
  return nearest([claim], { project }, seeker).length > 0;
}

function describe(claims: readonly Claim[], snapshot: Snapshot): string {
  const [first] = claims;
  if (first === undefined) return "";
  if (claims.length > 1) return claims.map(({ port }) => port).join(", ");
  const { port, service, project } = first;
  return `${port}, ${service} in ${project}, ${formatAge(snapshot.age(first))}`;
}

function namesIn({ services, projects }: Config, field: Field): Candidate[] {
  if (field === "agent") return AGENT_NAMES.map((value) => ({ value, description: "" }));
  const names = { service: services, project: projects, port: new Map() }[field].keys();
  return [...names].map((value) => ({ value, description: "in config.toml" }));
}

async function configOrDefaults({ machine, home }: Omit<Registry, "config">): Promise<Config> {
  try {
    return await loadConfig(machine, home);
  } catch (error) {
    // Other commands report a malformed config.
    if (error instanceof RegistryError) return DEFAULTS;
    throw error;
  }
}
