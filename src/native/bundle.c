/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include <stdlib.h>
#include <string.h>

enum { PERSON = 0, PLUGIN = 1 };

/* The first bytes of values, as the specification of MessagePack has them. */
enum {
    ARRAY_OF_7 = 0x97,
    IS_FALSE = 0xc2,
    IS_TRUE = 0xc3,
    BYTES_32 = 0xc6,
    UINT_64 = 0xcf,
    INT_64 = 0xd3,
    ARRAY_32 = 0xdd
};

/* What stands before the rows, and what a row takes besides its text. */
enum { HEAD = 5, ROW = 1 + 4 * 9 + 1 + 1 + 5, ROOM_AT_FIRST = 4096 };

int bundle_takes(const CoreEvent *event) {
    const int streamed = (event->number & CORE_REQUEST_STREAMED) != 0;
    switch (event->type) {
    case CORE_EVENT_MESSAGE:
    case CORE_EVENT_REQUEST_STARTED:
        return 1;
    case CORE_EVENT_REQUEST_ENDED:
        /* What was streamed stands there already. What went wrong belongs to the conversation too, where it is told. */
        return event->value >= 0 ? event->text.length > 0 || !streamed : event->text.length > 0 && !streamed;
    default:
        return 0;
    }
}

static char *put_big_endian(char *at, uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) *at++ = (char)(unsigned char)(value >> shift);
    return at;
}

static char *put_byte(char *at, int byte) {
    *at = (char)(unsigned char)byte;
    return at + 1;
}

static char *put_number(char *at, int type, uint64_t value) { return put_big_endian(put_byte(at, type), value, 8); }

/* Room for so many bytes more. */
static int make_room(Bundle *bundle, size_t bytes) {
    size_t room = bundle->room ? bundle->room : ROOM_AT_FIRST;
    if (bundle->room - bundle->length >= bytes) return 1;
    while (room - bundle->length < bytes) room *= 2;
    char *data = (char *)realloc(bundle->data, room);
    if (!data) return 0;
    bundle->data = data;
    bundle->room = room;
    return 1;
}

int bundle_add(Bundle *bundle, const CoreEvent *event) {
    const size_t length = (size_t)event->text.length;
    const int failed = event->type == CORE_EVENT_REQUEST_ENDED && event->value < 0;
    const int kind = event->type == CORE_EVENT_MESSAGE ? (int)event->value
                     : failed                          ? PLUGIN_MESSAGE_ERROR
                                                       : PLUGIN_MESSAGE_NORMAL;
    if (bundle->count == 0) bundle->length = 0;
    if (!make_room(bundle, (size_t)HEAD + ROW + length)) return 0;
    if (bundle->count == 0) bundle->length = HEAD;
    char *at = bundle->data + bundle->length;
    at = put_byte(at, ARRAY_OF_7);
    at = put_number(at, UINT_64, event->sequence);
    at = put_number(at, INT_64, (uint64_t)event->time_ms);
    at = put_number(at, UINT_64, event->request);
    at = put_byte(at, event->type == CORE_EVENT_REQUEST_STARTED ? PERSON : PLUGIN);
    at = put_number(at, INT_64, (uint64_t)(int64_t)kind);
    at = put_byte(at, failed ? IS_TRUE : IS_FALSE);
    at = put_big_endian(put_byte(at, BYTES_32), length, 4);
    memcpy(at, event->text.data, length);
    bundle->length = (size_t)(at - bundle->data) + length;
    bundle->count++;
    put_big_endian(put_byte(bundle->data, ARRAY_32), bundle->count, 4);
    bundle->host = event->host;
    bundle->sequence = event->sequence;
    bundle->time_ms = event->time_ms;
    return 1;
}

void bundle_end(Bundle *bundle) {
    free(bundle->data);
    memset(bundle, 0, sizeof *bundle);
}
