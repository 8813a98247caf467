import { expect, test } from "bun:test";
import { BINARY, World } from "../harness.ts";
import { needs } from "../needs.ts";
import { ownNetwork } from "../privileged.ts";

/**
 * Two machines joined by a cable: the dashboard's, 192.0.2.1, and another, 192.0.2.2. Each request writes its body and
 * its status to a file of its own.
 */
const SCRIPT = `
binary=$1; folder=$2
wait_for() { i=0; until "$@"; do i=$((i+1)); [ $i -lt 3000 ] || exit 9; sleep 0.01; done; }
unshare --net sh -c 'echo $$ > "$0/other"; exec sleep 60' "$folder" & other=$!
wait_for test -s "$folder/other"
there() { nsenter --net=/proc/$(cat "$folder/other")/ns/net "$@"; }
ip link add here type veth peer name there netns $(cat "$folder/other")
ip addr add 192.0.2.1/24 dev here; ip link set here up
there ip addr add 192.0.2.2/24 dev there; there ip link set there up; there ip link set lo up
"$binary" acquire --service web --prefer 3000 --pid $$ > /dev/null
"$binary" http --port 8484 --bind 0.0.0.0 > "$folder/out" 2> "$folder/err" & server=$!
wait_for curl -sf http://127.0.0.1:8484/ -o /dev/null
ask() { name=$1; shift; "$@" -s -w '\\n%{http_code}' > "$folder/$name" || true; }
url=http://192.0.2.1:8484
ask look there curl $url/api/claims
ask page there curl $url/
there curl -sN $url/api/events > "$folder/events" &
wait_for grep -qs mayChange "$folder/events"
ask reap there curl -X POST $url/api/reap
ask release there curl -X POST -d force=true $url/api/claims/3000/release
ask stop there curl -X POST -H 'Sec-Fetch-Site: same-origin' -H "Origin: $url" -d pid=1 $url/api/claims/3000/stop
ask port there curl $url/api/ports/3000
ask question there curl $url/stop/3000
ask rebound there curl -H 'Host: evil.example' $url/api/claims
ask own curl $url/api/claims
ask about there curl $url/api/about
ask ownabout curl $url/api/about
ask ownreap curl -X POST $url/api/reap
"$binary" list --json > "$folder/after"
kill $server $(cat "$folder/other"); wait 2> /dev/null || true
`;

needs("network namespaces").describe("a dashboard for the local network", () => {
  test("shows another machine the claims without commands and directories, and lets it change nothing", async () => {
    await using world = new World();
    const folder = world.path("answers");
    await world.exec(["mkdir", folder]);
    const { code, err } = await world.exec(ownNetwork(SCRIPT, BINARY, folder));
    expect([code, err]).toEqual([0, ""]);
    const read = (name: string) => Bun.file(`${folder}/${name}`).text();
    const split = async (name: string) => {
      const lines = (await read(name)).split("\n");
      return { status: Number(lines.at(-1)), body: lines.slice(0, -1).join("\n") };
    };
    const look = await split("look");
    expect([look.status, JSON.parse(look.body)]).toMatchObject([
      200,
      [{ port: 3000, service: "web" }],
    ]);
    expect(look.body).not.toContain(world.cwd);
    expect(look.body).not.toMatch(/"(cwd|owner)"/);
    const page = await split("page");
    expect(page.status).toBe(200);
    expect(page.body).not.toContain("<form");
    expect(await read("events")).toContain('"mayChange":false');
    for (const name of ["reap", "release", "stop", "port", "question"]) {
      const { status, body } = await split(name);
      expect([name, status, JSON.parse(body).error.code]).toEqual([name, 403, "read-only"]);
    }
    expect((await split("rebound")).status).toBe(403);
    const own = await split("own");
    expect([own.status, JSON.parse(own.body)]).toMatchObject([200, [{ cwd: world.cwd }]]);
    expect((await split("ownreap")).status).toBe(200);
    expect(JSON.parse((await split("about")).body)).not.toHaveProperty("registry");
    expect(JSON.parse((await split("ownabout")).body)).toMatchObject({ registry: world.home });
    expect(JSON.parse(await read("after"))).toMatchObject([{ port: 3000 }]);
    const said = await read("err");
    expect(said).toContain("http://192.0.2.1:8484/");
    expect(await read("out")).toContain("http://127.0.0.1:8484/");
  });
});
