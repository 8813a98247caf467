/** "portclaim guard AGENT", as an agent's hook calls it. */
const isHook = ([command, agent = "", ...rest]: string[]) =>
  command === "guard" && agent !== "" && !agent.startsWith("-") && rest.length === 0;

/** Whether a hook's command line is wrong. Agents block a command whose hook exits with 2. */
async function isWrongHook([command, ...rest]: string[]): Promise<boolean> {
  if (command !== "guard" || rest.some((word) => word.startsWith("--explain"))) return false;
  const { isatty } = await import("node:tty");
  return !isatty(0);
}

if (import.meta.main) {
  const argv = process.argv.slice(2);
  if (isHook(argv)) {
    // startup: the guard loads the program only for a command that may end something.
    const { guard } = await import("../guard/entry.ts");
    process.exit(await guard(argv[1] ?? "", process.env));
  }
  const { EXIT, main, standardStreams } = await import("./program.ts");
  if (process.platform === "win32") {
    console.error("portclaim: it runs on Linux and macOS; on Windows, run it under WSL");
    process.exit(EXIT.failed);
  }
  const code = await main(argv, process.env, standardStreams);
  process.exit(code === EXIT.misuse && (await isWrongHook(argv)) ? EXIT.done : code);
}
