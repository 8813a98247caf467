/** The library for Node: a client of the program. lib/index.ts describes what it exports. */
import type { Claim } from "../registry/model/claim.ts";
import {
  absent,
  acquireCall,
  findCall,
  held,
  listCall,
  printedClaim,
  releaseCall,
} from "./calls.ts";
import { call } from "./client.ts";
import type * as types from "./types.ts";

export { PortclaimError } from "./error.ts";
export { acquireSync, findSync } from "./sync.ts";

export async function acquire(
  service: string,
  options: types.AcquireOptions = {},
): Promise<types.HeldClaim> {
  return held(printedClaim(await call(acquireCall(service, options))));
}

export async function find(
  service: string,
  options: types.FindOptions = {},
): Promise<types.FoundClaim | undefined> {
  return (await call(findCall(service, options)).catch(absent)) as types.FoundClaim | undefined;
}

export async function list(filter: types.ListFilter = {}): Promise<types.FoundClaim[]> {
  return (await call(listCall(filter))) as types.FoundClaim[];
}

export async function release(
  target: types.ReleaseTarget,
  options: types.ReleaseOptions = {},
): Promise<Claim[]> {
  return (await call(releaseCall(target, options))) as Claim[];
}
