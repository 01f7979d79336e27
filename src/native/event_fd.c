/* SPDX-License-Identifier: Apache-2.0 */
#include "event_fd.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/eventfd.h>
#endif

void event_fd_open(EventFd *fd) {
#ifdef __linux__
    fd->read_end = fd->write_end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
    int ends[2];
    if (pipe(ends) != 0) return;
    for (int end = 0; end < 2; end++) {
        fcntl(ends[end], F_SETFD, FD_CLOEXEC);
        fcntl(ends[end], F_SETFL, O_NONBLOCK);
    }
    fd->read_end = ends[0];
    fd->write_end = ends[1];
#endif
}

void event_fd_close(EventFd *fd) {
    if (fd->read_end >= 0) close(fd->read_end);
    if (fd->write_end >= 0 && fd->write_end != fd->read_end) close(fd->write_end);
    *fd = EVENT_FD_CLOSED;
}

void event_fd_write(const EventFd *fd) {
    const uint64_t one = 1;
    if (write(fd->write_end, &one, sizeof one) < 0) return;
}

void event_fd_read(const EventFd *fd) {
    uint64_t value;
    while (read(fd->read_end, &value, sizeof value) > 0) {
    }
}
