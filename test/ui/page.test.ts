import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { startForeign } from "../foreign.ts";
import { PORTCLAIM, script } from "../harness.ts";
import { PoolWorld } from "../pool.ts";
import { act, isCalm, isFine, row, showsPorts, unfold, visit } from "./browser.ts";
import { Dashboard, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(120_000);

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

const CLEAN_UP = { name: "Clean up…" };
const log = (page: Page) => page.getByRole("log").innerText();

describe("without a reload, the page", () => {
  test.concurrent("shows a command while there are no claims, and each claim until it is released", async () => {
    const fresh = new PoolWorld();
    mkdirSync(fresh.path(".claude"));
    await using dashboard = await Dashboard.start(fresh);
    await using page = await visit(browser, dashboard);
    await page.getByText("No ports claimed").waitFor();
    expect(await page.locator("code").allInnerTexts()).toEqual([
      "PORT=$(portclaim acquire web --prefer 3000)",
      "portclaim run web -- npm run dev",
      "portclaim setup claude-code",
    ]);
    await isFine(page);
    const port = await dashboard.world.acquire("--service", "web", "--agent", "codex");
    await row(page, port).waitFor();
    expect(await row(page, port).innerText()).toMatch(/web my-app\s+starting\s+~\/my-app\s+codex/);
    expect(await row(page, port).getByRole("link").getAttribute("href")).toBe(`?port=${port}`);
    expect(await log(page)).toMatch(/web in my-app\s+claimed by codex/);
    expect(await page.getByText("No ports claimed").count()).toBe(0);
    await dashboard.world.run(["release", String(port)]);
    await row(page, port).waitFor({ state: "detached" });
    expect(await log(page)).toMatch(/web in my-app\s+released/);
  });

  test.concurrent("shows a server that starts, stops, or is killed", async () => {
    await using dashboard = await Dashboard.start();
    await using page = await visit(browser, dashboard);
    const port = await dashboard.world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    await row(page, port).getByText("listening").waitFor({ state: "attached" });
    expect(await row(page, port).locator(".process").innerText()).toContain(`${server.pid}`);
    server.kill("SIGTERM");
    await row(page, port).getByText("starting").waitFor();
    const other = await runServer(dashboard, "api");
    await row(page, other.port).getByText("listening").waitFor({ state: "attached" });
    other.server.kill("SIGKILL");
    await unfold(page);
    await row(page, other.port).getByText("dead").waitFor();
    expect(await log(page)).toMatch(/api in my-app\s+its owner/);
    isCalm(page);
  });

  test.concurrent("shows a claimed port that a foreign process uses, and a server on another port", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    await using page = await visit(browser, dashboard);
    const port = await world.acquire("--service", "web");
    const pid = await startForeign(world, port);
    await row(page, port).getByText("occupied").waitFor();
    expect(await row(page, port).locator(".process").innerText()).toContain(`(${pid})`);
    expect(await row(page, port).innerText()).toContain("doesn't belong to web");
    await row(page, port).hover();
    const stop = row(page, port).getByRole("button", { name: "Stop" });
    expect(await stop.getAttribute("aria-label")).toMatch(new RegExp(`^Stop bun on ${port}$`, "s"));
    await world.run(["release", String(port)]);
    world.configure(world.pool(90));
    const other = world.first + 90;
    const listen = `Bun.listen({ hostname: '127.0.0.1', port: ${other}, socket: { data() {} } })`;
    const command = [...PORTCLAIM, "run", "--service", "api", "--", ...script(listen)];
    const server = world.spawn(command);
    await page.locator("tr", { hasText: "api" }).getByText(`listens on ${other}, not on`).waitFor();
    expect(await row(page, other).count()).toBe(0);
    await isFine(page);
    const [api] = await dashboard.claims();
    await act(page, api?.port ?? 0, "Stop");
    await page.getByRole("dialog").getByRole("button", { name: "Stop api on" }).click();
    await server.exited;
  });

  test.concurrent("shows servers in the pool without a claim", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const claimed = await world.acquire("--service", "web");
    const stray = claimed + 1;
    await using page = await visit(browser, dashboard);
    await row(page, claimed).waitFor();
    await world.listen(stray, "0.0.0.0");
    await row(page, stray).getByText("unclaimed").waitFor();
    expect(await row(page, stray).locator(".process").innerText()).toContain(
      `(${process.pid}) 0.0.0.0`,
    );
    await world.stopListening();
    await row(page, stray).waitFor({ state: "detached" });
  });
});

describe("cleaning up and releasing", () => {
  test.concurrent("cleaning up shows what it will do first", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const { port, server } = await runServer(dashboard, "gone");
    const young = await world.acquire("--service", "young");
    server.kill("SIGKILL");
    await using page = await visit(browser, dashboard);
    await unfold(page);
    await row(page, port).getByText("dead").waitFor();
    await page.getByRole("button", CLEAN_UP).click();
    const dialog = page.getByRole("dialog", { name: "Clean up" });
    const confirm = dialog.getByRole("button", { name: "Clean up 1 claim" });
    await confirm.waitFor();
    expect(await dialog.innerText()).toMatch(
      new RegExp(`To be removed\\s+${port} gone in my-app\\s+its owner[^]*`),
    );
    expect(await dialog.innerText()).toMatch(new RegExp(`Kept\\s+${young} young in my-app`));
    await isFine(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await world.claim(port)).toBeDefined();
    await page.getByRole("button", CLEAN_UP).click();
    await confirm.click();
    await row(page, port).waitFor({ state: "detached" });
    await page.getByText("1 claim removed").waitFor();
    expect(await world.claim(port)).toBeUndefined();
    expect(await world.claim(young)).toBeDefined();
  });

  test.concurrent("releasing asks first, and says that the server keeps running", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    await using page = await visit(browser, dashboard);
    await row(page, port).getByText("listening").waitFor({ state: "attached" });
    await act(page, port, "Release");
    const dialog = page.getByRole("dialog", { name: `Release port ${port}?` });
    expect(await dialog.innerText()).toMatch(
      new RegExp(`web in my-app[^]*\\(pid ${server.pid}\\) keeps running`),
    );
    await isFine(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await world.claim(port)).toBeDefined();
    await act(page, port, "Release");
    await dialog.getByRole("button", { name: `Release port ${port}` }).click();
    await row(page, port).getByText("unclaimed").waitFor();
    expect(await world.claim(port)).toBeUndefined();
  });

  test.concurrent("releasing a claim that is gone says so, and keeps the one that replaced it", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await act(page, port, "Release");
    const dialog = page.getByRole("dialog");
    await world.run(["release", String(port)]);
    await world.acquire("--service", "newer", "--prefer", String(port), "--exact");
    await row(page, port).getByText("newer").waitFor();
    expect(await dialog.innerText()).toContain("web in my-app");
    await dialog.getByRole("button", { name: `Release port ${port}` }).click();
    await dialog.getByRole("alert").waitFor();
    expect(await dialog.getByRole("alert").innerText()).toContain(String(port));
    expect((await world.claim(port))?.service).toBe("newer");
    await isFine(page);
  });
});

describe("finding a port", () => {
  test.concurrent("search and columns filter and sort the table", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const web = await world.acquire("--service", "web", "--agent", "codex");
    const api = await world.acquire("--service", "api", "--agent", "claude-code");
    const docs = await world.acquire("--service", "site", "--project", "docs");
    await startServer(dashboard, api);
    await using page = await visit(browser, dashboard);
    await row(page, docs).waitFor();
    await row(page, api).getByText("listening").waitFor({ state: "attached" });
    await showsPorts(page, [web, api, docs]);
    expect(await page.locator("tr.group").allInnerTexts()).toEqual([
      "my-app 2",
      "Other projects 1",
    ]);
    expect(await page.locator(".count").innerText()).toBe("3 ports");
    await page.keyboard.press("/");
    await page.keyboard.type("MY-APP codex");
    await showsPorts(page, [web]);
    expect(await page.locator(".count").innerText()).toBe("1 of 3");
    expect(new URL(page.url()).searchParams.get("q")).toBe("MY-APP codex");
    await page.keyboard.type(" nonsense");
    await page.getByText("No matches").waitFor();
    await isFine(page);
    await page.getByRole("button", { name: "Clear search" }).click();
    await page.keyboard.press("/");
    await page.keyboard.type("listening");
    await showsPorts(page, [api]);
    await page.keyboard.press("Escape");
    await showsPorts(page, [web, api, docs]);
    await page.getByRole("link", { name: "my-app", exact: true }).click();
    await page.waitForURL(`${dashboard.url}?q=my-app`);
    await page.getByRole("searchbox").clear();
    await showsPorts(page, [web, api, docs]);
    isCalm(page);
    await page.getByRole("button", { name: "Service" }).click();
    await showsPorts(page, [api, web, docs]);
    await page.getByRole("button", { name: "Service" }).click();
    await showsPorts(page, [web, api, docs]);
    expect(await page.locator("th.service").getAttribute("aria-sort")).toBe("descending");
    isCalm(page);
  });

  test.concurrent("the map answers to search and selection, describes the port under the pointer or the cursor, and leads to its details", async () => {
    await using dashboard = await Dashboard.start();
    const port = await dashboard.world.acquire("--service", "web", "--agent", "codex");
    await dashboard.world.listen(port + 5);
    await using page = await visit(browser, dashboard);
    await row(page, port + 5).waitFor();
    await page.getByRole("button", { name: "Map" }).click();
    const map = page.getByRole("application");
    const picture = map.locator("svg").first();
    /** The browser hands pointer moves on with its next frame, so the description is waited for. */
    const describes = (text: string | RegExp) =>
      page.locator("#place").filter({ hasText: text }).waitFor();
    const point = async (at: number) => {
      const box = await picture.boundingBox();
      const cell = (box?.width ?? 0) / 10;
      await picture.hover({
        position: { x: (at % 10) * cell + 2, y: Math.floor((at % 100) / 10) * cell + 2 },
      });
    };
    await point(port);
    await describes(`${port} starting, web in my-app, claimed by codex`);
    await point(port + 5);
    await describes(new RegExp(`^${port + 5} unclaimed, in use by bun .*$`));
    await point(port + 42);
    await describes(`${port + 42} free`);
    await map.focus();
    await page.keyboard.press("Home");
    await describes(`${port} starting`);
    await page.keyboard.press("ArrowRight");
    await describes(`${port + 5} unclaimed`);
    isCalm(page);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `bun test on ${port + 5}` }).waitFor();
    await page.locator(".strip .chosen").waitFor({ state: "attached" });
    await page.keyboard.press("/");
    await page.keyboard.type("codex");
    await page.locator(".strip .faded").waitFor({ state: "attached" });
  });
});

describe("a lost connection", () => {
  test.concurrent("is shown, and recovers", async () => {
    await using dashboard = await Dashboard.start();
    const port = await dashboard.world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await row(page, port).waitFor();
    const before = await row(page, port).boundingBox();
    await dashboard.stop();
    await page.getByText("Disconnected.").waitFor();
    expect(await row(page, port).boundingBox()).toEqual(before);
    expect(await page.locator("main").evaluate((it) => getComputedStyle(it).opacity)).toBe("0.85");
    await row(page, port).hover();
    expect(await row(page, port).getByRole("button").allTextContents()).toEqual(["Copy URL"]);
    await isFine(page);
    const missed = await dashboard.world.acquire("--service", "missed");
    await dashboard.restart();
    await row(page, missed).waitFor();
    expect(await page.getByText("Disconnected.").count()).toBe(0);
    expect(await log(page)).toMatch(/missed in my-app\s+claimed by/);
    isCalm(page);
  });

  test.concurrent("doesn't happen with more pages than a browser has connections, even when one closes", async () => {
    await using dashboard = await Dashboard.start();
    await using first = await visit(browser, dashboard);
    const others = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const page = await first.context().newPage();
        await page.goto(dashboard.url);
        return page;
      }),
    );
    const port = await dashboard.world.acquire("--service", "web");
    for (const page of [first, ...others]) await row(page, port).waitFor();
    await first.close();
    const later = await dashboard.world.acquire("--service", "later");
    for (const page of others) await row(page, later).waitFor();
  });

  test.concurrent("to the registry is shown, and the claims stay", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await row(page, port).waitFor();
    world.configure("[pool]\nrange = 7\n");
    await page.getByText("Can't read the registry.").waitFor();
    expect(await page.locator(".notice").innerText()).toContain("config.toml:2");
    expect(await row(page, port).count()).toBe(1);
    await isFine(page);
    world.configure(world.pool());
    await page.locator(".notice").waitFor({ state: "detached" });
  });
});

describe("a claim file", () => {
  test.concurrent("is shown as text, whatever it contains", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const evil = "<img src=x onerror=alert(1)>";
    const port = await world.acquire("--service", evil, "--project", "<b>p");
    const other = await world.acquire("--service", "plain");
    const claim = await world.claim(other);
    const escapes = { service: "\u001b[31mred\u202egnp.exe", agent: evil, cwd: `/tmp/${evil}` };
    const text = JSON.stringify({ ...claim, ...escapes });
    await Bun.write(`${world.home}/claims/${other}.json`, text);
    await using page = await visit(browser, dashboard);
    let alerts = 0;
    page.on("dialog", (dialog) => {
      alerts++;
      void dialog.dismiss();
    });
    await row(page, port).getByText(evil).first().waitFor();
    expect(await row(page, port).locator("img").count()).toBe(0);
    expect(await row(page, other).locator(".service a").innerText()).toBe(
      "\\u{1b}[31mred\\u{202e}gnp.exe",
    );
    expect(await row(page, port).locator(".service").innerText()).toContain("<b>p");
    expect(alerts).toBe(0);
    isCalm(page);
  });

  test.concurrent("that can't be read is shown, and can be removed", async () => {
    await using dashboard = await Dashboard.start();
    const port = (await dashboard.world.acquire("--service", "web")) + 1;
    await Bun.write(`${dashboard.world.home}/claims/${port}.json`, "{");
    await using page = await visit(browser, dashboard);
    await row(page, port).getByText("unreadable", { exact: true }).waitFor();
    await isFine(page);
    await act(page, port, "Release");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: `Release port ${port}` }).click();
    await row(page, port).waitFor({ state: "detached" });
  });
});
