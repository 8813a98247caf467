import { beforeAll, expect, test } from "bun:test";
import { until } from "../../harness.ts";
import { buildBinary, statOf } from "../../shell-sandbox.ts";
import { Stage } from "../../stage.ts";

beforeAll(buildBinary);

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

test("row 10: a process lives as long as any of its threads, though its first is a zombie", async () => {
  await using stage = new Stage();
  const source = stage.write("threads.c", PROGRAM);
  const program = stage.path("threads");
  expect(await stage.exec(["gcc", "-pthread", "-o", program, source])).toMatchObject({ code: 0 });
  const child = stage.spawn(["portclaim", "run", "--service", "web", "--", program]);
  const claim = await until("there is a claim", async () => (await stage.list())[0]);
  await until("its first thread has ended", () => statOf(child.pid)[0] === "Z");
  const prefer = ["--service", "mine", "--project", "mine", "--prefer", `${claim.port}`];
  expect(await stage.acquire(...prefer)).not.toBe(claim.port);
  expect(await stage.state(claim.port)).toBe("starting");

  child.kill("SIGKILL");
  await child.exited;
  expect(await stage.state(claim.port)).toBe("dead");
});
