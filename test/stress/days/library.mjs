// What an agent's programs ask of the library on Node: `library.mjs find web`, `library.mjs list`, or
// `library.mjs serve web ID [PORT]`, which claims a port and serves on it.
import { acquire, find, list } from "portclaim";
import { serve } from "./serve.mjs";

const [what, service, id, prefer] = process.argv.slice(2);

if (what === "serve") {
  const { port } = await acquire(service, prefer === undefined ? {} : { prefer: Number(prefer) });
  serve(id, port, port);
} else {
  try {
    console.log(JSON.stringify(what === "list" ? await list() : ((await find(service)) ?? null)));
  } catch (error) {
    console.log(JSON.stringify({ error: { code: error.code, message: error.message } }));
  }
}
