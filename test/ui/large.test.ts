import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { bundlePage } from "../../ui/server/bundle.ts";
import type { World } from "../harness.ts";
import { row, unfold, visit } from "./browser.ts";
import { Dashboard } from "./dashboard.ts";

setDefaultTimeout(120_000);

const MANY = 1000;
// Above the ports on which other tests listen, and below those of connections.
const FIRST = 31_500;

/** Claims of this process, in the form that other implementations also write. */
function claimMany(world: World): void {
  for (let port = FIRST; port < FIRST + MANY; port++) {
    const claim = {
      port,
      pid: process.pid,
      agent: "codex",
      project: `project-${port % 40}`,
      service: `service-${port}`,
      claimed_at: "2026-03-17T14:32:01.123456Z",
      lease: "persistent",
    };
    writeFileSync(`${world.home}/claims/${port}.json`, JSON.stringify(claim), { mode: 0o600 });
  }
}

describe("a thousand claims", () => {
  let browser: Browser;
  let dashboard: Dashboard;

  beforeAll(async () => {
    browser = await launchChromium();
    dashboard = await Dashboard.start();
    claimMany(dashboard.world);
  });

  afterAll(async () => {
    await browser.close();
    await dashboard[Symbol.asyncDispose]();
  });

  const isComplete = async (page: Page) => {
    await unfold(page);
    await row(page, FIRST + MANY - 1).waitFor();
  };

  test("are all shown, and only the one that changes is rendered again", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    expect(await page.locator("tbody tr[id]").count()).toBe(MANY);
    // The last row is there before its rendering has come to an end.
    await page.evaluate(() => new Promise<void>((done) => requestIdleCallback(() => done())));
    await page.evaluate(() => {
      const touched = new Set<string>();
      const record = (records: MutationRecord[]) => {
        for (const { target, addedNodes } of records) {
          for (const node of [target, ...addedNodes]) {
            const element = node instanceof Element ? node : node.parentElement;
            const id = element?.closest("tr[id]")?.id;
            if (id) touched.add(id);
          }
        }
      };
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      new MutationObserver(record).observe(document.body, all);
      Object.assign(globalThis, { touched });
    });
    const port = FIRST + 500;
    const path = `${dashboard.world.home}/claims/${port}.json`;
    writeFileSync(path, (await Bun.file(path).text()).replace("service-", "renamed-"));
    await row(page, port).getByText(`renamed-${port}`).waitFor();
    const touched = await page.evaluate(() => [
      ...(globalThis as unknown as { touched: Set<string> }).touched,
    ]);
    expect(touched).toEqual([`port-${port}`]);
  });

  test("are filtered while a search is typed", async () => {
    await using page = await visit(browser, dashboard);
    await isComplete(page);
    await page.keyboard.press("/");
    await page.keyboard.type(`service-${FIRST + 123}`);
    await row(page, FIRST + MANY - 1).waitFor({ state: "detached" });
    expect(await page.locator("tbody tr[id]").count()).toBe(1);
  });
});

test("the page is at most 24 KB, gzipped", async () => {
  const { html } = await bundlePage();
  expect(Bun.gzipSync(html).length).toBeLessThanOrEqual(24 * 1024);
});
