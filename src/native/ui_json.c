/* SPDX-License-Identifier: Apache-2.0 */
#include "ui_bytes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- bytes ---- */

int ui_bytes_grow(UiBytes *bytes, size_t length) {
    const size_t capacity = (bytes->length + length) * 2 + 256;
    char *grown = bytes->failed ? NULL : (char *)realloc(bytes->data, capacity);
    if (!grown) {
        bytes->failed = 1;
        bytes->capacity = bytes->length; /* so that every later one asks here */
        return 0;
    }
    bytes->data = grown;
    bytes->capacity = capacity;
    return 1;
}

/* ---- strings ---- */

enum { ESCAPE_MAX = 6 }; /* \u001f */

/* A byte as it stands in a string; returns what follows it. */
static char *write_byte(char *to, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    static const char letters[256] = {['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (letters[byte]) {
        *to++ = '\\';
        *to++ = letters[byte];
    } else if (byte < 0x20) {
        memcpy(to, "\\u00", 4);
        to[4] = digits[byte >> 4];
        to[5] = digits[byte & 15];
        to += ESCAPE_MAX;
    } else {
        *to++ = (char)byte;
    }
    return to;
}

/* The rest of a string, which has something to escape. */
static void write_escaped(UiBytes *bytes, const char *from, size_t length) {
    while (length > 0) {
        const size_t step = length < 8 ? length : 8;
        char *to = ui_bytes_room(bytes, 8 * ESCAPE_MAX);
        if (!to) return;
        if (step == 8 && !ui_escaped(ui_load(from))) {
            memcpy(to, from, 8);
            bytes->length += 8;
        } else {
            for (size_t at = 0; at < step; at++) to = write_byte(to, (unsigned char)from[at]);
            bytes->length = (size_t)(to - bytes->data);
        }
        from += step;
        length -= step;
    }
}

/* Copies a text while nothing in it is to be escaped; returns how much of it that was, all or a multiple of eight. */
static size_t copy_plain(char *to, const char *from, size_t length) {
    size_t at = 0;
    for (; length - at >= 8; at += 8) {
        const uint64_t word = ui_load(from + at);
        if (ui_escaped(word)) return at;
        memcpy(to + at, &word, sizeof word);
    }
    const size_t left = length - at;
    if (left == 0) return length;
    if (ui_escaped(ui_load_short(from + at, left))) return at;
    if (length >= 8) { /* the last eight, of which some are there already */
        memcpy(to + length - 8, from + length - 8, 8);
    } else if (length >= 4) {
        memcpy(to, from, 4);
        memcpy(to + length - 4, from + length - 4, 4);
    } else {
        to[0] = from[0];
        to[length / 2] = from[length / 2];
        to[length - 1] = from[length - 1];
    }
    return length;
}

void ui_json_string(UiBytes *bytes, PluginText text) {
    const size_t length = (size_t)text.length;
    char *to = ui_bytes_room(bytes, length + 2);
    if (!to) return;
    *to++ = '"';
    const size_t plain = copy_plain(to, text.data, length);
    bytes->length += 1 + plain;
    if (plain < length) {
        write_escaped(bytes, text.data + plain, length - plain);
        ui_bytes_text(bytes, "\"");
        bytes->escaped = bytes->length;
    } else {
        to[length] = '"';
        bytes->length++;
    }
}

/* ---- numbers ---- */

enum { DIGITS_MAX = 20 };

/* The decimal digits of a number, ending at `end`; returns where they begin. */
static char *write_digits(char *end, uint64_t number) {
    do *--end = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return end;
}

void ui_json_integer(UiBytes *bytes, int64_t number) {
    char buffer[DIGITS_MAX + 1];
    char *end = buffer + sizeof buffer;
    char *begin = write_digits(end, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    if (number < 0) *--begin = '-';
    ui_bytes_add(bytes, begin, (size_t)(end - begin));
}

/*
 * A number that a decimal of at most 15 digits stands for, which is the usual case, as that decimal; 0 where it is another.
 * Both a whole number below 2^53 and 10^places are exact, so their quotient is what a reader makes of the decimal.
 */
static int write_short_decimal(UiBytes *bytes, double number) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    enum { PLACES_MAX = sizeof powers / sizeof *powers - 1 };
    const double size = fabs(number);
    int places = 0;
    if (size != 0 && !(size >= 1e-4 && size < 1e15)) return 0; /* those are written with an exponent */
    for (;; places++) {
        const double scaled = size * powers[places] + 0.5;
        if (!(scaled < 1e15)) return 0;
        if ((double)(uint64_t)scaled / powers[places] == size) break;
        if (places == PLACES_MAX) return 0;
    }
    char buffer[DIGITS_MAX + 4];
    char *end = buffer + sizeof buffer;
    uint64_t digits = (uint64_t)(size * powers[places] + 0.5);
    char *begin = end;
    for (int place = 0; place < places; place++, digits /= 10) *--begin = (char)('0' + digits % 10);
    if (places > 0) *--begin = '.';
    begin = write_digits(begin, digits);
    if (signbit(number)) *--begin = '-';
    ui_bytes_add(bytes, begin, (size_t)(end - begin));
    return 1;
}

void ui_json_number(UiBytes *bytes, double number) {
    char buffer[40];
    if (!isfinite(number)) {
        ui_bytes_text(bytes, "null");
        return;
    }
    if (write_short_decimal(bytes, number)) return;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(buffer, sizeof buffer, "%.*g", digits, number);
        if (strtod(buffer, NULL) == number) break;
    }
    /* The locale's decimal point, of however many bytes, is the only thing that is none of these. */
    const size_t whole = strspn(buffer, "0123456789+-e");
    ui_bytes_add(bytes, buffer, whole);
    if (!buffer[whole]) return;
    ui_bytes_text(bytes, ".");
    ui_bytes_text(bytes, buffer + whole + strcspn(buffer + whole, "0123456789"));
}

/* ---- bytes as text ---- */

#define PAIRS(first)                                                                                                   \
    first "0" first "1" first "2" first "3" first "4" first "5" first "6" first "7" first "8" first "9" first          \
          "a" first "b" first "c" first "d" first "e" first "f"

void ui_json_digits(char *to, uint64_t id) {
    static const char pairs[] = PAIRS("0") PAIRS("1") PAIRS("2") PAIRS("3") PAIRS("4") PAIRS("5") PAIRS("6") PAIRS("7")
        PAIRS("8") PAIRS("9") PAIRS("a") PAIRS("b") PAIRS("c") PAIRS("d") PAIRS("e") PAIRS("f");
    const uint32_t halves[] = {(uint32_t)(id >> 32), (uint32_t)id};
    for (int at = 0; at < 2; at++, to += 8) {
        const uint32_t half = halves[at];
        memcpy(to, pairs + (half >> 24) * 2, 2);
        memcpy(to + 2, pairs + (half >> 16 & 255) * 2, 2);
        memcpy(to + 4, pairs + (half >> 8 & 255) * 2, 2);
        memcpy(to + 6, pairs + (half & 255) * 2, 2);
    }
}

void ui_json_id(UiBytes *bytes, uint64_t id) {
    char text[UI_ID_DIGITS + 2];
    text[0] = text[UI_ID_DIGITS + 1] = '"';
    ui_json_digits(text + 1, id);
    ui_bytes_add(bytes, text, sizeof text);
}

void ui_json_base64(UiBytes *bytes, const void *data, uint64_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)data;
    const size_t size = (size_t)((length + 2) / 3 * 4);
    char *to = ui_bytes_room(bytes, size);
    if (!to) return;
    for (uint64_t at = 0; at < length; at += 3) {
        const uint64_t left = length - at;
        const uint32_t bits =
            (uint32_t)from[at] << 16 | (left > 1 ? (uint32_t)from[at + 1] << 8 : 0) | (left > 2 ? from[at + 2] : 0u);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = left > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[bits & 63] : '=';
    }
    bytes->length += size;
}
