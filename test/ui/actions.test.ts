import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import type { Browser, Page, Route } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { startForeign } from "../foreign.ts";
import { PORTCLAIM, script, until } from "../harness.ts";
import { act, isCalm, isFine, row, visit } from "./browser.ts";
import { Dashboard, runServer, startServer } from "./dashboard.ts";

setDefaultTimeout(120_000);

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
});

const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };

/** Copies until the clipboard has the text: all tests of a browser share one clipboard. */
async function copies(page: Page, text: string, copy: () => Promise<void>): Promise<void> {
  await until("it is copied", async () => {
    await copy();
    return (await page.evaluate(() => navigator.clipboard.readText())).includes(text);
  });
}

describe("stopping", () => {
  test.concurrent("a server without a claim takes two clicks, the second on its name", async () => {
    await using dashboard = await Dashboard.start();
    const port = dashboard.world.first + 7;
    const pid = await startForeign(dashboard.world, port);
    await using page = await visit(browser, dashboard);
    await row(page, port).getByText("unclaimed").waitFor();
    await act(page, port, "Stop");
    const name = new RegExp(`Stop bun on ${port}`);
    const dialog = page.getByRole("dialog", { name });
    const confirm = dialog.getByRole("button", { name });
    await confirm.waitFor();
    expect(await dialog.innerText()).toMatch(new RegExp(`\\(pid ${pid}\\)[^]*Bun.listen[^]*in /`));
    await isFine(page);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await row(page, port).count()).toBe(1);
    await act(page, port, "Stop");
    await confirm.click();
    await row(page, port).waitFor({ state: "detached" });
    const { servers } = await (await fetch(`${dashboard.url}api/ports/${port}`)).json();
    expect(servers).toEqual([]);
    isCalm(page);
  });

  test.concurrent("a claim's server names what else ends with it", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const [port, other] = [world.first + 3, world.first + 4];
    const listen = (at: number) =>
      `Bun.listen({ hostname: "127.0.0.1", port: ${at}, socket: { data() {} } })`;
    const code = `Bun.spawn([process.execPath, "-e", ${JSON.stringify(listen(other))}]); ${listen(port)}`;
    const flags = ["--service", "web", "--prefer", `${port}`];
    const server = world.spawn([...PORTCLAIM, "run", ...flags, "--", ...script(code)]);
    await using page = await visit(browser, dashboard);
    await row(page, other).waitFor();
    await row(page, port).getByText("listening").waitFor({ state: "attached" });
    await act(page, port, "Stop");
    const dialog = page.getByRole("dialog", { name: `Stop web on ${port}?` });
    await dialog.getByText(`Also ends what listens on ${other}`).waitFor();
    await dialog.getByRole("button", { name: `Stop web on ${port}` }).click();
    await page.getByText(`Stopped web on ${port}`).waitFor();
    await server.exited;
    expect(await world.claim(port)).toBeUndefined();
  });

  test.concurrent("of several at once counts them, and leaves out what it may not stop", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const one = await runServer(dashboard, "one");
    const two = await runServer(dashboard, "two");
    const own = await world.listen(world.first + 50);
    await using page = await visit(browser, dashboard);
    await row(page, own).waitFor();
    for (const port of [one.port, two.port, own]) {
      await row(page, port).hover();
      await row(page, port).getByRole("checkbox").check();
    }
    await page.getByText("3 ports selected").waitFor();
    await page.getByRole("button", { name: "Stop the selected servers" }).click();
    const dialog = page.getByRole("dialog", { name: "Stop the servers on 3 ports?" });
    await dialog.getByText("Not from here:").waitFor();
    await dialog.getByRole("button", { name: "Stop 2 servers" }).click();
    await Promise.all([one.server.exited, two.server.exited]);
    await page.getByText("Stopped 2 servers").waitFor();
    await row(page, one.port).waitFor({ state: "detached" });
    await page.getByText("1 port selected").waitFor();
  });

  test.concurrent("a claim that has been replaced meanwhile is refused, with the reason", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web");
    const server = await startServer(dashboard, port);
    await using page = await visit(browser, dashboard);
    await row(page, port).getByText("listening").waitFor({ state: "attached" });
    await act(page, port, "Stop");
    const dialog = page.getByRole("dialog");
    const confirm = dialog.getByRole("button", { name: `Stop web on ${port}` });
    await confirm.waitFor();
    const newer = { ...(await world.claim(port)), claimed_at: "2099-01-01T00:00:00.000000Z" };
    await Bun.write(`${world.home}/claims/${port}.json`, JSON.stringify(newer));
    await confirm.click();
    await dialog.getByText(`Port ${port} has been claimed again`).waitFor();
    expect(server.exitCode).toBeNull();
  });

  test.concurrent("without JavaScript leads to a page that asks", async () => {
    await using dashboard = await Dashboard.start();
    const { port, server } = await runServer(dashboard, "plain");
    await using page = await visit(browser, dashboard, { javaScriptEnabled: false });
    await page.getByRole("link", { name: `Stop port ${port}` }).click();
    expect(await page.locator("form").innerText()).toContain(dashboard.world.cwd);
    await page.getByRole("button", { name: `on ${port}` }).click();
    await server.exited;
    await until("the claim is gone", async () =>
      (await page.locator("body").innerText()).includes("No claims."),
    );
    expect(page.url()).toBe(dashboard.url);
  });
});

describe("the details of a port", () => {
  test.concurrent("name its command, processes, file and history, and have an address", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web", "--agent", "codex");
    const server = await startServer(dashboard, port);
    await using page = await visit(browser, dashboard, CLIPBOARD, `?port=${port}`);
    const details = page.getByRole("region", { name: `web on ${port}` });
    await details.getByText("Bun.listen(").waitFor();
    const text = await details.innerText();
    expect(text).toMatch(new RegExp(`bun test ${process.pid}[^]*bun ${server.pid}`));
    expect(text).toContain(`~/registry/claims/${port}.json`);
    expect(text).toMatch(/History[^]*claimed by codex/);
    const button = details.getByRole("button", { name: /^Cop(y|ied) PORT=/ });
    await copies(page, `PORT=${port}`, () => button.click());
    await isFine(page);
    await page.getByRole("button", { name: "Close details" }).click();
    await details.waitFor({ state: "detached" });
    expect(page.url()).toBe(dashboard.url);
  });

  test.concurrent("are read again when a request fails", async () => {
    await using dashboard = await Dashboard.start();
    const port = await dashboard.world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    await page.route("**/api/ports/*", (request) => request.abort(), { times: 1 });
    await row(page, port).getByRole("link").click();
    await page.getByText(`claims/${port}.json`).waitFor();
  });

  test.concurrent("keep a newer response when an older one comes late", async () => {
    await using dashboard = await Dashboard.start();
    const { world } = dashboard;
    const port = await world.acquire("--service", "web");
    await using page = await visit(browser, dashboard);
    const held = Promise.withResolvers<Route>();
    const late = Promise.withResolvers<void>();
    const hold = async (route: Route) => {
      const response = await route.fetch();
      held.resolve(route);
      await late.promise;
      await route.fulfill({ response });
    };
    await page.route("**/api/ports/*", hold, { times: 1 });
    await row(page, port).getByRole("link").click();
    const older = (await held.promise).request();
    await startServer(dashboard, port);
    const server = page.getByRole("region", { name: `web on ${port}` }).getByText("Bun.listen(");
    await server.waitFor();
    const finished = page.waitForEvent("requestfinished", (request) => request === older);
    late.resolve();
    await finished;
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await server.count()).toBe(1);
  });

  test.concurrent("show who had a port that is free now", async () => {
    await using dashboard = await Dashboard.start();
    const port = await dashboard.world.acquire("--service", "gone", "--agent", "codex");
    await dashboard.world.run(["release", `${port}`]);
    await using page = await visit(browser, dashboard);
    await page.getByRole("log").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(`${port}`);
    await page.waitForURL(`${dashboard.url}?q=${port}`);
    await page.getByRole("log").getByText("claimed by codex").waitFor();
    await page
      .getByRole("log")
      .getByRole("link", { name: `${port}` })
      .first()
      .click();
    const details = page.getByRole("region", { name: `port ${port}` });
    await details.getByText("claimed by codex").waitFor();
    expect(await details.innerText()).toMatch(/free[^]*gone in my-app\s+released/);
    await page.goBack();
    await details.waitFor({ state: "detached" });
    expect(page.url()).toBe(`${dashboard.url}?q=${port}`);
    await page.goto(`${dashboard.url}?port=${port}`);
    await details.getByText("claimed by codex").waitFor();
  });
});

describe("the keyboard", () => {
  test.concurrent("walks, opens, copies, selects and closes", async () => {
    await using dashboard = await Dashboard.start();
    const ports = await Promise.all(
      ["api", "web"].map((service) => dashboard.world.acquire("--service", service)),
    );
    const [first = 0, second = 0] = ports.toSorted((a, b) => a - b);
    await using page = await visit(browser, dashboard, CLIPBOARD);
    await row(page, second).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await copies(page, `http://localhost:${second}/`, () => page.keyboard.press("c"));
    await page.keyboard.press("x");
    await page.getByText("1 port selected").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `on ${second}` }).waitFor();
    await page.keyboard.press("k");
    await page.getByRole("heading", { name: `on ${first}` }).waitFor();
    expect(page.url()).toBe(`${dashboard.url}?port=${first}`);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: `on ${first}` }).waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.getByText("1 port selected").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await isFine(page);
  });
});

test.concurrent("checkouts of one project are told apart by their branch", async () => {
  await using dashboard = await Dashboard.start();
  const { world } = dashboard;
  const ports: number[] = [];
  for (const branch of ["main", "fix/login"]) {
    const root = world.path(branch.replace("/", "-"));
    mkdirSync(`${root}/.git`, { recursive: true });
    await Bun.write(`${root}/.git/HEAD`, `ref: refs/heads/${branch}\n`);
    const args = ["acquire", "--service", "web", "--project", "shop"];
    ports.push(Number((await world.run(args, { cwd: root })).out));
  }
  await using page = await visit(browser, dashboard, {}, "?q=fix");
  const [main = 0, fix = 0] = ports;
  await row(page, fix).waitFor();
  expect(await row(page, fix).innerText()).toMatch(/web\s*fix\/login[^]*fix-login/);
  expect(await row(page, main).count()).toBe(0);
});
