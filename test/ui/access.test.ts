import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { until, type World } from "../harness.ts";
import { isFine, launch, row, visit } from "./browser.ts";
import { Dashboard, ownPool, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(60_000);

let browser: Browser;
let world: World;
let dashboard: Dashboard;
let dead: number;

beforeAll(async () => {
  browser = await launch();
  world = ownPool();
  dashboard = await Dashboard.start(world);
  const web = await world.acquire("--service", "web", "--agent", "codex", "--lease", "persistent");
  await startServer(dashboard, web);
  await world.acquire(
    "--service",
    "a-service-whose-name-is-rather-long-for-a-phone",
    "--project",
    "docs",
  );
  await world.listen(web + 20);
  const gone = await runServer(dashboard, "gone");
  dead = gone.port;
  gone.server.kill("SIGKILL");
});

afterAll(async () => {
  await browser.close();
  await world[Symbol.asyncDispose]();
});

const isComplete = (page: Page) => row(page, dead).getByText("dead").waitFor();

describe("the page, with every kind of row", () => {
  const looks = [
    ["dark", { colorScheme: "dark" }],
    ["on a phone", { viewport: { width: 360, height: 740 }, hasTouch: true }],
    ["on a tablet", { viewport: { width: 800, height: 1000 }, forcedColors: "active" }],
  ] as const;

  test.each(looks)("%s, can be read and used by everybody", async (_, options) => {
    await using page = await visit(browser, dashboard, options);
    await isComplete(page);
    await isFine(page);
  });

  test("leads the Tab key to everything that can be used, and shows where it is", async () => {
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

  test("leads the arrow keys from row to row", async () => {
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

  test("keeps a dialog's focus inside, and gives it back", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    const button = page.getByRole("button", { name: "Reap…" });
    await button.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Reap 1 claim" }).waitFor();
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.closest("dialog") !== null)).toBe(
      true,
    );
    await page.keyboard.press("Escape");
    await until("the focus is back", () => button.evaluate((it) => it === document.activeElement));
  });

  test("moves nothing for who wants no motion", async () => {
    const moving = async (reducedMotion: "reduce" | "no-preference", service: string) => {
      await using page = await visit(browser, dashboard, { reducedMotion });
      await page.getByText("my-app").first().waitFor();
      const port = await world.acquire("--service", service);
      await row(page, port).getByText(service).waitFor();
      return await row(page, port).evaluate((it) => getComputedStyle(it).animationName);
    };
    expect(await moving("no-preference", "moving")).toBe("flash");
    expect(await moving("reduce", "still")).toBe("none");
  });
});
