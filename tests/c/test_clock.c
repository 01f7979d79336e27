/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "clock.h"

#include <time.h>

/* A flag that one thread sets for another. */
typedef struct Bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    int rings;
} Bell;

static void bell_init(Bell *bell) {
    pthread_mutex_init(&bell->lock, NULL);
    clock_cond_init(&bell->rung);
    bell->rings = 0;
}

static void bell_destroy(Bell *bell) {
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->lock);
}

static void *ring(void *argument) {
    Bell *bell = (Bell *)argument;
    pthread_mutex_lock(&bell->lock);
    bell->rings = 1;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
    return NULL;
}

/* Waits for the bell, which another thread rings; whether the deadline passed instead. */
static int wait_for_ring(uint64_t deadline) {
    Bell bell;
    pthread_t thread;
    int late = 0;
    bell_init(&bell);
    pthread_mutex_lock(&bell.lock);
    if (pthread_create(&thread, NULL, ring, &bell) != 0) return -1;
    while (!bell.rings && !late) late = clock_cond_wait(&bell.rung, &bell.lock, deadline);
    pthread_mutex_unlock(&bell.lock);
    pthread_join(thread, NULL);
    bell_destroy(&bell);
    return late;
}

/* Waits for a bell that nobody rings. */
static int wait_in_vain(uint64_t deadline) {
    Bell bell;
    int late = 0;
    bell_init(&bell);
    pthread_mutex_lock(&bell.lock);
    while (!late) late = clock_cond_wait(&bell.rung, &bell.lock, deadline);
    pthread_mutex_unlock(&bell.lock);
    bell_destroy(&bell);
    return late;
}

TEST(forever_is_no_deadline) { CHECK(clock_deadline(PLUGIN_WAIT_FOREVER) == CLOCK_NEVER); }

TEST(a_deadline_lies_as_far_ahead_as_was_asked) {
    const uint64_t before = clock_now();
    const uint64_t deadline = clock_deadline(1500);
    const uint64_t after = clock_now();
    CHECK(before + UINT64_C(1500000000) <= deadline);
    CHECK(deadline <= after + UINT64_C(1500000000));
}

TEST(the_longest_wait_that_ends_has_a_deadline) {
    const uint64_t before = clock_now();
    CHECK(clock_deadline(PLUGIN_WAIT_FOREVER - 1) >= before + UINT64_C(4294967294000000));
    CHECK(clock_deadline(PLUGIN_WAIT_FOREVER - 1) < CLOCK_NEVER);
}

TEST(the_wall_clock_tells_unix_time) {
    const int64_t before = (int64_t)time(NULL);
    const int64_t now = clock_wall_ms();
    const int64_t after = (int64_t)time(NULL);
    /* time() may lag behind by a tick of the kernel. */
    CHECK((before - 1) * 1000 <= now);
    CHECK(now <= (after + 2) * 1000);
}

TEST(a_wait_ends_when_it_is_signalled) { CHECK_EQUAL(0, wait_for_ring(clock_deadline(60000))); }

TEST(a_wait_without_deadline_ends_when_it_is_signalled) { CHECK_EQUAL(0, wait_for_ring(CLOCK_NEVER)); }

TEST(a_deadline_that_has_passed_is_not_waited_for) { CHECK_EQUAL(1, wait_in_vain(clock_now())); }

TEST(a_wait_in_vain_ends_at_the_deadline_and_not_before) {
    const uint64_t deadline = clock_deadline(20);
    CHECK_EQUAL(1, wait_in_vain(deadline));
    CHECK(clock_now() >= deadline);
}

int main(void) {
    RUN(forever_is_no_deadline);
    RUN(a_deadline_lies_as_far_ahead_as_was_asked);
    RUN(the_longest_wait_that_ends_has_a_deadline);
    RUN(the_wall_clock_tells_unix_time);
    RUN(a_wait_ends_when_it_is_signalled);
    RUN(a_wait_without_deadline_ends_when_it_is_signalled);
    RUN(a_deadline_that_has_passed_is_not_waited_for);
    RUN(a_wait_in_vain_ends_at_the_deadline_and_not_before);
    return check_result();
}
