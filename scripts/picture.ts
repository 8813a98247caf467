/** Takes the README's screenshots of the dashboard, light and dark, with a seeded registry. */
import { mkdirSync, statSync } from "node:fs";
import type { Browser } from "playwright-core";
import { openRegistry } from "../registry/store/registry.ts";
import { startDashboard } from "../ui/server/server.ts";
import { launchChromium } from "./chromium.ts";
import { root } from "./root.ts";
import { seed } from "./seed.ts";

const SIZE = { width: 1400, height: 760 };

async function photograph(browser: Browser, url: string, scheme: "light" | "dark"): Promise<void> {
  const page = await browser.newPage({
    viewport: SIZE,
    colorScheme: scheme,
  });
  await page.goto(url);
  await page.getByRole("log").waitFor();
  await page.locator(".which").evaluate((it) => {
    it.textContent = it.textContent?.replace(/ · .* · /, " · ada-laptop · ") ?? "";
  });
  await page.locator("#port-5173").hover();
  // A changed row is highlighted for a moment.
  await page.waitForFunction(() => document.getAnimations().length === 0);
  const path = `${root}/docs/dashboard-${scheme}.png`;
  await page.screenshot({ path });
  await page.close();
  console.log(`${path}: ${statSync(path).size} bytes`);
}

mkdirSync(`${root}/docs`, { recursive: true });

await using seeded = await seed();
process.env["HOME"] = seeded.user;
const open = () => openRegistry({ environment: { PORTCLAIM_HOME: seeded.home } });
const dashboard = await startDashboard({ open, bind: "127.0.0.1", port: "auto" });
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  await page.goto(dashboard.url);
  await page.getByRole("table").waitFor();
  await seeded.bustle();
  await photograph(browser, dashboard.url, "light");
  await photograph(browser, dashboard.url, "dark");
} finally {
  await browser.close();
  await dashboard.stop();
}
