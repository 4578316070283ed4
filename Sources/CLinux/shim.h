// What Linux offers beyond POSIX and Swift's Glibc module leaves out.
#pragma once

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

struct pollfd;

// Declared here because the headers show them to those only who ask for GNU extensions before anything else.
extern int pipe2(int descriptors[2], int flags);
extern int ppoll(struct pollfd *descriptors, unsigned long count, const struct timespec *limit, const sigset_t *mask);

// packet(7): takes one frame with what the kernel says beside it. `from` tells whether it came in or goes out. `tag` is
// the 802.1Q tag that the kernel has taken off, -1 for none.
static inline ssize_t take_frame(
    int descriptor, void *buffer, size_t size, struct sockaddr_ll *from, int *tag) {
  struct iovec part = {.iov_base = buffer, .iov_len = size};
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
  } control;
  struct msghdr message = {
      .msg_name = from, .msg_namelen = sizeof *from, .msg_iov = &part, .msg_iovlen = 1,
      .msg_control = &control, .msg_controllen = sizeof control};
  *tag = -1;
  ssize_t count = recvmsg(descriptor, &message, 0);
  if (count < 0) return count;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA) continue;
    struct tpacket_auxdata told;
    memcpy(&told, CMSG_DATA(header), sizeof told);
    if (told.tp_status & TP_STATUS_VLAN_VALID) *tag = told.tp_vlan_tci & 0xfff;
  }
  return count;
}
