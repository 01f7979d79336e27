/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "core.h"
#include "text.h"

#include <stdlib.h>

/* The bytes of a string literal, NULs inside included. */
#define BYTES(literal) plugin_text_of("" literal, sizeof(literal) - 1)

/* An error that keeps its text NUL-terminated. */
typedef struct Said {
    PluginError error;
    char text[1025];
} Said;

static void said_init(Said *said) {
    memset(said, 0, sizeof *said);
    said->error.struct_size = (uint32_t)sizeof said->error;
    said->error.text = said->text;
    said->error.capacity = sizeof said->text - 1;
}

static uint64_t valid(PluginText text) { return text_valid_until(text.data, text.length); }

/* ---- UTF-8 ---- */

/* The character of a code point in UTF-8, by the definition. */
static uint64_t encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const uint64_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (uint64_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(first[length] | code);
    return length;
}

TEST(every_character_is_valid) {
    char bytes[4];
    uint32_t refused = 0;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF) continue;
        const uint64_t length = encode(code, bytes);
        refused += text_valid_until(bytes, length) != length;
    }
    CHECK_EQUAL(0, refused);
}

TEST(surrogates_and_what_lies_beyond_unicode_are_not) {
    char bytes[4];
    uint32_t taken = 0;
    for (uint32_t code = 0xD800; code <= 0xDFFF; code++) taken += text_valid_until(bytes, encode(code, bytes)) != 0;
    for (uint32_t code = 0x110000; code <= 0x1FFFFF; code++) taken += text_valid_until(bytes, encode(code, bytes)) != 0;
    CHECK_EQUAL(0, taken);
}

TEST(a_character_that_is_cut_off_is_not_valid) {
    static const uint32_t codes[] = {0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF};
    char bytes[4];
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const uint64_t length = encode(codes[i], bytes);
        for (uint64_t cut = 1; cut < length; cut++) CHECK_EQUAL(0, text_valid_until(bytes, cut));
    }
}

TEST(damaged_bytes_are_found_where_they_are) {
    CHECK_EQUAL(0, valid(BYTES("\x80")));             /* a continuation alone */
    CHECK_EQUAL(1, valid(BYTES("a\xC0\xAF")));        /* overlong, two bytes */
    CHECK_EQUAL(0, valid(BYTES("\xC1\xBF")));         /* overlong, two bytes */
    CHECK_EQUAL(2, valid(BYTES("ab\xE0\x9F\xBF")));   /* overlong, three bytes */
    CHECK_EQUAL(0, valid(BYTES("\xF0\x8F\xBF\xBF"))); /* overlong, four bytes */
    CHECK_EQUAL(0, valid(BYTES("\xF5\x80\x80\x80"))); /* above U+10FFFF */
    CHECK_EQUAL(0, valid(BYTES("\xFF")));
    CHECK_EQUAL(0, valid(BYTES("\xFE")));
    CHECK_EQUAL(0, valid(BYTES("\xE2\x28\xA1"))); /* no continuation where one is due */
    CHECK_EQUAL(3, valid(BYTES("\xE2\x82\xAC\xE2\x82")));
    CHECK_EQUAL(0, valid(BYTES(""))); /* and that is its length */
}

TEST(a_damaged_byte_is_found_at_each_place_and_alignment) {
    char bytes[64];
    for (uint64_t start = 0; start < 8; start++) {
        for (uint64_t length = 1; length <= 40; length++) {
            for (uint64_t bad = 0; bad < length; bad++) {
                memset(bytes, 'x', sizeof bytes);
                bytes[start + bad] = (char)0xFF;
                CHECK_EQUAL(bad, text_valid_until(bytes + start, length));
            }
            memset(bytes, 'x', sizeof bytes);
            bytes[start + length] = (char)0xFF; /* behind the text */
            CHECK_EQUAL(length, text_valid_until(bytes + start, length));
        }
    }
}

TEST(a_text_is_cut_between_characters) {
    CHECK_EQUAL(3, text_cut("abc", 3, 10));
    CHECK_EQUAL(3, text_cut("abc", 3, 3));
    CHECK_EQUAL(2, text_cut("abc", 3, 2));
    CHECK_EQUAL(1, text_cut("a\xE2\x82\xAC", 4, 3));
    CHECK_EQUAL(1, text_cut("a\xE2\x82\xAC", 4, 2));
    CHECK_EQUAL(4, text_cut("a\xE2\x82\xAC", 4, 4));
    CHECK_EQUAL(0, text_cut("\xF0\x9F\x98\x80", 4, 3));
}

/* ---- taking texts in ---- */

static PluginStatus take(PluginText text, uint64_t max, int flags, PluginText *out, Said *said) {
    said_init(said);
    return text_in(text, max, flags, "the label", out, &said->error);
}

TEST(a_text_is_taken_as_it_is) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, take(plugin_text_of("hello, world", 5), 100, 0, &out, &said));
    CHECK_TEXT("hello", out);
}

TEST(a_text_until_its_nul_gets_its_length) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, take(plugin_text_of("hello", PLUGIN_UNTIL_NUL), 100, 0, &out, &said));
    CHECK_EQUAL(5, out.length);
    CHECK_TEXT("hello", out);
}

TEST(a_null_of_no_length_is_the_empty_text) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, take(plugin_text_of(NULL, 0), 100, 0, &out, &said));
    CHECK_TEXT("", out);
}

TEST(a_null_with_a_length_is_refused) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, take(plugin_text_of(NULL, 3), 100, 0, &out, &said));
    CHECK_TEXT("the label is NULL with a length that is not 0", said.text);
    CHECK_EQUAL(PLUGIN_INVALID_ARGUMENT, take(plugin_text_of(NULL, PLUGIN_UNTIL_NUL), 100, 0, &out, &said));
}

TEST(a_text_of_the_largest_size_is_taken_and_one_byte_more_is_not) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, take(plugin_text("12345678"), 8, 0, &out, &said));
    CHECK_EQUAL(PLUGIN_TOO_LARGE, take(plugin_text("123456789"), 8, 0, &out, &said));
    CHECK_CONTAINS("the label is longer than the 8 bytes that the host takes", said.text);
    CHECK_EQUAL(PLUGIN_OK, take(plugin_text_of("12345678", PLUGIN_UNTIL_NUL), 8, 0, &out, &said));
    CHECK_EQUAL(PLUGIN_TOO_LARGE, take(plugin_text_of("123456789", PLUGIN_UNTIL_NUL), 8, 0, &out, &said));
}

TEST(a_text_without_a_nul_is_not_read_beyond_the_limit) {
    PluginText out;
    Said said;
    char *bytes = (char *)malloc(9); /* a sanitizer guards what lies behind */
    REQUIRE(bytes);
    memset(bytes, 'x', 9);
    CHECK_EQUAL(PLUGIN_TOO_LARGE, take(plugin_text_of(bytes, PLUGIN_UNTIL_NUL), 8, 0, &out, &said));
    free(bytes);
}

TEST(bytes_that_are_not_utf8_are_refused_with_their_offset) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, take(BYTES("gr\xFC\xDF"), 100, TEXT_NUL_ALLOWED, &out, &said));
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, said.error.status);
    CHECK_TEXT("the label is not UTF-8: byte 0xFC at offset 2", said.text);
}

TEST(a_nul_inside_is_taken_only_where_it_is_allowed) {
    PluginText out;
    Said said;
    CHECK_EQUAL(PLUGIN_OK, take(BYTES("a\0b"), 100, TEXT_NUL_ALLOWED, &out, &said));
    CHECK_EQUAL(3, out.length);
    CHECK_EQUAL(PLUGIN_INVALID_TEXT, take(BYTES("a\0b"), 100, 0, &out, &said));
    CHECK_TEXT("the label has a NUL byte at offset 1, where none is allowed", said.text);
}

/* ---- repairing ---- */

/* What is left of a text, NUL-terminated; valid until the next call. */
static const char *repaired(PluginText text, uint64_t capacity) {
    static char buffer[256];
    memset(buffer, '#', sizeof buffer);
    const uint64_t length = text_repair(text, buffer, capacity);
    if (length > capacity || buffer[capacity] != '#') return "(wrote beyond its capacity)";
    buffer[length] = '\0';
    return buffer;
}

TEST(damaged_bytes_become_replacement_characters) {
    CHECK_TEXT("gr\xEF\xBF\xBD\xEF\xBF\xBD!", repaired(BYTES("gr\xFC\xDF!"), 100));
    CHECK_TEXT("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", repaired(BYTES("\xED\xA0\x80"), 100));
}

TEST(a_nul_inside_becomes_a_replacement_character) {
    CHECK_TEXT("a\xEF\xBF\xBD"
               "b",
               repaired(BYTES("a\0b"), 100));
}

TEST(what_is_well_stays_as_it_is) {
    CHECK_TEXT("plain, gr\xC3\xBC\xC3\x9F, \xE2\x82\xAC, \xF0\x9F\x98\x80",
               repaired(BYTES("plain, gr\xC3\xBC\xC3\x9F, \xE2\x82\xAC, \xF0\x9F\x98\x80"), 100));
    CHECK_TEXT("", repaired(plugin_text_of(NULL, 0), 100));
    CHECK_TEXT("", repaired(plugin_text_of(NULL, 7), 100));
    CHECK_TEXT("until", repaired(plugin_text_of("until", PLUGIN_UNTIL_NUL), 100));
}

TEST(what_does_not_fit_is_cut_between_characters) {
    CHECK_TEXT("abc", repaired(BYTES("abcdef"), 3));
    CHECK_TEXT("ab", repaired(BYTES("ab\xE2\x82\xAC"), 4));
    CHECK_TEXT("ab", repaired(BYTES("ab\xFF"), 4)); /* nor half a replacement */
    CHECK_TEXT("ab\xEF\xBF\xBD", repaired(BYTES("ab\xFF"), 5));
    CHECK_TEXT("", repaired(BYTES("ab"), 0));
    CHECK_TEXT("abc", repaired(plugin_text_of("abcdef", PLUGIN_UNTIL_NUL), 3));
}

TEST(whatever_is_repaired_is_valid) {
    char bytes[48], buffer[144];
    uint32_t number = 1, damaged = 0;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            number = number * 1664525u + 1013904223u;
            bytes[i] = (char)(number >> 24);
        }
        const uint64_t length = text_repair(plugin_text_of(bytes, number >> 16 & 31), buffer, number >> 8 & 127);
        damaged += text_valid_until(buffer, length) != length || memchr(buffer, 0, (size_t)length) != NULL;
    }
    CHECK_EQUAL(0, damaged);
}

/* ---- copies and errors ---- */

TEST(a_copy_has_a_nul_behind_it) {
    char *copy = text_dup(plugin_text_of("hello, world", 5));
    REQUIRE(copy);
    CHECK_TEXT("hello", copy);
    free(copy);
    copy = text_dup(plugin_text_of(NULL, 0));
    REQUIRE(copy);
    CHECK_TEXT("", copy);
    free(copy);
}

TEST(an_error_gets_status_and_text) {
    Said said;
    said_init(&said);
    CHECK_EQUAL(PLUGIN_FULL, error_set(&said.error, PLUGIN_FULL, "%d of %s", 3, "four"));
    CHECK_EQUAL(PLUGIN_FULL, said.error.status);
    CHECK_EQUAL(9, said.error.length);
    CHECK_TEXT("3 of four", said.text);
}

TEST(an_error_may_be_null) {
    CHECK_EQUAL(PLUGIN_FULL, error_set(NULL, PLUGIN_FULL, "%s", "text"));
    CHECK_EQUAL(PLUGIN_FULL, error_set_text(NULL, PLUGIN_FULL, plugin_text("text")));
    CHECK_EQUAL(PLUGIN_FULL, error_set_status(NULL, PLUGIN_FULL));
}

TEST(an_error_without_room_gets_its_status) {
    PluginError error = {(uint32_t)sizeof error, 0, NULL, 100, 7};
    CHECK_EQUAL(PLUGIN_FULL, error_set(&error, PLUGIN_FULL, "text"));
    CHECK_EQUAL(PLUGIN_FULL, error.status);
    CHECK_EQUAL(0, error.length);
}

TEST(an_error_too_short_for_its_fields_is_left_alone) {
    Said said;
    said_init(&said);
    said.error.struct_size = (uint32_t)offsetof(PluginError, length);
    CHECK_EQUAL(PLUGIN_FULL, error_set(&said.error, PLUGIN_FULL, "text"));
    CHECK_EQUAL(0, said.error.status);
    CHECK_TEXT("", said.text);
}

TEST(an_error_text_is_cut_to_its_room) {
    char text[8] = "#######";
    PluginError error = {(uint32_t)sizeof error, 0, text, 4, 0};
    error_set_text(&error, PLUGIN_ERROR, plugin_text("abc\xE2\x82\xAC"));
    CHECK_EQUAL(3, error.length);
    CHECK_TEXT("abc####", text);
}

TEST(a_status_says_what_it_means) {
    Said said;
    said_init(&said);
    error_set_status(&said.error, PLUGIN_CYCLE);
    CHECK_TEXT("plugins call each other in a circle", said.text);
}

TEST(every_status_has_its_own_meaning) {
#define CHECK_MEANING(name, value, meaning) CHECK_TEXT(meaning, core_status_text(value));
    PLUGIN_STATUS_LIST(CHECK_MEANING)
#undef CHECK_MEANING
    CHECK_TEXT("the plugin's own status", core_status_text(PLUGIN_STATUS_PLUGIN_FIRST - 1));
    CHECK_TEXT("a status that this host does not know", core_status_text(PLUGIN_STATUS_PLUGIN_FIRST));
    CHECK_TEXT("a status that this host does not know", core_status_text(77));
}

/* ---- what a failed entry left in the core's own error ---- */

TEST(an_entry_that_said_why_is_quoted) {
    ErrorBuffer buffer;
    error_buffer_init(&buffer);
    plugin_fail(&buffer.error, PLUGIN_ERROR, "no port %d", 7);
    CHECK_TEXT("no port 7", error_buffer_text(&buffer, PLUGIN_ERROR));
}

TEST(an_entry_that_said_nothing_gets_the_meaning_of_its_status) {
    ErrorBuffer buffer;
    error_buffer_init(&buffer);
    CHECK_TEXT("the deadline passed", error_buffer_text(&buffer, PLUGIN_TIMEOUT));
}

TEST(what_an_entry_said_is_repaired) {
    ErrorBuffer buffer;
    error_buffer_init(&buffer);
    memcpy(buffer.error.text, "gr\xFC\0!", 5);
    buffer.error.length = 5;
    CHECK_TEXT("gr\xEF\xBF\xBD\xEF\xBF\xBD!", error_buffer_text(&buffer, PLUGIN_ERROR));
}

TEST(an_entry_that_lies_about_its_text_is_not_believed) {
    ErrorBuffer buffer;
    error_buffer_init(&buffer);
    memset(buffer.text, 'x', sizeof buffer.text);
    buffer.error.length = UINT64_MAX;
    CHECK_EQUAL(sizeof buffer.text - 1, error_buffer_text(&buffer, PLUGIN_ERROR).length);
    error_buffer_init(&buffer);
    buffer.error.text = (char *)(uintptr_t)1;
    buffer.error.length = 3;
    CHECK_TEXT("the call failed", error_buffer_text(&buffer, PLUGIN_ERROR));
}

int main(void) {
    RUN(every_character_is_valid);
    RUN(surrogates_and_what_lies_beyond_unicode_are_not);
    RUN(a_character_that_is_cut_off_is_not_valid);
    RUN(damaged_bytes_are_found_where_they_are);
    RUN(a_damaged_byte_is_found_at_each_place_and_alignment);
    RUN(a_text_is_cut_between_characters);
    RUN(a_text_is_taken_as_it_is);
    RUN(a_text_until_its_nul_gets_its_length);
    RUN(a_null_of_no_length_is_the_empty_text);
    RUN(a_null_with_a_length_is_refused);
    RUN(a_text_of_the_largest_size_is_taken_and_one_byte_more_is_not);
    RUN(a_text_without_a_nul_is_not_read_beyond_the_limit);
    RUN(bytes_that_are_not_utf8_are_refused_with_their_offset);
    RUN(a_nul_inside_is_taken_only_where_it_is_allowed);
    RUN(damaged_bytes_become_replacement_characters);
    RUN(a_nul_inside_becomes_a_replacement_character);
    RUN(what_is_well_stays_as_it_is);
    RUN(what_does_not_fit_is_cut_between_characters);
    RUN(whatever_is_repaired_is_valid);
    RUN(a_copy_has_a_nul_behind_it);
    RUN(an_error_gets_status_and_text);
    RUN(an_error_may_be_null);
    RUN(an_error_without_room_gets_its_status);
    RUN(an_error_too_short_for_its_fields_is_left_alone);
    RUN(an_error_text_is_cut_to_its_room);
    RUN(a_status_says_what_it_means);
    RUN(every_status_has_its_own_meaning);
    RUN(an_entry_that_said_why_is_quoted);
    RUN(an_entry_that_said_nothing_gets_the_meaning_of_its_status);
    RUN(what_an_entry_said_is_repaired);
    RUN(an_entry_that_lies_about_its_text_is_not_believed);
    return check_result();
}
