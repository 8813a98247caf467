/**
 * Measures the dashboard with many claims: `bun bench/page.ts [claims]`, after `bun run build`.
 * Prints the time to the first paint and to an update, and the CPU time while nothing changes.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Page } from "playwright-core";
import { launchChromium } from "../scripts/chromium.ts";
import { bundlePage } from "../ui/server/bundle.ts";

const FIRST = 3000;
const claims = Number(process.argv[2] ?? 1000);
const port = 18_484;
const home = mkdtempSync(`${tmpdir()}/portclaim-bench-`);
const pathOf = (number: number) => `${home}/claims/${number}.json`;

function claim(number: number, service: string): void {
  const project = `project-${number % 40}`;
  const who = { pid: process.pid, agent: "codex", lease: "persistent" };
  const claimed_at = "2026-03-17T14:32:01.123456Z";
  writeFileSync(
    pathOf(number),
    JSON.stringify({ port: number, project, service, claimed_at, ...who }),
  );
}

/** Nanoseconds of CPU time of each thread of a process. */
function threadsOf(pid: number): Map<string, number> {
  const used = (thread: string) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, used(thread)]));
}

/** Seconds of CPU time per hour, by what a process uses in a minute. */
async function hourly(pid: number): Promise<string> {
  const before = threadsOf(pid);
  await Bun.sleep(60_000);
  const spent = [...threadsOf(pid)].map(([thread, used]) => used - (before.get(thread) ?? 0));
  return `${((spent.reduce((sum, used) => sum + used, 0) / 1e9) * 60).toFixed(2)} s of CPU time per hour`;
}

async function measurePage(page: Page): Promise<void> {
  await page.goto(`http://localhost:${port}/`);
  await page.locator(`#port-${FIRST + claims - 1}`).waitFor();
  const drawn = await page.evaluate(
    () => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now()))),
  );
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  console.log(`first paint ${paint?.toFixed()} ms, all ${claims} rows ${drawn.toFixed()} ms`);
  const shown = page.evaluate(
    () =>
      new Promise<number>((done) => {
        const observer = new MutationObserver(() => {
          const changed = performance.now();
          requestAnimationFrame(() =>
            requestAnimationFrame(() => done(performance.now() - changed)),
          );
          observer.disconnect();
        });
        observer.observe(document.querySelector("table") ?? document, {
          subtree: true,
          attributes: true,
        });
      }),
  );
  const started = performance.now();
  claim(FIRST + Math.floor(claims / 2), "renamed");
  const painted = await shown;
  const seen = performance.now() - started;
  console.log(
    `one update: shown after ${seen.toFixed()} ms, of which painting took ${painted.toFixed()} ms`,
  );
}

const { html } = await bundlePage();
console.log(`page: ${html.length} bytes, ${Bun.gzipSync(html).length} gzipped`);
mkdirSync(`${home}/claims`, { mode: 0o700 });
for (let i = 0; i < claims; i++) claim(FIRST + i, `service-${i}`);
const server = Bun.spawn(["dist/portclaim", "http", "--port", String(port), "--json"], {
  cwd: `${import.meta.dir}/..`,
  env: { ...process.env, PORTCLAIM_HOME: home },
});
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  await measurePage(page);
  console.log(`with a page open: ${await hourly(server.pid)}`);
  await page.close();
  console.log(`with no page open: ${await hourly(server.pid)}`);
} finally {
  await browser.close();
  server.kill();
  rmSync(home, { recursive: true });
}
