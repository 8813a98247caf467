import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { until } from "../harness.ts";
import { isFine, launch, row, visit } from "./browser.ts";
import { Dashboard, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(120_000);

let browser: Browser;
let dashboard: Dashboard;
let dead: number;

beforeAll(async () => {
  browser = await launch();
  dashboard = await Dashboard.start();
  const { world } = dashboard;
  const claim = ["--service", "web", "--agent", "codex", "--lease", "persistent"];
  const web = await world.acquire(...claim);
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

const isComplete = (page: Page) => row(page, dead).getByText("dead").waitFor();

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
    const all = await page
      .locator("a, button:enabled, input, [tabindex='0']")
      .evaluateAll((elements) => {
        elements.forEach((element, i) => element.setAttribute("data-tab", String(i)));
        return elements.length;
      });
    const reached = new Set<string>();
    for (let i = 0; i < all; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const { activeElement } = document;
        const outline = activeElement && getComputedStyle(activeElement).outlineStyle;
        return { id: activeElement?.getAttribute("data-tab") ?? "", outline };
      });
      reached.add(at.id);
      expect([at.id, at.outline]).toEqual([at.id, "solid"]);
    }
    expect(all).toBeGreaterThan(15);
    expect(reached.size).toBe(all);
  });

  test.concurrent("leads the arrow keys from row to row", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    const ids = await page.locator("tbody tr[id]").evaluateAll((rows) => rows.map(({ id }) => id));
    const here = () => page.evaluate(() => document.activeElement?.closest("tr")?.id ?? "");
    await page.locator(`#${ids[0]} a`).focus();
    const walked = [await here()];
    for (let i = 1; i < ids.length; i++) {
      await page.keyboard.press("ArrowDown");
      walked.push(await here());
    }
    expect(walked).toEqual(ids);
    await page.keyboard.press("ArrowUp");
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
