/* SPDX-License-Identifier: Apache-2.0 */
#include "serial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const struct {
    const char *name;
    speed_t speed;
} speeds[] = {{"1200", B1200},   {"2400", B2400},   {"4800", B4800},     {"9600", B9600},    {"19200", B19200},
              {"38400", B38400}, {"57600", B57600}, {"115200", B115200}, {"230400", B230400}};

static int set_up(int port, const char *baud, const char *parity) {
    struct termios settings;
    speed_t speed = 0;
    for (size_t index = 0; index < sizeof speeds / sizeof *speeds; index++)
        if (strcmp(baud, speeds[index].name) == 0) speed = speeds[index].speed;
    if (speed == 0) {
        errno = EINVAL;
        return -1;
    }
    if (tcgetattr(port, &settings) != 0) return -1;
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | PARODD);
    if (strcmp(parity, "none") != 0) settings.c_cflag |= PARENB;
    if (strcmp(parity, "odd") == 0) settings.c_cflag |= PARODD;
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    if (cfsetispeed(&settings, speed) != 0 || cfsetospeed(&settings, speed) != 0) return -1;
    return tcsetattr(port, TCSANOW, &settings);
}

int serial_open(const char *path, const char *baud, const char *parity, char *reason, size_t capacity) {
    /* O_NOCTTY: the port must not become the terminal of the host's process. */
    const int port = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (port < 0) {
        snprintf(reason, capacity, "%s cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (!isatty(port)) {
        snprintf(reason, capacity, "%s is no serial port", path);
    } else if (set_up(port, baud, parity) != 0) {
        snprintf(reason, capacity, "%s cannot be set to %s baud: %s", path, baud, strerror(errno));
    } else {
        return port;
    }
    close(port);
    return -1;
}

int serial_write(int port, const unsigned char *data, size_t length, int patience_ms) {
    while (length > 0) {
        struct pollfd wait = {port, POLLOUT, 0};
        const ssize_t written = write(port, data, length);
        if (written > 0) {
            data += written;
            length -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            const int ready = poll(&wait, 1, patience_ms);
            if (ready == 0) return ETIMEDOUT;
            if (ready < 0 && errno != EINTR) return errno;
        } else if (written < 0 && errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

void serial_each(void (*take)(void *userdata, const char *path), void *userdata) {
    static const char *const prefixes[] = {"ttyUSB", "ttyACM", "ttyAMA", "ttyS", "rfcomm", "cu."};
    char path[sizeof "/dev/" + 256];
    DIR *folder = opendir("/dev");
    if (!folder) return;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        for (size_t index = 0; index < sizeof prefixes / sizeof *prefixes; index++)
            if (strncmp(entry->d_name, prefixes[index], strlen(prefixes[index])) == 0) {
                snprintf(path, sizeof path, "/dev/%s", entry->d_name);
                take(userdata, path);
            }
    closedir(folder);
}

static int digit_of(char character, unsigned base) {
    int digit = -1;
    if (character >= '0' && character <= '9') digit = character - '0';
    if (character >= 'a' && character <= 'f') digit = character - 'a' + 10;
    if (character >= 'A' && character <= 'F') digit = character - 'A' + 10;
    return digit >= 0 && (unsigned)digit < base ? digit : -1;
}

long digits_to_bytes(const char *text, size_t length, unsigned base, unsigned char *bytes) {
    const unsigned width = base == 16 ? 2 : 8;
    unsigned value = 0;
    unsigned digits = 0;
    long count = 0;
    for (size_t at = 0; at < length; at++) {
        if (strchr(" \t\r\n", text[at]) && text[at] != '\0') {
            if (digits > 0) return -1;
            continue;
        }
        const int digit = digit_of(text[at], base);
        if (digit < 0) return -1;
        value = value * base + (unsigned)digit;
        if (++digits == width) {
            bytes[count++] = (unsigned char)value;
            value = digits = 0;
        }
    }
    return digits == 0 ? count : -1;
}

void bytes_to_digits(const unsigned char *bytes, size_t length, unsigned base, char *text) {
    for (size_t index = 0; index < length; index++) {
        if (index > 0) *text++ = ' ';
        if (base == 16) {
            text += sprintf(text, "%02x", bytes[index]);
        } else {
            for (int bit = 7; bit >= 0; bit--) *text++ = bytes[index] >> bit & 1 ? '1' : '0';
        }
    }
    *text = '\0';
}

size_t utf8_whole(const unsigned char *bytes, size_t length, int *wrong) {
    size_t at = 0;
    *wrong = 0;
    while (at < length) {
        const unsigned char first = bytes[at];
        const size_t width = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
        *wrong = width == 0;
        if (*wrong) return at;
        for (size_t next = 1; next < width; next++) {
            if (at + next == length) return at; /* cut off: the rest may still come */
            const unsigned char byte = bytes[at + next];
            *wrong = byte < (next == 1 && first == 0xE0   ? 0xA0
                             : next == 1 && first == 0xF0 ? 0x90
                                                          : 0x80) ||
                     byte > (next == 1 && first == 0xED   ? 0x9F
                             : next == 1 && first == 0xF4 ? 0x8F
                                                          : 0xBF);
            if (*wrong) return at;
        }
        at += width;
    }
    return at;
}
