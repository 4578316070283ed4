// What Linux offers beyond POSIX and Swift's Glibc module leaves out.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

struct pollfd;

// Declared here because the headers show them to those only who ask for GNU extensions before anything else.
extern int pipe2(int descriptors[2], int flags);
extern int ppoll(struct pollfd *descriptors, unsigned long count, const struct timespec *limit, const sigset_t *mask);
