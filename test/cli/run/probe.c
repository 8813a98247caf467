/* Prints what a program finds at its start: limits, signals, descriptors, terminal, mask. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void limits(void) {
  for (int i = 0; i < RLIM_NLIMITS; i++) {
    struct rlimit limit;
    getrlimit(i, &limit);
    printf("limit %d: %lld %lld\n", i, (long long)limit.rlim_cur, (long long)limit.rlim_max);
  }
}

static void signals(void) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  for (int i = 1; i < NSIG; i++) {
    struct sigaction action;
    if (sigaction(i, NULL, &action) == 0 && action.sa_handler != SIG_DFL) printf("ignored %d\n", i);
    if (sigismember(&mask, i) == 1) printf("blocked %d\n", i);
  }
}

static void descriptors(void) {
  for (int i = 0; i < 1024; i++) {
    struct stat stat;
    if (fstat(i, &stat) < 0) continue;
    int bits = fcntl(i, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND);
    printf("descriptor %d: %o %o %s\n", i, stat.st_mode & S_IFMT, bits, isatty(i) ? "tty" : "");
  }
}

static void terminal(void) {
  struct termios mode;
  if (tcgetattr(0, &mode) < 0) return;
  printf("terminal: %o %o %o %o\n", mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag);
  printf("in the foreground: %d\n", tcgetpgrp(0) == getpgrp());
}

int main(void) {
  limits();
  signals();
  descriptors();
  terminal();
  mode_t mask = umask(0);
  printf("umask %o, nice %d, leads %d %d\n", mask, getpriority(PRIO_PROCESS, 0),
         getpgrp() == getpid(), getsid(0) == getpid());
  return 0;
}
