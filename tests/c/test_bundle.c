/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"
#include "check.h"

#include <stdlib.h>

static CoreEvent event_of(uint32_t type, int64_t value, uint64_t number, const char *text) {
    CoreEvent event;
    memset(&event, 0, sizeof event);
    event.struct_size = (uint32_t)sizeof event;
    event.type = type;
    event.sequence = 0x0102030405060708;
    event.time_ms = 1;
    event.host = 7;
    event.request = 9;
    event.value = value;
    event.number = number;
    event.text = plugin_text(text);
    return event;
}

static int takes(uint32_t type, int64_t value, uint64_t number, const char *text) {
    const CoreEvent event = event_of(type, value, number, text);
    return bundle_takes(&event);
}

TEST(a_message_and_what_was_asked_are_taken) {
    CHECK(takes(CORE_EVENT_MESSAGE, PLUGIN_MESSAGE_INFO, 0, "hello"));
    CHECK(takes(CORE_EVENT_REQUEST_STARTED, 0, 0, ""));
}

TEST(a_reply_is_taken_although_it_is_empty) { CHECK(takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_OK, 0, "")); }

TEST(the_end_of_what_was_streamed_is_not_taken) {
    CHECK(!takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_OK, CORE_REQUEST_STREAMED, ""));
    CHECK(!takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_ERROR, CORE_REQUEST_STREAMED, "why"));
}

TEST(a_reply_behind_a_stream_is_taken) {
    CHECK(takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_OK, CORE_REQUEST_STREAMED, "and this"));
}

TEST(a_failure_is_taken_where_it_says_why) {
    CHECK(takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_ERROR, CORE_REQUEST_TAKEN, "why"));
    CHECK(!takes(CORE_EVENT_REQUEST_ENDED, PLUGIN_CANCELLED, 0, ""));
}

TEST(steps_of_streams_are_not_taken) {
    for (uint32_t type = CORE_EVENT_STREAM_START; type <= CORE_EVENT_STREAM_CANCEL; type++)
        CHECK(!takes(type, 0, 0, "x"));
}

TEST(a_bundle_is_message_pack) {
    static const unsigned char expected[] = {
        0xdd, 0, 0, 0, 1,                 /* an array of one */
        0x97,                             /* of seven */
        0xcf, 1, 2, 3, 4, 5,   6,   7, 8, /* its number */
        0xd3, 0, 0, 0, 0, 0,   0,   0, 1, /* its time */
        0xcf, 0, 0, 0, 0, 0,   0,   0, 9, /* its request */
        1,                                /* the plugin's */
        0xd3, 0, 0, 0, 0, 0,   0,   0, 4, /* an info */
        0xc2,                             /* not failed */
        0xc6, 0, 0, 0, 2, 'h', 'i',
    };
    const CoreEvent event = event_of(CORE_EVENT_MESSAGE, PLUGIN_MESSAGE_INFO, 0, "hi");
    Bundle bundle;
    memset(&bundle, 0, sizeof bundle);
    REQUIRE(bundle_add(&bundle, &event));
    REQUIRE(bundle.length == sizeof expected);
    CHECK(memcmp(bundle.data, expected, sizeof expected) == 0);
    CHECK(bundle.host == 7 && bundle.count == 1 && bundle.sequence == event.sequence);
    bundle_end(&bundle);
}

TEST(a_failure_is_marked_as_one) {
    const CoreEvent event = event_of(CORE_EVENT_REQUEST_ENDED, PLUGIN_TIMEOUT, 0, "late");
    Bundle bundle;
    memset(&bundle, 0, sizeof bundle);
    REQUIRE(bundle_add(&bundle, &event));
    const unsigned char *data = (const unsigned char *)bundle.data;
    CHECK_EQUAL(PLUGIN_MESSAGE_ERROR, data[5 + 1 + 27 + 1 + 8]);
    CHECK_EQUAL(0xc3, data[5 + 1 + 27 + 1 + 9]);
    bundle_end(&bundle);
}

TEST(a_bundle_grows_and_is_used_again) {
    const size_t length = 100000;
    char *text = (char *)malloc(length + 1);
    CoreEvent event = event_of(CORE_EVENT_MESSAGE, 0, 0, "");
    Bundle bundle;
    memset(&bundle, 0, sizeof bundle);
    REQUIRE(text != NULL);
    memset(text, 'x', length);
    text[length] = '\0';
    event.text = plugin_text_of(text, length);
    for (int round = 0; round < 2; round++) {
        for (uint32_t at = 1; at <= 20; at++) {
            CHECK(bundle_add(&bundle, &event));
            CHECK_EQUAL(at, bundle.count);
        }
        CHECK(bundle.length > 20 * length);
        CHECK_EQUAL(20, (unsigned char)bundle.data[4]);
        CHECK(bundle.data[bundle.length - 1] == 'x');
        bundle.count = 0;
    }
    bundle_end(&bundle);
    CHECK(bundle.data == NULL && bundle.count == 0);
    free(text);
}

int main(void) {
    RUN(a_message_and_what_was_asked_are_taken);
    RUN(a_reply_is_taken_although_it_is_empty);
    RUN(the_end_of_what_was_streamed_is_not_taken);
    RUN(a_reply_behind_a_stream_is_taken);
    RUN(a_failure_is_taken_where_it_says_why);
    RUN(steps_of_streams_are_not_taken);
    RUN(a_bundle_is_message_pack);
    RUN(a_failure_is_marked_as_one);
    RUN(a_bundle_grows_and_is_used_again);
    return check_result();
}
