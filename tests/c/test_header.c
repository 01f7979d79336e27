/* SPDX-License-Identifier: Apache-2.0 */
/* The part of plugin_interface.h that is compiled into plugins: what its helpers do with texts, errors and tables. */
#include "check.h"

#include <stddef.h>
#include <stdlib.h>

_Static_assert(sizeof(PluginStatus) == 4, "a status has a fixed width");
_Static_assert(sizeof(PluginHost) == 8 && sizeof(PluginRequest) == 8 && sizeof(PluginStream) == 8, "handles too");
_Static_assert(PLUGIN_ABI_VERSION >> 16 == PLUGIN_ABI_MAGIC, "the magic is the upper half of the version");
_Static_assert((PLUGIN_ABI_VERSION & 0xFFFF) == PLUGIN_ABI_VERSION_NUMBER, "the number is the lower half");

/* ---- texts ---- */

TEST(a_c_string_becomes_a_text) {
    CHECK_TEXT("hello", plugin_text("hello"));
    CHECK_EQUAL(5, plugin_text("hello").length);
    CHECK_TEXT("", plugin_text(NULL));
}

TEST(texts_are_compared_with_c_strings) {
    CHECK(plugin_text_equals(plugin_text("on"), "on"));
    CHECK(plugin_text_equals(plugin_text_of("only", 2), "on"));
    CHECK(plugin_text_equals(plugin_text_of(NULL, 0), ""));
    CHECK(!plugin_text_equals(plugin_text("on"), "off"));
    CHECK(!plugin_text_equals(plugin_text("on"), "only"));
    CHECK(!plugin_text_equals(plugin_text("on"), ""));
}

TEST(a_copy_ends_with_a_nul_inside_its_room) {
    char buffer[8];
    memset(buffer, '#', sizeof buffer);
    CHECK_EQUAL(5, plugin_text_copy(plugin_text("hello"), buffer, sizeof buffer));
    CHECK_TEXT("hello", buffer);
    CHECK_EQUAL(3, plugin_text_copy(plugin_text("hello"), buffer, 4));
    CHECK_TEXT("hel", buffer);
    CHECK_EQUAL(0, plugin_text_copy(plugin_text("hello"), buffer, 1));
    CHECK_TEXT("", buffer);
    CHECK_EQUAL('#', buffer[7]);
}

TEST(a_copy_that_fills_its_room_to_the_last_byte_is_whole) {
    char buffer[6];
    CHECK_EQUAL(5, plugin_text_copy(plugin_text("hello"), buffer, sizeof buffer));
    CHECK_TEXT("hello", buffer);
}

TEST(a_copy_without_room_writes_nothing) {
    char byte = '#';
    CHECK_EQUAL(0, plugin_text_copy(plugin_text("hello"), &byte, 0));
    CHECK_EQUAL('#', byte);
}

TEST(a_copy_is_cut_between_characters) {
    char buffer[8];
    CHECK_EQUAL(1, plugin_text_copy(plugin_text("a\xE2\x82\xAC"), buffer, 4));
    CHECK_TEXT("a", buffer);
    CHECK_EQUAL(4, plugin_text_copy(plugin_text("a\xE2\x82\xAC"), buffer, 5));
    CHECK_TEXT("a\xE2\x82\xAC", buffer);
    CHECK_EQUAL(0, plugin_text_copy(plugin_text("\xF0\x9F\x98\x80"), buffer, 4));
    CHECK_TEXT("", buffer);
}

/* ---- errors ---- */

static PluginError error_in(char *text, uint64_t capacity) {
    PluginError error;
    memset(&error, 0, sizeof error);
    error.struct_size = (uint32_t)sizeof error;
    error.text = text;
    error.capacity = capacity;
    return error;
}

TEST(a_failure_gives_status_and_text) {
    char text[32];
    PluginError error = error_in(text, sizeof text);
    CHECK_EQUAL(PLUGIN_TIMEOUT, plugin_fail(&error, PLUGIN_TIMEOUT, "no answer from %s", "port 3"));
    CHECK_EQUAL(PLUGIN_TIMEOUT, error.status);
    CHECK_TEXT("no answer from port 3", plugin_text_of(error.text, error.length));
}

TEST(a_failure_may_have_nowhere_to_say_why) {
    PluginError error = error_in(NULL, 0);
    CHECK_EQUAL(PLUGIN_ERROR, plugin_fail(NULL, PLUGIN_ERROR, "%d", 1));
    CHECK_EQUAL(PLUGIN_ERROR, plugin_fail(&error, PLUGIN_ERROR, "%d", 1));
    CHECK_EQUAL(PLUGIN_ERROR, error.status);
    CHECK_EQUAL(0, error.length);
}

TEST(the_text_of_a_failure_is_cut_between_characters) {
    char text[8] = "#######";
    PluginError error = error_in(text, 3);
    plugin_fail(&error, PLUGIN_ERROR, "a\xE2\x82\xAC");
    CHECK_TEXT("a", plugin_text_of(error.text, error.length));
    CHECK_TEXT("a######", text);
}

TEST(a_long_text_of_a_failure_is_cut) {
    char text[2000];
    PluginError error = error_in(text, sizeof text);
    plugin_fail(&error, PLUGIN_ERROR, "%1000d", 7);
    CHECK_EQUAL(511, error.length);
}

/* ---- growth ---- */

TEST(a_field_is_there_where_the_struct_reaches_to_its_end) {
    PluginMetadataFFI metadata;
    metadata.struct_size = (uint32_t)(offsetof(PluginMetadataFFI, version) + sizeof metadata.version);
    CHECK(PLUGIN_HAS(&metadata, PluginMetadataFFI, id));
    CHECK(PLUGIN_HAS(&metadata, PluginMetadataFFI, version));
    CHECK(!PLUGIN_HAS(&metadata, PluginMetadataFFI, author));
    metadata.struct_size--;
    CHECK(!PLUGIN_HAS(&metadata, PluginMetadataFFI, version));
}

TEST(a_slot_is_there_where_it_is_filled_in) {
    PluginInterface table;
    memset(&table, 0, sizeof table);
    table.struct_size = (uint32_t)offsetof(PluginInterface, get_metadata);
    table.destroy = plugin_destroy_nothing;
    CHECK(PLUGIN_HAS_SLOT(&table, PluginInterface, destroy));
    CHECK(!PLUGIN_HAS_SLOT(&table, PluginInterface, get_metadata)); /* beyond the end */
    table.struct_size = (uint32_t)sizeof table;
    CHECK(!PLUGIN_HAS_SLOT(&table, PluginInterface, get_metadata)); /* empty */
}

/* ---- making and destroying tables ---- */

struct state {
    int64_t number;
    char *owned;
};

static int destroyed;

static void destroy_state(void *plugin) {
    struct state *state = (struct state *)plugin;
    free(state->owned);
    destroyed++;
}

static void setup(PluginInterface *table) {
    struct state *state = (struct state *)table->plugin_ptr;
    state->owned = (char *)malloc(1);
    table->destroy = destroy_state;
}

static void setup_nothing(PluginInterface *table) { (void)table; }

TEST(a_table_is_made_with_a_zeroed_state_and_freed_with_it) {
    PluginInterface *table = plugin_create(sizeof(struct state), setup);
    REQUIRE(table);
    CHECK_EQUAL(sizeof *table, table->struct_size);
    CHECK_EQUAL(PLUGIN_ABI_VERSION, table->abi_version);
    CHECK_EQUAL(0, ((struct state *)table->plugin_ptr)->number);
    destroyed = 0;
    plugin_destroy(table);
    CHECK_EQUAL(1, destroyed);
}

TEST(a_table_without_state_needs_no_destroy) {
    PluginInterface *table = plugin_create(0, setup_nothing);
    REQUIRE(table);
    CHECK(!table->plugin_ptr);
    CHECK(table->destroy);
    CHECK(!table->handle_message);
    plugin_destroy(table);
    plugin_destroy(NULL);
}

int main(void) {
    RUN(a_c_string_becomes_a_text);
    RUN(texts_are_compared_with_c_strings);
    RUN(a_copy_ends_with_a_nul_inside_its_room);
    RUN(a_copy_that_fills_its_room_to_the_last_byte_is_whole);
    RUN(a_copy_without_room_writes_nothing);
    RUN(a_copy_is_cut_between_characters);
    RUN(a_failure_gives_status_and_text);
    RUN(a_failure_may_have_nowhere_to_say_why);
    RUN(the_text_of_a_failure_is_cut_between_characters);
    RUN(a_long_text_of_a_failure_is_cut);
    RUN(a_field_is_there_where_the_struct_reaches_to_its_end);
    RUN(a_slot_is_there_where_it_is_filled_in);
    RUN(a_table_is_made_with_a_zeroed_state_and_freed_with_it);
    RUN(a_table_without_state_needs_no_destroy);
    return check_result();
}
