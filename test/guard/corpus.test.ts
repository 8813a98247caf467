import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { askerFor } from "../../guard/hook.ts";
import { judge } from "../../guard/judge.ts";
import { formatTime } from "../../registry/model/time.ts";
import { callerFor } from "../../registry/owner/caller.ts";
import { ownerRecord } from "../../registry/owner/ownership.ts";
import { AGENT, FakeMachine, HOME, PROJECT } from "../fake-machine.ts";

/** What a command of the corpus is about; "-" for one that ends nothing that the guard can tell. */
interface Victim {
  port?: number;
  pid?: number;
  argv?: string[];
  name?: string;
  /** The pid of its parent. */
  parentPid?: number;
  /** It works in the caller's directory. */
  here?: true;
  user?: string;
  /** The command also ends agents, whosever they are. */
  agents?: true;
  /** `--force` of the claim on this port. */
  force?: number;
}

/** Whose the victim is: the caller's, another agent's elsewhere, no one's; or there is none. */
const SITUATIONS = ["own", "another's", "unclaimed", "absent"] as const;

const OTHER_AGENT = 200;
const ELSEWHERE = `${HOME}/other`;

const ROWS = readFileSync(`${import.meta.dir}/corpus.tsv`, "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t") as [string, string])
  .map(([command, victim]) => ({
    command: command.replaceAll(String.raw`\n`, "\n"),
    victim: victim === "-" ? undefined : (JSON.parse(victim) as Victim),
  }));

function stage(victim: Victim | undefined, situation: (typeof SITUATIONS)[number]) {
  const machine = new FakeMachine();
  machine.memory.put("/etc/passwd", "me:x:1000:1000::/home/me:\nsomeuser:x:1000:1000::/home/me:\n");
  for (const file of [
    "server.pid",
    ".e2e-server.pid",
    ".pids",
    "tmp/pids/server.pid",
    ".dev.pid",
  ]) {
    machine.memory.put(`${PROJECT}/${file}`, "4242\n");
  }
  for (const file of ["/tmp/opencode/voice.pid", "/tmp/x_8545.pid"])
    machine.memory.put(file, "4242\n");
  machine.start({ pid: OTHER_AGENT, parent: 1, argv: ["codex"], cwd: ELSEWHERE });
  if (situation === "absent") return machine;
  const { port = victim?.force ?? 3555, pid = 500, argv, name, parentPid, here } = victim ?? {};
  const owner = { own: AGENT, "another's": OTHER_AGENT, unclaimed: 1 }[situation];
  const cwd = here || situation === "own" ? PROJECT : ELSEWHERE;
  if (parentPid !== undefined) machine.start({ pid: parentPid, parent: owner, argv: ["sh"], cwd });
  if (situation !== "unclaimed") {
    machine.plant(port, {
      port,
      pid: owner,
      agent: situation === "own" ? "claude-code" : "codex",
      project: "shop",
      service: "web",
      claimed_at: formatTime(machine.wall),
      lease: "ephemeral",
      cwd,
      owner: ownerRecord(machine, machine.where, callerFor(machine, owner)),
    });
  }
  machine.advance(1);
  machine.start({
    pid,
    parent: parentPid ?? owner,
    argv: argv ?? [name ?? "server"],
    ...(name && { name }),
    cwd,
  });
  machine.listen(port, pid);
  return machine;
}

function answerOf(machine: FakeMachine, line: string): "pass" | "deny" | "ask" {
  const registry = machine.registry();
  const asker = askerFor(registry, PROJECT, undefined, {});
  const { loss, forced } = judge(registry, {
    line,
    asker,
    variables: { USER: "me", UID: "1000", HOME },
  });
  return loss ? "deny" : forced ? "ask" : "pass";
}

describe.each(SITUATIONS)("with a victim that is %s", (situation) => {
  test.each(ROWS.map(({ command, victim }) => [command, victim] as const))(
    "%j",
    (command, victim) => {
      const isOthers = situation === "another's" && victim !== undefined;
      const expected = victim?.agents || isOthers ? "deny" : "pass";
      const answer = answerOf(stage(victim, situation), command);
      expect(answer).toBe(expected === "deny" && victim?.force ? "ask" : expected);
    },
  );
});

describe("lsof without -sTCP:LISTEN also finds the clients of a port", () => {
  const connected = (client: number) => {
    const machine = stage({ port: 3000 }, "own");
    machine.clients.set(3000, [client]);
    return machine;
  };

  test.each([
    ["another agent", OTHER_AGENT, "deny"],
    ["the agent that asks", AGENT, "deny"],
    ["a program of its own", 500, "pass"],
  ] as const)("%s", (_, client, expected) => {
    expect(answerOf(connected(client), "lsof -ti:3000 | xargs kill -9")).toBe(expected);
    expect(answerOf(connected(client), "lsof -ti:3000 -sTCP:LISTEN | xargs kill -9")).toBe("pass");
  });
});

// What real programs left out, with a server like this one running.
test.each(
  readFileSync(`${import.meta.dir}/left-out.txt`, "utf8")
    .trimEnd()
    .split("\n"),
)("a command that leaves another's server out passes: %s", (command) => {
  const argv = ["python3", "-m", "shop.server", "3002"];
  const machine = stage({ port: 3002, pid: 4242, name: "python3", argv }, "another's");
  expect(answerOf(machine, command.replaceAll(String.raw`\n`, "\n"))).toBe("pass");
});

describe("a command that leaves another's server out passes", () => {
  const victim = { port: 3000, pid: 4242, argv: ["node", "/srv/node_modules/.bin/vite"] };

  test.each([
    // By itself, ps lists the processes of its terminal alone.
    "ps | grep vite | awk '{print $1}' | xargs kill",
    "ps --ppid $$ -o pid,args | grep vite | awk '{print $1}' | xargs kill",
    "ps -e | grep vite | awk '{print $1}' | xargs kill",
    "ps -eo pid,comm | grep vite | awk '{print $1}' | xargs kill",
    "ps aux | grep vite | grep -v 4242 | awk '{print $2}' | xargs kill",
    "ps aux | grep -v 4242 | grep vite | awk '{print $2}' | xargs kill",
    "ps aux | awk '$11 ~ /vite/ {print $2}' | xargs kill",
    "pgrep -f vite | grep -v 4242 | xargs kill",
    "pgrep -f vite | grep vite | xargs kill",
    "pkill -f vite -G 5",
    "pkill -f vite --group 5",
    "lsof -i :3000 | grep python | awk '{print $2}' | xargs kill",
    "lsof -i :3000 | grep -v LISTEN | awk '{print $2}' | xargs kill",
    "ss -tlnp | grep :3000 | grep python | grep -o 'pid=[0-9]*' | cut -d= -f2 | xargs kill",
    "ss -ulnp | grep :3000 | grep -o 'pid=[0-9]*' | cut -d= -f2 | xargs kill",
    "netstat -ulnp | grep :3000 | awk '{print $6}' | cut -d/ -f1 | xargs kill",
    "echo '17 4242' | awk '{print $1}' | xargs kill",
    "printf '17\\n4242\\n' | head -1 | xargs kill",
    "printf '17\\n4242\\n' | grep 17 | xargs kill",
    "eval pkill $OPTIONS -f vite",
    "kill $$",
    // What these conditions leave of one process isn't known.
    "ps aux | grep vite | awk '$3>50{print $2}' | xargs kill",
    "ps aux | grep vite | awk '{if ($3 > 50) print $2}' | xargs kill",
    "ps aux | grep vite | awk '$1 == \"root\" {print $2}' | xargs kill",
    "ps -eo pid,etimes,args | grep vite | awk '$2 > 3600 {print $1}' | xargs kill",
    "ps -eo pid,comm | awk '$2 == \"python\" {print $1}' | xargs kill",
    "ps aux | grep vite | awk 'NR==2 {print $2}' | xargs kill",
    "ps aux | grep vite | awk '{print $3}' | xargs kill",
    "ps -ef | grep vite | awk '{print $3}' | xargs kill",
    "ps aux | grep vite | sed -n 2p | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | sed '/4242/d' | awk '{print $2}' | xargs kill",
    "ps aux | sed -n '/python/p' | awk '{print $2}' | xargs kill",
    "ps aux | head -20 | grep vite | awk '{print $2}' | xargs kill",
    "ps aux --sort=-%cpu | head -5 | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | tail -n +2 | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | head -n -1 | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | grep -v root | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | grep -v '^me' | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | grep -v -e 4242 -e python | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | grep -v ' 4242 ' | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | grep -v pts/3 | awk '{print $2}' | xargs kill",
    "ps aux | grep -c vite | xargs kill",
    "ps aux | grep -w vit | awk '{print $2}' | xargs kill",
    "ps aux | grep vite | cut -d' ' -f9 | xargs kill",
    "pgrep -f vite | tail -n +2 | xargs kill",
    "pgrep -f vite | sed 1d | xargs kill",
    "pgrep -af vite | head -1 | grep server.js | cut -d' ' -f1 | xargs kill",
    "lsof -i :3000 | head -1 | awk '{print $2}' | xargs kill",
    "lsof -i -P | head -3 | grep 3000 | awk '{print $2}' | xargs kill",
    "lsof -i :3000 | awk '$1 == \"python\" {print $2}' | xargs kill",
    "lsof -c node | grep 3000 | awk '{print $2}' | xargs kill",
    "ss -ltnp | grep -E ':3000.*python' | grep -oP 'pid=\\K\\d+' | xargs kill",
    "ss -ltnp | grep :3000 | grep -oP '\"python\",pid=\\K\\d+' | xargs kill",
    "ss -ltnp 'sport = :3000' | sed -n 's/.*\"python\",pid=\\([0-9]*\\).*/\\1/p' | xargs kill",
    // Whether these are reached isn't known.
    'for p in $(pgrep -f vite); do if [ "$(readlink /proc/$p/cwd)" = "$PWD" ]; then kill $p; fi; done',
    'for p in $(pgrep -f vite); do [ "$(readlink /proc/$p/cwd)" = "$PWD" ] || continue; kill $p; done',
    'for p in $(pgrep -f vite); do cwd=$(readlink /proc/$p/cwd); [[ $cwd == "$PWD"* ]] && kill $p; done',
    "pgrep -f vite | while read p; do if grep -q shop /proc/$p/cmdline; then kill $p; fi; done",
    'pgrep -f vite | while read -r p; do pwdx $p | grep -q "$PWD" && kill $p; done',
    'pgrep -f vite | while read -r p; do case "$(readlink /proc/$p/cwd)" in "$PWD"*) kill $p;; esac; done',
    'mine() { [ "$(readlink /proc/$1/cwd)" = "$PWD" ]; }; for p in $(pgrep -f vite); do mine $p && kill $p; done',
    'mine() { if [ "$1" = x ]; then return 1; fi; }; p=$(pgrep -f vite); mine $p || exit; kill $p',
    "PID=$(lsof -ti:3000); ps -p $PID -o args= | grep -q python && kill $PID",
    "PID=$(lsof -ti:3000); if ps -p $PID -o args= | grep -q python; then kill $PID; fi",
    'PID=$(lsof -ti:3000); [ "$(ps -o user= -p $PID)" = "$USER" ] && kill $PID',
    'if [ "$FORCE" = 1 ]; then pkill -f vite; fi',
    'if [ -z "$(lsof -ti:3000)" ]; then pkill -f vite; fi',
    "pgrep -f vite >/dev/null || pkill -f vite",
    "pgrep -f vite >/dev/null && exit 0; pkill -f vite",
    "pgrep -f nonesuch && pkill -f vite",
    "if pgrep -f nonesuch; then pkill -f vite; fi",
    "if curl -sf localhost:3000; then echo up; else pkill -f vite; fi",
    "curl -sf localhost:3000 || pkill -f vite",
    "portclaim stop web || pkill -f vite",
    'case "$1" in stop) pkill -f vite;; start) npm run dev;; esac',
    "act=start; case $act in stop) pkill -f vite;; start) npm run dev;; esac",
    "false && pkill -f vite",
    "if [ a = b ]; then pkill -f vite; fi",
    "for p in 17 4242; do if [ $p = 4242 ]; then continue; fi; kill $p; done",
    "if [ -f nonesuch.pid ]; then kill $(cat nonesuch.pid); else pkill -f vite; fi",
    'while [ -n "$(pgrep -f nonesuch)" ]; do pkill -f vite; done',
    'until [ -n "$(pgrep -f vite)" ]; do pkill -f vite; done',
    'PORT=4000; [ -n "$X" ] && PORT=3000; fuser -k $PORT/tcp',
    // Which process comes first isn't known.
    'pids=(17 $(pgrep -f vite)); kill "${pids[0]}"',
    "pids=($(pgrep -f vite)); kill ${pids[1]}",
    "pids=($(pgrep -f vite)); kill ${pids[-1]:-17}",
  ])("%s", (command) => {
    expect(answerOf(stage(victim, "another's"), command)).toBe("pass");
  });
});
