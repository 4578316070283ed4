#ifndef XCPCONSOLE_CRASH_H
#define XCPCONSOLE_CRASH_H

// Gives the terminal back when the program crashes. The handler calls only what signal-safety(7) allows: write,
// tcsetattr, sigaction, raise. All it needs is made ready beforehand.
//
// The storage is static in a header: every object file that uses these functions has its own. Call them from one file.

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define XC_CRASH_SIGNALS 6
static const int xc_crash_signals[XC_CRASH_SIGNALS] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};

struct xc_crash_state {
  atomic_bool armed;
  int descriptor;
  bool has_modes;
  struct termios modes;
  size_t length;
  char reset[512];
  struct sigaction before[XC_CRASH_SIGNALS];
  // A stack overflow leaves the handler no stack to run on but this.
  char stack[32768];
};

// Swift emits the static storage of functions it calls, but not of files.
static inline struct xc_crash_state *xc_crash(void) {
  static struct xc_crash_state state;
  return &state;
}

static void xc_crash_handler(int number) {
  if (atomic_exchange(&xc_crash()->armed, false)) {
    size_t sent = 0;
    while (sent < xc_crash()->length) {
      ssize_t count = write(xc_crash()->descriptor, xc_crash()->reset + sent, xc_crash()->length - sent);
      if (count <= 0) break;
      sent += (size_t)count;
    }
    if (xc_crash()->has_modes) tcsetattr(xc_crash()->descriptor, TCSANOW, &xc_crash()->modes);
  }
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, NULL);
  raise(number);
}

/// From now on a crash writes `reset` to the descriptor and gives it back its modes of this moment.
static inline void xc_crash_arm(int descriptor, const char *reset, size_t length) {
  xc_crash()->descriptor = descriptor;
  xc_crash()->has_modes = tcgetattr(descriptor, &xc_crash()->modes) == 0;
  xc_crash()->length = length < sizeof xc_crash()->reset ? length : 0;
  memcpy(xc_crash()->reset, reset, xc_crash()->length);

  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = xc_crash()->stack;
  stack.ss_size = sizeof xc_crash()->stack;
  sigaltstack(&stack, NULL);

  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = xc_crash_handler;
  // NODEFER: the signal raised at the end must arrive while the handler still runs.
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  atomic_store(&xc_crash()->armed, true);
  for (int index = 0; index < XC_CRASH_SIGNALS; index++) {
    sigaction(xc_crash_signals[index], &action, &xc_crash()->before[index]);
  }
}

/// The terminal is as it was: a crash no longer concerns it.
static inline void xc_crash_disarm(void) {
  if (!atomic_exchange(&xc_crash()->armed, false)) return;
  for (int index = 0; index < XC_CRASH_SIGNALS; index++) {
    sigaction(xc_crash_signals[index], &xc_crash()->before[index], NULL);
  }
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, NULL);
}

/// While the terminal is the shell's (suspended), a crash leaves it alone.
static inline void xc_crash_pause(bool pause) { atomic_store(&xc_crash()->armed, !pause); }

#endif
