/*
 * Runs a program and prints its peak memory in bytes. The kernel's count for a child starts with that of
 * its parent, so the parent must be small.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 2) return 2;
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execv(words[1], words + 1);
    _exit(127);
  }
  int status;
  struct rusage used;
  if (wait4(child, &status, 0, &used) != child || status != 0) return 1;
  printf("%ld\n", used.ru_maxrss * 1024);
  return 0;
}
