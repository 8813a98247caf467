import { randomBytes, timingSafeEqual } from "node:crypto";
import { ensureHome } from "../../registry/config/home.ts";
import type { Registry } from "../../registry/store/registry.ts";
import { urlOf } from "./address.ts";
import { HttpError } from "./http-error.ts";
import { respond } from "./response.ts";

// The key reaches the browser in a file that only this user can read: on a command line, every user could read it.

/** The file that opens a registry's dashboard with its key. */
export const doorOf = ({ home }: Registry, port: number) => `${home.path}/dashboard-${port}.html`;

/** Makes a dashboard's key, and writes the file that opens the dashboard with it. */
export function createKey(registry: Registry, host: string, port: number): string {
  const { machine, home } = registry;
  const key = randomBytes(16).toString("hex");
  const url = `${urlOf(host, port)}open?key=${key}`;
  const html = `<!doctype html><meta http-equiv="refresh" content="0; url=${url}"><a href="${url}">Open the dashboard</a>\n`;
  const path = doorOf(registry, port);
  ensureHome(machine, home);
  // A file of the same name may have been left with another mode.
  if (machine.files.readIfThere(path, 1) !== undefined) machine.files.remove(path);
  machine.files.create(path, html, false);
  return key;
}

const nameOf = (port: number) => `portclaim-${port}`;

/** Answers `GET /open?key=…`: the browser keeps the key as a cookie, which no other site can have it send. */
export function openWithKey(request: Request, key: string | undefined, port: number): Response {
  const given = new URL(request.url).searchParams.get("key") ?? "";
  if (key === undefined || !isSame(given, key)) {
    throw new HttpError(403, "no-key", "this key is out of date; run: portclaim http --open");
  }
  const cookie = `${nameOf(port)}=${key}; HttpOnly; SameSite=Strict; Path=/api/`;
  return respond(null, { Location: "/", "Set-Cookie": cookie }, 303);
}

/** Whether a request carries the key in its cookie. */
export function hasKey({ headers }: Request, key: string, port: number): boolean {
  const cookies = (headers.get("cookie") ?? "").split(/; */);
  return cookies.some((cookie) => isSame(cookie, `${nameOf(port)}=${key}`));
}

function isSame(a: string, b: string): boolean {
  return Buffer.byteLength(a) === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
