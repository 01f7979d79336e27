/* SPDX-License-Identifier: Apache-2.0 */
/* serial.h: a serial port, and bytes as a person writes them. Nothing here knows of plugins. */
#ifndef SERIAL_H
#define SERIAL_H

#include <stddef.h>
#include <stdint.h>

/* Opens a port, raw, 8 data bits. -1 on failure, and `reason` says why. */
int serial_open(const char *path, const char *baud, const char *parity, char *reason, size_t capacity);

/* Writes all; 0, or errno. Gives up where the port takes nothing for `patience_ms`. */
int serial_write(int port, const unsigned char *data, size_t length, int patience_ms);

/* Calls `take` with each serial port that the system has. */
void serial_each(void (*take)(void *userdata, const char *path), void *userdata);

/*
 * Reads "01 ff" (`base` 16) or "00000001 11111111" (`base` 2): blanks may stand between bytes. `bytes` has room for
 * strlen(text) bytes. Returns how many; -1 where something else stands there, or a byte is not whole.
 */
long digits_to_bytes(const char *text, size_t length, unsigned base, unsigned char *bytes);

/* The other way round; `text` has room for 9 characters a byte, and 1. */
void bytes_to_digits(const unsigned char *bytes, size_t length, unsigned base, char *text);

/* How many bytes at the start are whole UTF-8; `*wrong` where the rest is none, rather than cut off. */
size_t utf8_whole(const unsigned char *bytes, size_t length, int *wrong);

#endif
