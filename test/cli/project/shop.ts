import { mkdirSync, writeFileSync } from "node:fs";
import type { World } from "../../harness.ts";

/** A monorepo's portclaim.toml with web, api and db, and the ports that it names. */
export function shop(world: World, root: string, rest = "") {
  const ports = { web: world.ports.next(), api: world.ports.next(), db: world.ports.next() };
  for (const name of ["web", "api"]) mkdirSync(`${root}/apps/${name}`, { recursive: true });
  writeFileSync(
    `${root}/portclaim.toml`,
    `project = "shop"
[services.web]
port = ${ports.web}
dir = "apps/web"
run = "bun ${world.path("server.js")} {port}"
[services.api]
port = ${ports.api}
dir = "apps/api"
env = "BACKEND_PORT"
run = 'printf "%s\\n" "$PORT $API_PORT $WEB_PORT $DB_PORT $BACKEND_PORT $SHOP_URL $PWD"'
[services.db]
port = ${ports.db}
lease = "persistent"
[env]
SHOP_URL = "http://shop.localhost:{web.port}/v1"
${rest}`,
  );
  return ports;
}

/** The variables of a project with these ports. */
export const variables = ({ web, api, db }: Record<"web" | "api" | "db", number>) => ({
  WEB_PORT: `${web}`,
  API_PORT: `${api}`,
  BACKEND_PORT: `${api}`,
  DB_PORT: `${db}`,
  SHOP_URL: `http://shop.localhost:${web}/v1`,
});
