import { EXIT } from "./exit.ts";
import { standardStreams } from "./output/io.ts";
import { main } from "./program.ts";

export { main };

if (import.meta.main) {
  if (process.platform === "win32") {
    console.error("portclaim: it runs on Linux and macOS; on Windows, run it under WSL");
    process.exit(EXIT.failed);
  }
  process.exit(await main(process.argv.slice(2), process.env, standardStreams));
}
