/* What floor.c needs of Linux: files, processes, the lock and ports. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4500, MOST_SEEN = 256 };

/* A process that has exited has no start time. */
struct process { int pid, group; char name[64], start[32]; };

static struct process seen[MOST_SEEN];
static int seen_count;

static void fail(const char *what) {
  fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void check(long result, const char *what) {
  if (result < 0) fail(what);
}

static ssize_t read_file(const char *path, char *into, size_t room) {
  int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t size = 0, count;
  do {
    check(count = read(file, into + size, room - 1 - size), path);
    size += count;
  } while (count >= 1024);
  close(file);
  into[size] = 0;
  return size;
}

static void create_file(const char *path, const char *text, int sync) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  check(file, path);
  ssize_t size = strlen(text);
  if (write(file, text, size) != size) fail(path);
  if (sync) check(fsync(file), path);
  close(file);
}

static void replace_file(const char *path, const char *text) {
  char temporary[PATH_ROOM + 8];
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  create_file(temporary, text, 1);
  check(rename(temporary, path), path);
}

/* Reads each process only once. */
static struct process *process_of(int pid) {
  for (int i = 0; i < seen_count; i++)
    if (seen[i].pid == pid) return &seen[i];
  if (seen_count == MOST_SEEN) fail("too many owners");
  struct process *found = &seen[seen_count++];
  char path[64], stat[4096], state;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  found->pid = pid;
  found->start[0] = 0;
  if (read_file(path, stat, sizeof stat) < 0) {
    if (kill(pid, 0) == 0 || errno == EPERM) fail("an owner is hidden");
    return found;
  }
  char *shut = strrchr(stat, ')');
  *shut = 0;
  snprintf(found->name, sizeof found->name, "%.63s", strchr(stat, '(') + 1);
  const char *fields = "%c %*d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %31s";
  if (sscanf(shut + 2, fields, &state, &found->group, found->start) != 3) fail(path);
  if (state == 'Z' || state == 'X') found->start[0] = 0;
  return found;
}

static void read_line(const char *path, char *into, size_t room) {
  check(read_file(path, into, room), path);
  into[strcspn(into, "\n")] = 0;
}

/* The inode of a namespace, which is in brackets. */
static void read_namespace(const char *path, char *into, size_t room) {
  char link[64] = "";
  check(readlink(path, link, sizeof link - 1), path);
  const char *number = strchr(link, '[') + 1;
  snprintf(into, room, "%.*s", (int)strcspn(number, "]"), number);
}

static int take_lock(const char *path) {
  for (;;) {
    int lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    check(lock, path);
    struct stat held, named;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
      check(fstat(lock, &held), path);
      if (stat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev)
        return lock;
    } else if (errno != EWOULDBLOCK) fail(path);
    close(lock);
    usleep(500);
  }
}

static void let_go(int lock) {
  flock(lock, LOCK_UN);
  close(lock);
}

static int can_bind(int family, int port, int loopback) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (loopback) four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (loopback) six.sin6_addr = in6addr_loopback;
  int is_six = family == AF_INET6, on = 1;
  int file = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0) return is_six && errno == EAFNOSUPPORT;
  setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (is_six) setsockopt(file, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  struct sockaddr *name = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
  int bound = bind(file, name, is_six ? sizeof six : sizeof four) == 0;
  if (!bound) bound = is_six && errno == EADDRNOTAVAIL;
  close(file);
  return bound;
}
