import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { until } from "../harness.ts";
import { launch, visit } from "./browser.ts";
import { Dashboard, ownPool, runServer } from "./dashboard.ts";

setDefaultTimeout(60_000);

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

/** Looks at the same with a browser that can run axe, which is itself JavaScript. */
async function isReadable(plain: Page): Promise<void> {
  const html = await plain.content();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  await page.setContent(html.replace(/<\/?noscript>/g, "").replace(/<script.*<\/script>/s, ""));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
  await context.close();
}

test("without JavaScript the page shows the claims, says what would go, and reaps it", async () => {
  await using world = ownPool();
  const dashboard = await Dashboard.start(world);
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
    expect.stringMatching(new RegExp(`^${port} \\(gone of my-app\\): its owner .* ended$`)),
  ]);
  expect(await cells.getByText(evil).count()).toBe(1);
  expect(await page.locator("img").count()).toBe(0);
  await isReadable(page);
  await page.getByRole("button", { name: "Reap it" }).click();
  await until("nothing is left to reap", async () =>
    (await page.locator(".plain p").allInnerTexts()).includes("Nothing is to be reaped."),
  );
  expect(page.url()).toBe(dashboard.url);
  expect(await world.claim(port)).toBeUndefined();
  expect(await world.claim(kept)).toBeDefined();
});

test("a page of another port can't post a form here", async () => {
  await using world = ownPool();
  const dashboard = await Dashboard.start(world);
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
