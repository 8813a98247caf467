import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import manifest from "../../package.json";
import { TARGETS } from "../../scripts/targets.ts";
import { ROOT, World } from "../harness.ts";

interface Step {
  name?: string;
  run?: string;
}

interface Job {
  needs?: string | string[];
  steps: Step[];
}

const workflow = Bun.YAML.parse(await Bun.file(`${ROOT}/.github/workflows/release.yml`).text()) as {
  jobs: Record<string, Job>;
};

const commands = Object.values(workflow.jobs).flatMap(({ steps }) =>
  steps.flatMap(({ run }) => run ?? []),
);

/** Runs the shell commands of a step as a runner does, on copies of the files that they need. */
async function runStep(job: string, name: string, world: World, env: Record<string, string>) {
  const run = workflow.jobs[job]?.steps.find((step) => step.name?.startsWith(name))?.run ?? "false";
  return await world.exec(["bash", "-e", "-o", "pipefail", "-c", run], { env });
}

test("nothing is published before everything is checked, built and signed", () => {
  const { check, build, sign, publish } = workflow.jobs;
  expect([check?.needs, build?.needs, sign?.needs, publish?.needs]).toEqual([
    undefined,
    "check",
    "build",
    ["build", "sign"],
  ]);
});

test("every program for macOS is signed, run and packed again", () => {
  const macs = Object.keys(TARGETS).filter((target) => target.startsWith("darwin"));
  const signing = (workflow.jobs["sign"]?.steps ?? []).flatMap(({ run }) => run ?? []);
  const named = signing.filter((run) => run.includes(macs.join(" ")));
  expect(named.map((run) => /codesign|--version|archive\.ts/.exec(run)?.[0])).toEqual([
    "codesign",
    "--version",
    "archive.ts",
  ]);
});

test("the platforms' packages are published before portclaim, all with their provenance", async () => {
  await using world = new World();
  const folder = `${world.cwd}/dist/release`;
  const packed = ["linux-x64", "linux-arm64-musl", "darwin-arm64"].map((name) => `-${name}`);
  for (const name of ["", ...packed]) await Bun.write(`${folder}/portclaim${name}-1.2.3.tgz`, "");
  await Bun.write(`${folder}/portclaim-linux-x64.tar.gz`, "");
  for (const name of ["npm", "gh"]) world.write(`tools/${name}`, '#!/bin/sh\necho "${0##*/} $*"\n');
  const { out } = await runStep("publish", "publish the npm packages", world, {
    GITHUB_REF_NAME: "v1.2.3",
  });
  const published = out.split("\n").filter((line) => line.startsWith("npm publish"));
  expect(published).toEqual(
    ["linux-arm64-musl-1.2.3", "linux-x64-1.2.3", "darwin-arm64-1.2.3", "1.2.3"].map(
      (name) => `npm publish ./portclaim-${name}.tgz --provenance --access public`,
    ),
  );
});

test("the scripts that steps run exist", () => {
  const text = commands.join("\n");
  const files = text.match(/scripts\/\S+\.ts/g) ?? [];
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !existsSync(`${ROOT}/${file}`))).toEqual([]);
  const scripts = [...text.matchAll(/\$BUN run (\S+)/g)].map(([, name = ""]) => name);
  expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
});

test("the steps pass shellcheck", async () => {
  await using world = new World();
  for (const run of commands) {
    const check = ["shellcheck", "--shell=bash", "--exclude=SC2086", "-"];
    // A runner stops at the first failing command.
    const input = `set -e\n${run}\n`;
    expect(await world.exec(check, { input })).toEqual({ code: 0, out: "", err: "" });
  }
});

test("a tag that is not the version, or is missing from the changelog, stops the release", async () => {
  await using world = new World();
  const check = async (tag: string, changelog: string) => {
    await Bun.write(`${world.cwd}/package.json`, '{ "version": "1.2.3" }');
    await Bun.write(`${world.cwd}/CHANGELOG.md`, changelog);
    return (await runStep("build", "check the tag", world, { GITHUB_REF_NAME: tag })).code;
  };
  expect(await check("v1.2.3", "## 1.2.3\n\nNews.\n")).toBe(0);
  expect(await check("v1.2.4", "## 1.2.4\n\nNews.\n")).not.toBe(0);
  expect(await check("v1.2.3", "## Unreleased\n\nNews.\n")).not.toBe(0);
});

test("the published installer downloads from its own repository, and the notes are the version's", async () => {
  await using world = new World();
  const news = "# Changelog\n\n## Unreleased\n\nLater.\n\n## 1.2.3\n\nNews.\n\n## 1.2.2\n\nOld.\n";
  await Bun.write(`${world.cwd}/CHANGELOG.md`, news);
  await Bun.write(`${world.cwd}/install.sh`, Bun.file(`${ROOT}/install.sh`));
  await Bun.write(`${world.cwd}/dist/release/x`, "");
  const env = { GITHUB_REF_NAME: "v1.2.3", GITHUB_REPOSITORY: "some/fork" };
  expect((await runStep("publish", "write the installer", world, env)).code).toBe(0);
  const published = Bun.file(`${world.cwd}/dist/release/install.sh`);
  expect(await published.text()).toContain("\nREPOSITORY=some/fork\n");
  expect((await Bun.file(`${world.cwd}/dist/release/notes.md`).text()).trim()).toBe("News.");
});
