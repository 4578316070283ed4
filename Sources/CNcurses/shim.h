#ifndef XCPCONSOLE_CNCURSES_H
#define XCPCONSOLE_CNCURSES_H

// What ncursesw's pkg-config file would define.
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#define NCURSES_WIDECHAR 1
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <wchar.h>

#include "crash.h"

// Swift sees neither C globals (in strict concurrency), nor macros with casts, nor variadic functions.

static inline WINDOW *xc_standard_screen(void) { return stdscr; }
static inline WINDOW *xc_physical_screen(void) { return curscr; }
static inline TERMINAL *xc_current_terminal(void) { return cur_term; }

/// Whether ncurses answered ERR to something asked for a single character.
static inline bool xc_is_error(int value) { return value == ERR; }

// tigetstr(3) answers (char *)-1 for what is no string capability.
static inline const char *xc_string_capability(const char *name) {
  char *value = tigetstr((char *)name);
  return value == (char *)-1 ? NULL : value;
}

/// tparm(3) with two numbers.
static inline const char *xc_with_parameters(const char *capability, int first, int second) {
  return tparm(capability, (long)first, (long)second, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
}

static const uint32_t xc_bold = (uint32_t)A_BOLD;
static const uint32_t xc_dim = (uint32_t)A_DIM;
static const uint32_t xc_reverse = (uint32_t)A_REVERSE;
static const uint32_t xc_underline = (uint32_t)A_UNDERLINE;
static const uint32_t xc_alternate_characters = (uint32_t)A_ALTCHARSET;

/// Fills a cell with a character, up to two combining marks (0: none), attributes and a colour pair.
static inline void xc_set_cell(
    cchar_t *cell, uint32_t base, uint32_t first_mark, uint32_t second_mark, uint32_t attributes, int pair) {
  wchar_t text[4] = {(wchar_t)base, (wchar_t)first_mark, first_mark ? (wchar_t)second_mark : 0, 0};
  if (setcchar(cell, text, (attr_t)attributes, (short)pair, NULL) == ERR) {
    text[1] = 0;
    setcchar(cell, text, (attr_t)attributes, (short)pair, NULL);
  }
}

/// The size the terminal says it has; false when it does not say. (term.h has macros named columns and lines.)
static inline bool xc_window_size(int descriptor, int *width, int *height) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
  *width = size.ws_col;
  *height = size.ws_row;
  return true;
}

/// The columns the C library, and so ncurses, takes a character for; -1 for what it does not know.
static inline int xc_character_width(uint32_t character) { return wcwidth((wchar_t)character); }

/// Whether the characters of the locale are UTF-8.
static inline bool xc_locale_is_utf8(void) {
  const char *codeset = nl_langinfo(CODESET);
  return codeset != NULL && strcmp(codeset, "UTF-8") == 0;
}

static inline int xc_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int xc_signal_descriptor(const sigset_t *signals) {
  return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The next signal that arrived, 0 when there is none.
static inline int xc_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  ssize_t count = read(descriptor, &info, sizeof info);
  return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

static inline void xc_default_action(int number) { signal(number, SIG_DFL); }

#endif
