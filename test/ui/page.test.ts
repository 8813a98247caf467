import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Browser } from "playwright-core";
import { until } from "../harness.ts";
import { isCalm, isFine, launch, row, showsPorts, visit } from "./browser.ts";
import { Dashboard, ownPool, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(60_000);

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

describe("the page, without a reload", () => {
  test("shows what to type while no port is claimed, then the claims that are made", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    await using page = await visit(browser, dashboard);
    await page.getByText("No port is claimed").waitFor();
    expect(await page.locator("code").innerText()).toBe(
      "PORT=$(portclaim acquire --service web --prefer 3000)",
    );
    await isFine(page);
    const port = await world.acquire("--service", "web", "--agent", "codex");
    await row(page, port).waitFor();
    expect(await row(page, port).innerText()).toMatch(/starting\s+web\s+codex\s+bun test \(\d+\)/);
    expect(await row(page, port).getByRole("link").getAttribute("href")).toBe(
      `http://localhost:${port}/`,
    );
    expect(await page.getByRole("log").innerText()).toMatch(/web of my-app\s+claimed by codex/);
    expect(await page.getByText("No port is claimed").count()).toBe(0);
    await isFine(page);
  });

  test("shows a server that starts, stops, or is killed", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    await using page = await visit(browser, dashboard);
    const port = await world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    await row(page, port).getByText("listening").waitFor();
    expect(await row(page, port).locator(".listeners").innerText()).toContain(`(${server.pid})`);
    server.kill("SIGTERM");
    await row(page, port).getByText("starting").waitFor();
    const other = await runServer(dashboard, "api");
    await row(page, other.port).getByText("listening").waitFor();
    other.server.kill("SIGKILL");
    await row(page, other.port).getByText("dead").waitFor();
    expect(await page.getByRole("log").innerText()).toMatch(/api of my-app\s+its owner ended/);
    isCalm(page);
  });

  test("shows what listens in the pool without a claim", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const claimed = await world.acquire("--service", "web");
    const stray = claimed + 1;
    await using page = await visit(browser, dashboard);
    await row(page, claimed).waitFor();
    await world.listen(stray, "0.0.0.0");
    await row(page, stray).waitFor();
    expect(await row(page, stray).innerText()).toMatch(/unclaimed/);
    expect(await row(page, stray).locator(".listeners").innerText()).toContain(
      `(${process.pid}) 0.0.0.0`,
    );
    await world.stopListening();
    await row(page, stray).waitFor({ state: "detached" });
  });

  test("goes away from what is released, and reaped", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await row(page, port).waitFor();
    await world.run(["release", String(port)]);
    await row(page, port).waitFor({ state: "detached" });
    expect(await page.getByRole("log").innerText()).toMatch(/web of my-app\s+released/);
  });
});

describe("reap and release", () => {
  test("reap shows what would go before it does it", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const { port, server } = await runServer(dashboard, "gone");
    const young = await world.acquire("--service", "young");
    server.kill("SIGKILL");
    await using page = await visit(browser, dashboard);
    await row(page, port).getByText("dead").waitFor();
    await page.getByRole("button", { name: "Reap…" }).click();
    const dialog = page.getByRole("dialog", { name: "Reap what is gone or idle" });
    const go = dialog.getByRole("button", { name: "Reap 1 claim" });
    await go.waitFor();
    expect(await dialog.innerText()).toMatch(
      new RegExp(`This would go\\s+${port} gone of my-app\\s+its owner .* ended`),
    );
    expect(await dialog.innerText()).toMatch(
      new RegExp(`This would stay\\s+${young} young of my-app`),
    );
    await isFine(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await world.claim(port)).toBeDefined();
    await page.getByRole("button", { name: "Reap…" }).click();
    await go.click();
    await row(page, port).waitFor({ state: "detached" });
    await page.getByText("1 port freed").waitFor();
    expect(await world.claim(port)).toBeUndefined();
    expect(await world.claim(young)).toBeDefined();
  });

  test("release asks first, and says what goes on", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    await using page = await visit(browser, dashboard);
    const button = page.getByRole("button", { name: `Release ${port}` });
    await button.click();
    const dialog = page.getByRole("dialog", { name: `Release ${port}?` });
    expect(await dialog.innerText()).toMatch(
      new RegExp(`web of my-app[^]*\\(${server.pid}\\) goes on listening`),
    );
    await isFine(page);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await world.claim(port)).toBeDefined();
    await button.click();
    await dialog.getByRole("button", { name: `Release ${port}` }).click();
    await row(page, port).getByText("unclaimed").waitFor();
    expect(await world.claim(port)).toBeUndefined();
  });

  test("a release that comes too late says so", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await page.getByRole("button", { name: `Release ${port}` }).click();
    await world.run(["release", String(port)]);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: `Release ${port}` }).click();
    await dialog.getByRole("alert").waitFor();
    expect(await dialog.getByRole("alert").innerText()).toContain("nobody claims it");
    await isFine(page);
  });
});

describe("looking for something", () => {
  test("search, states and columns narrow and order what is shown", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const web = await world.acquire("--service", "web", "--agent", "codex");
    const api = await world.acquire("--service", "api", "--agent", "claude-code");
    const docs = await world.acquire("--service", "site", "--project", "docs");
    await startServer(dashboard, api);
    await using page = await visit(browser, dashboard);
    await row(page, docs).waitFor();
    await row(page, api).getByText("listening").waitFor();
    await showsPorts(page, [web, api, docs]);
    expect(await page.locator("tr.group").allInnerTexts()).toEqual([
      "my-app 2 ports",
      "docs 1 port",
    ]);
    await page.keyboard.press("/");
    await page.keyboard.type("MY-APP codex");
    await showsPorts(page, [web]);
    await page.keyboard.type(" nonsense");
    await page.getByText("Nothing fits").waitFor();
    await isFine(page);
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.getByRole("button", { name: "1 listening" }).click();
    await showsPorts(page, [api]);
    isCalm(page);
    await page.getByRole("button", { name: "1 listening" }).click();
    await page.getByRole("button", { name: "Service" }).click();
    await showsPorts(page, [api, web, docs]);
    await page.getByRole("button", { name: "Service" }).click();
    await showsPorts(page, [web, api, docs]);
    expect(await page.locator("th.service").getAttribute("aria-sort")).toBe("descending");
    isCalm(page);
  });

  test("the map says what is under the pointer and under the focus, and leads to its row", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web", "--agent", "codex");
    await world.listen(port + 5);
    await using page = await visit(browser, dashboard);
    await row(page, port + 5).waitFor();
    const place = page.locator("#place");
    const map = page.getByRole("application");
    const picture = map.locator("svg").first();
    const box = await picture.boundingBox();
    const point = async (at: number) => {
      const cell = (box?.width ?? 0) / 10;
      const [x, y] = [(at % 10) * cell + 2, Math.floor((at % 100) / 10) * cell + 2];
      await page.mouse.move((box?.x ?? 0) + x, (box?.y ?? 0) + y);
      return await place.innerText();
    };
    expect(await point(port)).toBe(`${port} starting, web of my-app (codex)`);
    expect(await point(port + 5)).toMatch(new RegExp(`^${port + 5} unclaimed, bun .* listens$`));
    expect(await point(port + 42)).toBe(`${port + 42} free`);
    await map.focus();
    await page.keyboard.press("Home");
    const text = () => place.innerText();
    await until("the first is told", async () => /^\d+ starting/.test(await text()));
    const right = async () => {
      await page.keyboard.press("ArrowRight");
      return await text();
    };
    await until("the arrow leads to the stray one", async () =>
      (await right()).startsWith(`${port + 5} `),
    );
    isCalm(page);
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.closest("tr")?.id)).toBe(
      `port-${port + 5}`,
    );
  });
});

describe("a line that is cut", () => {
  test("is said, and mends itself", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await row(page, port).waitFor();
    await dashboard.stop();
    await page.getByText("Disconnected.").waitFor();
    expect(await page.getByRole("button", { name: "Reap…" }).isDisabled()).toBe(true);
    await isFine(page);
    const missed = await world.acquire("--service", "missed");
    await dashboard.restart();
    await row(page, missed).waitFor();
    expect(await page.getByText("Disconnected.").count()).toBe(0);
    expect(await page.getByRole("log").innerText()).toMatch(
      /missed of my-app\s+seen when the line was back/,
    );
    isCalm(page);
  });

  test("more pages than a browser has lines share one, and each goes on when another closes", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    await using first = await visit(browser, dashboard);
    const others = [];
    for (let i = 1; i < 8; i++) {
      const page = await first.context().newPage();
      await page.goto(dashboard.url);
      others.push(page);
    }
    const port = await world.acquire("--service", "web");
    for (const page of [first, ...others]) await row(page, port).waitFor();
    await first.close();
    const later = await world.acquire("--service", "later");
    for (const page of others) await row(page, later).waitFor();
  });

  test("a registry that can't be read is said, and what was known stays", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await row(page, port).waitFor();
    const path = `${world.home}/config.toml`;
    const good = await Bun.file(path).text();
    await Bun.write(path, "[pool]\nrange = 7\n");
    await page.getByText("The registry can't be read.").waitFor();
    expect(await page.locator(".notice").innerText()).toContain("config.toml:2");
    expect(await row(page, port).count()).toBe(1);
    await isFine(page);
    await Bun.write(path, good);
    await page.locator(".notice").waitFor({ state: "detached" });
  });
});

describe("what claims say", () => {
  test("is text and nothing else", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const evil = "<img src=x onerror=alert(1)>";
    const port = await world.acquire("--service", evil, "--project", "<b>p");
    const other = await world.acquire("--service", "plain");
    const path = `${world.home}/claims/${other}.json`;
    const escapes = "\u001b[31mred\u202egnp.exe";
    const claim = await world.claim(other);
    await Bun.write(
      path,
      JSON.stringify({ ...claim, service: escapes, agent: evil, cwd: `/tmp/${evil}` }),
    );
    await using page = await visit(browser, dashboard);
    let alerts = 0;
    page.on("dialog", (dialog) => {
      alerts++;
      void dialog.dismiss();
    });
    await row(page, port).getByText(evil).waitFor();
    expect(await row(page, port).locator("img").count()).toBe(0);
    expect(await row(page, other).locator(".service").innerText()).toBe(
      "\\u{1b}[31mred\\u{202e}gnp.exe",
    );
    expect(await page.locator("tr.group").allInnerTexts()).toContain("<b>p 1 port");
    expect(alerts).toBe(0);
    isCalm(page);
  });

  test("that can't be understood is shown, and can be removed", async () => {
    await using world = ownPool();
    const dashboard = await Dashboard.start(world);
    const port = await world.acquire("--service", "web");
    await Bun.write(`${world.home}/claims/${port + 1}.json`, "{");
    await using page = await visit(browser, dashboard);
    await row(page, port + 1)
      .getByText("unreadable")
      .waitFor();
    await isFine(page);
    await page.getByRole("button", { name: `Release ${port + 1}` }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: `Release ${port + 1}` })
      .click();
    await row(page, port + 1).waitFor({ state: "detached" });
  });
});
