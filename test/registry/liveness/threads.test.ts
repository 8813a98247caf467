import { expect } from "bun:test";
import { until } from "../../harness.ts";
import { needs } from "../../needs.ts";
import { isExiting, statOf } from "../../processes.ts";
import { ShellSandbox } from "../../shell-sandbox.ts";

/** Its first thread ends at once, and is shown as a zombie; the other one lives on. */
const PROGRAM = `
#include <pthread.h>
#include <unistd.h>
static void *live(void *nothing) { for (;;) pause(); }
int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, live, 0);
  pthread_exit(0);
}
`;

needs("Linux", "gcc").test(
  "row 10: a process lives as long as any of its threads, though its first is a zombie",
  async () => {
    await using sandbox = new ShellSandbox();
    sandbox.write("my-app/threads.c", PROGRAM);
    const compile = "gcc -pthread -o threads threads.c".split(" ");
    expect(await sandbox.exec(compile)).toMatchObject({ code: 0 });
    const run = "portclaim run --service web -- ./threads".split(" ");
    const child = sandbox.spawn(run);
    const claim = await until("there is a claim", async () => (await sandbox.list())[0]);
    await until("its first thread has ended", () => statOf(child.pid)[0] === "Z");
    expect(isExiting(child.pid)).toBe(true);
    const prefer = ["--service", "mine", "--project", "mine", "--prefer", `${claim.port}`];
    expect(await sandbox.acquire(...prefer)).not.toBe(claim.port);
    expect(await sandbox.state(claim.port)).toBe("starting");

    child.kill("SIGKILL");
    await child.exited;
    expect(isExiting(child.pid)).toBe(false);
    expect(await sandbox.state(claim.port)).toBe("dead");
  },
);
