/** The browser of tests, benchmarks and pictures. */
import { type Browser, chromium } from "playwright-core";
import { CHROMIUM } from "./tools.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Chromium without a window. Throws an Error if it isn't installed. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = CHROMIUM.map((name) => Bun.which(name)).find((path) => path !== null);
  if (!executablePath) throw new Error(`none of ${CHROMIUM.join(", ")} is installed`);
  return await chromium.launch({ executablePath, args: FLAGS });
}
