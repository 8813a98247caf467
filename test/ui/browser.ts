import { expect } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { until } from "../harness.ts";
import type { Dashboard } from "./dashboard.ts";

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

/** Chromium, by one of its names on PATH. */
export async function launch(): Promise<Browser> {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const executablePath = names.map((name) => Bun.which(name)).find((path) => path !== null);
  if (!executablePath) throw new Error(`none of ${names.join(", ")} is installed`);
  return await chromium.launch({ executablePath, args: FLAGS });
}

/** What a page complained of, besides answers that it shows itself. */
const complaints = new WeakMap<Page, string[]>();

/** Opens the dashboard in a browser of its own; it is closed with the scope. */
export async function visit(
  browser: Browser,
  dashboard: Dashboard,
  options: BrowserContextOptions = {},
): Promise<Page & AsyncDisposable> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  const heard: string[] = [];
  complaints.set(page, heard);
  page.on("pageerror", ({ message }) => heard.push(message));
  page.on("console", (message) => {
    const isAnswer = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) heard.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(dashboard.url)) heard.push(`asked for ${request.url()}`);
  });
  await page.goto(dashboard.url);
  return Object.assign(page, { [Symbol.asyncDispose]: () => context.close() });
}

/** Fails if the page complained, or asked anybody else for anything. */
export function isCalm(page: Page): void {
  expect(complaints.get(page)).toEqual([]);
}

/** Fails if a page is hard to use for somebody, too wide, or not calm. */
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

/** Waits until the table has these ports, in this order. */
export async function showsPorts(page: Page, ports: readonly number[]): Promise<void> {
  const shown = page.locator("tbody th.port");
  await until(`the ports are ${ports.join()}`, async () => {
    const texts = await shown.allTextContents();
    return texts.join() === ports.join();
  });
}
