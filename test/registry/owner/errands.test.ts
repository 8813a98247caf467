import { describe, expect, test } from "bun:test";
import { isSkipped } from "./step.ts";

describe("a launcher of portclaim is not its owner", () => {
  test.each([
    [["npx", "portclaim", "acquire", "--service", "web"]],
    [["npm exec portclaim acquire --service web"]],
    [["npm run portclaim acquire --service web"]],
    [["npx portclaim@1.2.3 acquire --service web"]],
    [["node", "/usr/lib/node_modules/npm/bin/npx-cli.js", "portclaim", "acquire"]],
    [["bunx", "portclaim@1.2", "acquire", "--service", "web"]],
    [["bun", "x", "--bun", "portclaim", "acquire"]],
    [["bun", "run", "portclaim", "acquire"]],
    [["pnpm", "dlx", "portclaim@latest", "acquire"]],
    [["yarn", "portclaim", "acquire"]],
    [["node", "/app/node_modules/.bin/portclaim", "acquire"]],
    [["sh", "./node_modules/.bin/portclaim", "acquire", "--service", "web"]],
    [["/usr/bin/tclsh", "/usr/bin/unbuffer", "portclaim", "acquire"]],
    [["busybox", "timeout", "9", "portclaim", "acquire"]],
  ])("%j", (argv) => {
    expect(isSkipped(argv)).toBe(true);
  });
});

describe("a program that only has the word among its arguments is no launcher", () => {
  test.each([
    [["node", "agent.js", "/src/portclaim"]],
    [["node", "/src/portclaim/agent.js", "acquire"]],
    [["node", "agent.js", "--skill=portclaim", "acquire"]],
    [["claude", "portclaim"]],
    [["claude", "please run portclaim acquire for me"]],
    [["claude", "--add-dir", "/src/portclaim", "--resume"]],
    [["claude"]],
    [["vim", "portclaim"]],
    [["npm run dev"]],
    [["npm run portclaimed acquire"]],
    [["bun", "run", "dev", "acquire"]],
    [["bash", "/src/portclaim/dev.sh", "acquire"]],
    [["make", "acquire", "portclaim"]],
  ])("%j", (argv) => {
    expect(isSkipped(argv, { below: ["sh", "-c", "PORT=$(portclaim acquire) next dev"] })).toBe(
      false,
    );
  });

  test("nor is one that was given another command of portclaim", () => {
    expect(isSkipped(["npx", "portclaim", "list"])).toBe(false);
  });
});

describe("a runner of a script that is nothing but a call of portclaim is skipped", () => {
  const call = ["sh", "-c", "portclaim acquire --service web"];
  test.each([
    [["npm run port"], call],
    [["npm run -s port"], undefined],
    [["node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "run", "port"], call],
    [["pnpm", "run", "port"], call],
    [["node", "/opt/yarn/bin/yarn.js", "port"], call],
    [["node", "/opt/pnpm/bin/pnpm.cjs", "run", "port"], call],
    [["bun", "run", "port"], undefined],
    [["bun", "port"], call],
    [["npm run port"], ["sh", "-c", "node_modules/.bin/portclaim acquire --service web"]],
  ])("%j", (argv, below) => {
    expect(isSkipped(argv, below ? { below } : {})).toBe(true);
  });

  test.each([
    [["npm run dev"], ["sh", "-c", "PORT=$(portclaim acquire --service web) next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web > port && next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web; next dev"]],
    [["npm run dev"], ["sh", "-c", "portclaim acquire --service web | xargs next dev -p"]],
    [["npm run dev"], ["node", "dev.js"]],
    [["bun", "dev.ts"], undefined],
    [["bun", "dev.ts"], call],
    [["bun", "--smol", "/srv/dev.js", "port"], call],
    [["bun", "run", "./dev.ts"], undefined],
    [["node", "dev.js"], call],
    [["node", "npm.ts", "run", "port"], call],
    [["bun", "run"], undefined],
    [["make", "port"], call],
  ])("but not %j with %j", (argv, below) => {
    expect(isSkipped(argv, below ? { below } : {})).toBe(false);
  });
});

test("what runs another program and ends with it is skipped", () => {
  const wrappers =
    "env timeout nice nohup sudo su doas runuser xargs time script flock direnv strace";
  for (const program of wrappers.split(" ")) {
    expect([program, isSkipped([program, "some", "program"])]).toEqual([program, true]);
    expect([program, isSkipped([`/usr/bin/${program}`, "x"])]).toEqual([program, true]);
  }
  for (const program of ["node", "make", "python3", "npm", "nodemon", "ssh", "docker", "watch"]) {
    const skipped = isSkipped([program, "some", "program"], { below: ["sh", "-c", "next dev"] });
    expect([program, skipped]).toEqual([program, false]);
  }
});
