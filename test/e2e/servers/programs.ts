/** A server program, and how it is started on a port: `{port}` stands for it. */
export interface Program {
  name: string;
  command: string[];
  files?: Record<string, string>;
  /** Commands that prepare its directory. */
  setup?: string[][];
  /** Its package of npm; else it must be on the machine, and prints its version with this command. */
  package?: string;
  version?: string[];
  /** Whether the command exits once the server runs. */
  daemon?: true;
  /** Whether a supervisor starts the server again if it crashes. */
  supervised?: true;
  /** Ends a process outside of the claim that starts the server again. */
  end?: string[];
}

const NODE_SERVER = `require("http").createServer((_, answer) => answer.end("ok"))
  .listen(Number(process.argv[2] ?? process.env.PORT), "127.0.0.1");\n`;
const PYTHON_APP = `async def asgi(scope, receive, send):
    if scope["type"] != "http": return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})

def wsgi(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]
`;
const NGINX = `pid nginx.pid;
error_log error.log;
events {}
http { access_log off; server { listen 127.0.0.1:PORT; return 200 "ok"; } }
`;
const postgres = (...command: string[]) => ["runuser", "-u", "postgres", "--", ...command];

export const programs: Program[] = [
  {
    name: "Vite",
    package: "vite",
    command: ["vite", "--port", "{port}", "--strictPort"],
    files: { "index.html": "<p>ok</p>" },
  },
  {
    name: "Next.js",
    package: "next",
    command: ["next", "dev", "-p", "{port}"],
    files: { "pages/index.js": "export default () => null;\n" },
  },
  {
    name: "uvicorn --reload",
    version: ["uvicorn", "--version"],
    command: ["uvicorn", "app:asgi", "--reload", "--port", "{port}"],
    files: { "app.py": PYTHON_APP },
    supervised: true,
  },
  {
    name: "gunicorn",
    version: ["gunicorn", "--version"],
    command: ["gunicorn", "--workers", "2", "--bind", "127.0.0.1:{port}", "app:wsgi"],
    files: { "app.py": PYTHON_APP },
  },
  {
    name: "nodemon",
    package: "nodemon",
    command: ["nodemon", "--quiet", "server.js", "{port}"],
    files: { "server.js": NODE_SERVER },
    supervised: true,
  },
  {
    name: "pm2 start",
    package: "pm2",
    command: ["pm2", "start", "server.js", "--", "{port}"],
    end: ["pm2", "kill"],
    files: { "server.js": NODE_SERVER },
    daemon: true,
    supervised: true,
  },
  {
    name: "pm2-runtime",
    package: "pm2",
    command: ["pm2-runtime", "server.js", "--", "{port}"],
    files: { "server.js": NODE_SERVER },
    supervised: true,
  },
  {
    name: "foreman",
    version: ["foreman", "version"],
    command: ["foreman", "start"],
    files: {
      "server.js": NODE_SERVER,
      Procfile: "web: exec node server.js $WEB_PORT\nclock: exec sleep 1000\n",
    },
  },
  {
    name: "concurrently",
    package: "concurrently",
    command: ["concurrently", "node server.js {port}", "sleep 1000"],
    files: { "server.js": NODE_SERVER },
  },
  {
    name: "redis-server --daemonize",
    version: ["redis-server", "--version"],
    command: ["redis-server", "--port", "{port}", "--daemonize", "yes", "--save", ""],
    daemon: true,
  },
  {
    name: "nginx",
    version: ["nginx", "-v"],
    command: [
      "sh",
      "-c",
      'sed s/PORT/{port}/ template > nginx.conf; exec nginx -p "$PWD" -c nginx.conf -e error.log',
    ],
    files: { template: NGINX },
    daemon: true,
  },
  {
    name: "pg_ctl start",
    version: ["pg_ctl", "--version"],
    setup: [["chown", "postgres", "."], postgres("pg_ctl", "initdb", "--silent", "-D", "data")],
    command: postgres(
      "pg_ctl",
      "start",
      "-w",
      "-D",
      "data",
      "-l",
      "log",
      "-o",
      "-p {port} -k /tmp",
    ),
    daemon: true,
  },
  {
    name: "memcached -d",
    version: ["memcached", "--version"],
    command: ["memcached", "-d", "-u", "root", "-l", "127.0.0.1", "-p", "{port}"],
    daemon: true,
  },
];
