import { expect } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { until } from "../harness.ts";
import type { Dashboard } from "./dashboard.ts";

/** How many pages are open at once: more would only wait for the processor, until their timeouts. */
const MOST_PAGES = 4;

let open = 0;
const waiting: (() => void)[] = [];

/** Waits until another page may be opened; returns what makes room for the next. */
async function takeTurn(): Promise<() => void> {
  if (open >= MOST_PAGES) await new Promise<void>((resolve) => waiting.push(resolve));
  else open++;
  return () => {
    const next = waiting.shift();
    if (next) next();
    else open--;
  };
}

/** Errors that a page has logged, besides failed requests, which it shows itself. */
const complaints = new WeakMap<Page, string[]>();

/** Opens the dashboard in a context of its own, until the end of the scope. */
export async function visit(
  browser: Browser,
  dashboard: Dashboard,
  options: BrowserContextOptions = {},
  path = "",
): Promise<Page & AsyncDisposable> {
  const endTurn = await takeTurn();
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const heard: string[] = [];
  complaints.set(page, heard);
  page.on("pageerror", ({ message }) => heard.push(message));
  page.on("console", (message) => {
    const isResponse = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isResponse) heard.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(dashboard.url)) heard.push(`requested ${request.url()}`);
  });
  await page.goto(`${dashboard.url}${path}`);
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      endTurn();
      await context.close();
    },
  });
}

/** Fails if the page logged an error, or sent a request to another site. */
export function isCalm(page: Page): void {
  expect(complaints.get(page)).toEqual([]);
}

/** Fails if a page has accessibility faults, is too wide, or isn't calm. */
export async function isFine(page: Page): Promise<void> {
  isCalm(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
  expect(found).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}

/** The row of a port. */
export const row = (page: Page, port: number) => page.locator(`#port-${port}`);

/** Shows the rows of what is idle or stale. */
export async function unfold(page: Page): Promise<void> {
  await page.getByRole("button", { name: /idle|stale/ }).click();
}

/** Clicks an action of a port's row, which has its actions while the pointer is in it. */
export async function act(page: Page, port: number, action: string): Promise<void> {
  await row(page, port).hover();
  if (action === "Release") await row(page, port).locator("summary").click();
  await row(page, port)
    .getByRole("button", { name: new RegExp(`^${action} `) })
    .click();
}

/** Waits until the table has these ports, in this order. */
export async function showsPorts(page: Page, ports: readonly number[]): Promise<void> {
  const shown = page.locator("tbody th.port");
  await until(`the ports are ${ports.join()}`, async () => {
    const texts = await shown.allTextContents();
    return texts.join() === ports.join();
  });
}
