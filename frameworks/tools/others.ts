import { PORT, PORT_FLAG, PORT_OR_P, type Tool } from "./tool.ts";

/** Databases, and servers written in Ruby, PHP and Go. */
export const others: readonly Tool[] = [
  { name: "redis-server", usual: 6379, given: PORT, add: PORT_FLAG, again: PORT_FLAG },
  // PGPORT is set only for the server, because every client reads it too.
  {
    name: "postgres",
    usual: 5432,
    variables: ["PGPORT"],
    given: ["--port", "-p", "port"],
    again: "-p {port}",
  },
  {
    name: "pg_ctl",
    serves: ["start", "restart"],
    valued: ["-D", "--pgdata", "-l", "--log", "-o", "--options", "-t", "--timeout", "-p"],
    usual: 5432,
    variables: ["PGPORT"],
    given: ["-o", "--options"],
  },
  { name: "memcached", usual: 11211, given: PORT_OR_P, add: "-p {port}", again: "-p {port}" },
  {
    name: "rails",
    serves: ["server", "s"],
    usual: 3000,
    readsPort: true,
    given: PORT_OR_P,
    again: "-p {port}",
    onePerDirectory: true,
  },
  {
    name: "puma",
    usual: 9292,
    readsPort: true,
    given: ["--port", "-p", "--bind", "-b"],
    add: "-p {port}",
    unless: "config/puma.rb",
  },
  { name: "rackup", usual: 9292, given: PORT_OR_P, add: "-p {port}", again: "-p {port}" },
  {
    name: "jekyll",
    serves: ["serve", "s", "server"],
    usual: 4000,
    given: ["--port", "-P"],
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    name: "hugo",
    serves: ["server", "serve"],
    usual: 1313,
    given: PORT_OR_P,
    add: PORT_FLAG,
    again: PORT_FLAG,
  },
  {
    name: "caddy",
    serves: ["file-server"],
    usual: 80,
    given: ["--listen"],
    add: "--listen :{port}",
  },
  { name: "php", needs: "-S", given: ["-S"] },
  {
    name: "artisan", // from its documentation
    serves: ["serve"],
    usual: 8000,
    given: PORT,
    add: PORT_FLAG,
  },
];
