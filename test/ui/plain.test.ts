import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { until } from "../harness.ts";
import { visit } from "./browser.ts";
import { Dashboard, runServer } from "./dashboard.ts";

setDefaultTimeout(120_000);

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

/** Checks the same page in a browser that can run axe, which is JavaScript itself. */
async function isAccessible(plain: Page): Promise<void> {
  const html = await plain.content();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  await page.setContent(html.replace(/<\/?noscript>/g, "").replace(/<script.*<\/script>/s, ""));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  await context.close();
}

test.concurrent("without JavaScript the page shows the claims and what can be cleaned up, and does it", async () => {
  await using dashboard = await Dashboard.start();
  const { world } = dashboard;
  const evil = "<img src=x onerror=alert(1)>";
  const kept = await world.acquire("--service", evil, "--agent", "codex");
  const { port, server } = await runServer(dashboard, "gone");
  server.kill("SIGKILL");
  await until("it is dead", async () =>
    (await dashboard.claims()).some((claim) => claim.port === port && claim.state === "dead"),
  );
  await using page = await visit(browser, dashboard, { javaScriptEnabled: false });
  const cells = page.locator(".plain td");
  expect(await cells.getByText("dead").count()).toBe(1);
  expect(await page.locator(".plain li").allInnerTexts()).toEqual([
    expect.stringMatching(new RegExp(`^${port}, gone in my-app: its owner`)),
  ]);
  expect(await cells.getByText(evil).count()).toBe(1);
  expect(await page.locator("img").count()).toBe(0);
  await isAccessible(page);
  await page.getByRole("button", { name: "Clean up 1 claim" }).click();
  await until("nothing is left to clean up", async () =>
    (await page.locator(".plain p").allInnerTexts()).includes("Nothing to clean up."),
  );
  expect(page.url()).toBe(dashboard.url);
  expect(await world.claim(port)).toBeUndefined();
  expect(await world.claim(kept)).toBeDefined();
});

test.concurrent("a page of another port can't post a form to the dashboard", async () => {
  await using dashboard = await Dashboard.start();
  const { world } = dashboard;
  const { port, server } = await runServer(dashboard, "gone");
  server.kill("SIGKILL");
  await using foreign = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () =>
      new Response(
        `<form method="post" action="${dashboard.url}api/reap"><button>Win</button></form>`,
        { headers: { "Content-Type": "text/html", "Referrer-Policy": "no-referrer" } },
      ),
  });
  const page = await browser.newPage();
  await page.goto(`http://localhost:${foreign.port}/`);
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.url().endsWith("/api/reap")),
    page.getByRole("button", { name: "Win" }).click(),
  ]);
  expect([response.status(), (await response.json()).error.code]).toEqual([403, "foreign-site"]);
  expect(await response.request().headerValue("origin")).toBe("null");
  expect(await world.claim(port)).toBeDefined();
  await page.close();
});
