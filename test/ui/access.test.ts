import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { until } from "../harness.ts";
import { isFine, row, unfold, visit } from "./browser.ts";
import { Dashboard, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let dashboard: Dashboard;
let dead: number;
let web: number;

beforeAll(async () => {
  browser = await launchChromium();
  dashboard = await Dashboard.start();
  const { world } = dashboard;
  const claim = ["--service", "web", "--agent", "codex", "--lease", "persistent"];
  web = await world.acquire(...claim);
  const long = "a-service-whose-name-is-rather-long-for-a-phone";
  await world.acquire("--service", long, "--project", "docs");
  await world.listen(web + 20);
  const gone = await runServer(dashboard, "gone");
  await startServer(dashboard, web);
  dead = gone.port;
  gone.server.kill("SIGKILL");
});

afterAll(async () => {
  await browser.close();
  await dashboard[Symbol.asyncDispose]();
});

async function isComplete(page: Page): Promise<void> {
  await unfold(page);
  await row(page, dead).getByText("dead").waitFor();
}

describe("the page, with every kind of row", () => {
  const looks = [
    ["dark", { colorScheme: "dark" }],
    ["on a phone", { viewport: { width: 360, height: 740 }, hasTouch: true }],
    ["on a tablet", { viewport: { width: 800, height: 1000 }, forcedColors: "active" }],
  ] as const;

  test.concurrent.each(looks)("%s, is accessible", async (_, options) => {
    await using page = await visit(browser, dashboard, options);
    await isComplete(page);
    await isFine(page);
  });

  test.concurrent("leads the Tab key to every control, and shows the focus", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    const here = () =>
      page.evaluate(() => {
        const element = document.activeElement;
        const name = element?.getAttribute("aria-label") ?? element?.textContent ?? "";
        return { name: name.trim(), outline: element && getComputedStyle(element).outlineStyle };
      });
    const names: string[] = [];
    await page.getByRole("searchbox").focus();
    for (let at = await here(); at.outline === "solid"; at = await here()) {
      names.push(at.name);
      await page.keyboard.press("Tab");
    }
    const port = web;
    const actions = ["Open", "Copy URL of", "Stop", "More actions on"];
    const ofWeb = actions.map((action) => `${action} web on ${port}`);
    const rows = await page.locator(".row .service a").allTextContents();
    expect(names).toEqual(
      expect.arrayContaining(["Search", "Keyboard shortcuts", "Map", "Port ↑", ...ofWeb, ...rows]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test.concurrent("leads the arrow keys from row to row", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    const ids = await page.locator("tr[id]").evaluateAll((rows) => rows.map(({ id }) => id));
    const here = () => page.evaluate(() => document.activeElement?.closest("tr")?.id ?? "");
    await page.locator(`#${ids[0]} .service a`).focus();
    const walked = [await here()];
    for (let i = 1; i < ids.length; i++) {
      await page.keyboard.press("ArrowDown");
      walked.push(await here());
    }
    expect(walked).toEqual(ids);
    await page.keyboard.press("k");
    expect(await here()).toBe(ids.at(-2) ?? "");
  });

  test.concurrent("keeps the focus inside an open dialog, and returns it", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    const button = page.getByRole("button", { name: "Clean up…" });
    await button.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Clean up 1 claim" }).waitFor();
    await page.keyboard.press("/");
    const isInside = () => document.activeElement?.closest("dialog") !== null;
    expect(await page.evaluate(isInside)).toBe(true);
    await page.keyboard.press("Escape");
    await until("the focus is back", () => button.evaluate((it) => it === document.activeElement));
  });
});

test.concurrent.each([
  ["no-preference", "flash"],
  ["reduce", "none"],
] as const)(
  "with the motion preference %s, a new row has the animation %s",
  async (reducedMotion, animation) => {
    await using own = await Dashboard.start();
    await own.world.acquire("--service", "first");
    await using page = await visit(browser, own, { reducedMotion });
    await page.getByText("my-app").first().waitFor();
    const port = await own.world.acquire("--service", "web");
    await row(page, port).waitFor();
    expect(await row(page, port).evaluate((it) => getComputedStyle(it).animationName)).toBe(
      animation,
    );
  },
);
