/* SPDX-License-Identifier: Apache-2.0 */
/* event_fd.h: a file descriptor that is readable from a signal until it is cleared. */
#ifndef PLUGIN_NATIVE_EVENT_FD_H
#define PLUGIN_NATIVE_EVENT_FD_H

/* The ends are one descriptor where the system has such a thing. */
typedef struct EventFd {
    int read_end; /* -1: not open */
    int write_end;
} EventFd;

static const EventFd EVENT_FD_CLOSED = {-1, -1};

/* Leaves it closed where no descriptor is left. */
void event_fd_open(EventFd *fd);
void event_fd_close(EventFd *fd);

static inline int event_fd_is_open(const EventFd *fd) { return fd->read_end >= 0; }

/* Neither can fail in a way that matters: one that is full is readable, one that is empty is not. */
void event_fd_write(const EventFd *fd);
void event_fd_read(const EventFd *fd);

/* The same where it may be closed. */
static inline void event_fd_signal(const EventFd *fd) {
    if (event_fd_is_open(fd)) event_fd_write(fd);
}

static inline void event_fd_clear(const EventFd *fd) {
    if (event_fd_is_open(fd)) event_fd_read(fd);
}

#endif
