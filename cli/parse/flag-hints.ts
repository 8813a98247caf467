/** Flags that people try, by command ("*" for any), with what to do instead. */
const hints = (): [commands: string, flags: string, hint: string][] => [
  ["acquire run", "range", "set it in config.toml: [pool] range"],
  [
    "acquire run",
    "ttl expire expires",
    "a claim ends when its owner exits; see portclaim reap --help",
  ],
  ["acquire", "env export", "use --format env"],
  ["acquire", "count n number", "name a service for each port: portclaim acquire web api"],
  ["env", "shell sh bash export", "leave it out: it prints export lines"],
  ["env", "dotenv", "use --format dotenv"],
  ["run", "env e", "run sets PORT and WEB_PORT by itself; for others: -- env NAME=value …"],
  ["run", "detach d background daemon", "leave it out, and end the line with &"],
  ["stop", "all a", "name the server: portclaim stop web"],
  ["stop", "signal 9", "it sends SIGTERM, and SIGKILL after --timeout"],
  ["release", "all a", "name the claim, or a project: portclaim release --project NAME"],
  ["reap", "all a", "leave it out: portclaim reap"],
  ["doctor", "fix repair", "leave it out: portclaim doctor fixes what it can"],
  ["list", "watch w follow f", "run: portclaim watch"],
  ["list", "l la long ef", "leave it out: portclaim list"],
  ["list find", "port p", "to see one port: portclaim who PORT"],
  ["find", "all a", "run: portclaim list"],
  ["log", "follow f watch w", "run: portclaim watch"],
  ["open", "browser app", "set BROWSER: BROWSER=firefox portclaim open"],
  ["*", "verbose v quiet q silent debug", "leave it out"],
  ["acquire run", "yes y force f", "leave it out: no claim is taken from a server that listens"],
  ["*", "dir directory cwd path C", "run portclaim in that directory"],
];

/** What to do instead of using a flag that a command doesn't have; `value` is the word behind it. */
export function hintForFlag(
  command: string,
  name: string,
  value: string | undefined,
): string | undefined {
  const isJson = value === "json" && ["format", "output", "o", "type"].includes(name);
  if (isJson) return "use --json";
  const found = hints().find(
    ([commands, flags]) =>
      (commands === "*" || commands.split(" ").includes(command)) &&
      flags.split(" ").includes(name),
  );
  const port = value !== undefined && /^\d+$/.test(value) ? value : "3000";
  return found?.[2].replace("PORT", port);
}
