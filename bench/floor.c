/*
 * The least that an acquire has to do, in C: a lower bound of its time.
 * `floor acquire HOME SERVICE` claims a port for the caller and prints it.
 * `floor serve HOME` does so for the service on each line of stdin, and prints the nanoseconds it took.
 */
#include "system.h"
#include <dirent.h>
#include <time.h>

enum { FIRST = 3000, LAST = 9999, DASHBOARD = 8484, MOST_REMEMBERED = 1000 };

static const char *home, *project;
static char cwd[4096], place[512], text[1 << 20], remembered[1 << 20], claimed[1 << 16];

static const char *in_home(const char *format, ...) {
  static char path[PATH_ROOM];
  int size = snprintf(path, sizeof path, "%s/", home);
  va_list values;
  va_start(values, format);
  vsnprintf(path + size, sizeof path - size, format, values);
  va_end(values);
  return path;
}

/* Host, boot and namespaces, as in a claim: two pids can be compared only if all are equal. */
static void read_place(void) {
  char host[128], boot[128], pidns[32], netns[32];
  read_line("/etc/machine-id", host, sizeof host);
  read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  read_namespace("/proc/self/ns/pid", pidns, sizeof pidns);
  read_namespace("/proc/self/ns/net", netns, sizeof netns);
  const char *format =
      "    \"host\": \"%s\",\n    \"boot\": \"%s\",\n    \"pidns\": \"%s\",\n    \"netns\": \"%s\",\n";
  snprintf(place, sizeof place, format, host, boot, pidns, netns);
}

static void read_claim(const char *name) {
  char start[64];
  const char *path = in_home("claims/%s", name);
  check(read_file(path, text, sizeof text), path);
  const char *pid = strstr(text, "\"pid\": ");
  if (pid == NULL) fail("a claim has no pid");
  snprintf(start, sizeof start, "\"start\": \"%s\"", process_of(atoi(pid + 7))->start);
  if (!strstr(text, start) || !strstr(text, place)) fail("the owner of a claim is dead");
  claimed[atoi(name) & 0xffff] = 1;
}

static void read_claims(void) {
  DIR *folder = opendir(in_home("claims"));
  if (folder == NULL) fail("cannot read the claims");
  memset(claimed, 0, sizeof claimed);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (entry->d_name[0] != '.') read_claim(entry->d_name);
  closedir(folder);
}

static int is_free(int port) {
  return port != DASHBOARD && !claimed[port] && can_bind(AF_INET, port, 0) &&
         can_bind(AF_INET6, port, 0) && can_bind(AF_INET, port, 1) && can_bind(AF_INET6, port, 1);
}

static int choose(int last) {
  if (last && is_free(last)) return last;
  for (int port = FIRST; port <= LAST; port++)
    if (is_free(port)) return port;
  fail("no free port");
  return 0;
}

static void write_claim(int port, const char *service) {
  struct process *owner = process_of(getppid());
  struct timespec wall, awake, boot;
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_MONOTONIC, &awake);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  char when[32];
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", gmtime(&wall.tv_sec));
  snprintf(text, sizeof text,
           "{\n  \"port\": %d,\n  \"pid\": %d,\n  \"agent\": null,\n  \"project\": \"%s\",\n"
           "  \"service\": \"%s\",\n  \"claimed_at\": \"%s.%06ldZ\",\n  \"lease\": \"ephemeral\",\n"
           "  \"cwd\": \"%s\",\n  \"owner\": {\n    \"command\": \"%s\",\n    \"start\": \"%s\",\n%s"
           "    \"group\": %d,\n    \"at\": \"%ld.%06ld\",\n    \"asked\": %ld\n  }\n}\n",
           port, owner->pid, project, service, when, wall.tv_nsec / 1000, cwd, owner->name,
           owner->start, place, owner->group, (long)awake.tv_sec, awake.tv_nsec / 1000,
           (long)boot.tv_sec * 100 + boot.tv_nsec / 10000000);
  replace_file(in_home("claims/%d.json", port), text);
}

static void key_of(const char *service, char *into, size_t room) {
  snprintf(into, room, " \"[\\\"%s\\\",\\\"%s\\\",\\\"%s\\\"]\": ", project, service, cwd);
}

/* The last port of the service; 0 if there is none. */
static int recall(const char *key) {
  if (read_file(in_home("last-ports.json"), remembered, sizeof remembered) < 0) remembered[0] = 0;
  const char *found = strstr(remembered, key);
  return found ? atoi(found + strlen(key)) : 0;
}

/* Moves the service's line to the end, and drops the oldest lines of too many. */
static void remember(const char *key, int port) {
  int lines = 0;
  const char *had = strstr(remembered, key);
  if (had && atoi(had + strlen(key)) == port) return;
  for (const char *at = remembered; (at = strchr(at, '\n')); at++) lines++;
  int extra = lines - 1 - (MOST_REMEMBERED - 1) - (had != NULL);
  char *end = text + sprintf(text, "{\n");
  for (char *line = strtok(remembered, "\n"); line; line = strtok(NULL, "\n")) {
    if (line[0] != ' ' || strncmp(line, key, strlen(key)) == 0 || extra-- > 0) continue;
    size_t size = strlen(line);
    if (line[size - 1] == ',') size--;
    end += sprintf(end, "%.*s,\n", (int)size, line);
  }
  sprintf(end, "%s%d\n}", key, port);
  const char *path = in_home("last-ports.json");
  unlink(path);
  create_file(path, text, 0);
}

static int acquire(const char *service) {
  char key[PATH_ROOM];
  key_of(service, key, sizeof key);
  seen_count = 0;
  int lock = take_lock(in_home(".lock"));
  read_place();
  read_claims();
  int port = choose(recall(key));
  write_claim(port, service);
  remember(key, port);
  let_go(lock);
  return port;
}

static void release(int port) {
  int lock = take_lock(in_home(".lock"));
  check(unlink(in_home("claims/%d.json", port)), "cannot remove a claim");
  let_go(lock);
}

/* Claims a port for the service on each line of stdin, and prints the nanoseconds it took. */
static void serve(void) {
  char service[128];
  while (fgets(service, sizeof service, stdin)) {
    struct timespec before, after;
    service[strcspn(service, "\n")] = 0;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int port = acquire(service);
    clock_gettime(CLOCK_MONOTONIC, &after);
    release(port);
    printf("%ld\n", (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec);
    fflush(stdout);
  }
}

int main(int count, char **words) {
  if (count < 3 || !getcwd(cwd, sizeof cwd)) return 2;
  home = words[2];
  project = strrchr(cwd, '/') + 1;
  if (strcmp(words[1], "serve") == 0) serve();
  else if (count == 4) printf("%d\n", acquire(words[3]));
  else return 2;
  return 0;
}
