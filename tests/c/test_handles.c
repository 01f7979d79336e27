/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "handles.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What handles name here: it counts how often it was freed. */
typedef struct Thing {
    atomic_int freed;
    atomic_int users;
} Thing;

static void free_thing(void *object) { atomic_fetch_add(&((Thing *)object)->freed, 1); }

TEST(a_handle_leads_to_its_object) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_REQUEST, &thing, free_thing);
    CHECK(handle_acquire(handle, HANDLE_REQUEST) == &thing);
    handle_release(handle);
    CHECK_EQUAL(0, atomic_load(&thing.freed));
    handle_retire(handle);
}

TEST(a_handle_is_never_that_of_nothing) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_INSTANCE, &thing, free_thing);
    CHECK(handle != PLUGIN_NONE);
    handle_retire(handle);
    CHECK(!handle_acquire(PLUGIN_NONE, HANDLE_INSTANCE));
}

TEST(a_handle_of_another_kind_leads_nowhere) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_REQUEST, &thing, free_thing);
    CHECK(!handle_acquire(handle, HANDLE_STREAM));
    CHECK(!handle_acquire(handle, HANDLE_INSTANCE));
    handle_retire(handle);
}

TEST(a_handle_with_a_forged_kind_leads_nowhere_and_harms_nothing) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_REQUEST, &thing, free_thing);
    const uint64_t forged = (handle & ~(UINT64_C(0xFF) << 56)) | (uint64_t)HANDLE_STREAM << 56;
    CHECK(!handle_acquire(forged, HANDLE_STREAM));
    CHECK_EQUAL(0, atomic_load(&thing.freed));
    handle_retire(handle);
    CHECK_EQUAL(1, atomic_load(&thing.freed));
}

TEST(numbers_that_never_were_handles_lead_nowhere) {
    uint64_t number = 1;
    for (int i = 0; i < 100000; i++) {
        number = number * UINT64_C(6364136223846793005) + 1;
        const uint32_t kind = (uint32_t)(number >> 56);
        /* An index of any size, and a generation that no slot here has reached. */
        CHECK(!handle_acquire(number | UINT64_C(0x800000) << 32, kind));
        CHECK(!handle_is_past(number | UINT64_C(0x800000) << 32, kind));
    }
}

TEST(retiring_frees_an_object_that_nobody_has) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_STREAM, &thing, free_thing);
    handle_retire(handle);
    CHECK_EQUAL(1, atomic_load(&thing.freed));
    CHECK(!handle_acquire(handle, HANDLE_STREAM));
}

TEST(an_object_that_somebody_has_is_freed_at_the_last_release) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_STREAM, &thing, free_thing);
    handle_acquire(handle, HANDLE_STREAM);
    handle_acquire(handle, HANDLE_STREAM);
    handle_retire(handle);
    CHECK(!handle_acquire(handle, HANDLE_STREAM));
    handle_release(handle);
    CHECK_EQUAL(0, atomic_load(&thing.freed));
    handle_release(handle);
    CHECK_EQUAL(1, atomic_load(&thing.freed));
}

TEST(a_number_is_not_used_again) {
    Thing first = {0}, second = {0};
    const uint64_t old = handle_new(HANDLE_REQUEST, &first, free_thing);
    handle_retire(old);
    const uint64_t fresh = handle_new(HANDLE_REQUEST, &second, free_thing);
    CHECK_EQUAL((uint32_t)old, (uint32_t)fresh); /* the slot is */
    CHECK(old != fresh);
    CHECK(!handle_acquire(old, HANDLE_REQUEST));
    CHECK(handle_acquire(fresh, HANDLE_REQUEST) == &second);
    handle_release(fresh);
    handle_retire(fresh);
}

TEST(a_handle_is_past_once_it_is_retired) {
    Thing thing = {0};
    const uint64_t handle = handle_new(HANDLE_REQUEST, &thing, free_thing);
    CHECK(!handle_is_past(handle, HANDLE_REQUEST));
    CHECK(handle_acquire(handle, HANDLE_REQUEST) == &thing);
    handle_retire(handle);
    CHECK(handle_is_past(handle, HANDLE_REQUEST));
    handle_release(handle);
    CHECK(handle_is_past(handle, HANDLE_REQUEST));
    CHECK(!handle_is_past(handle, HANDLE_STREAM));
}

TEST(objects_are_counted_by_kind) {
    Thing thing = {0};
    const uint64_t requests = handle_count(HANDLE_REQUEST), streams = handle_count(HANDLE_STREAM);
    const uint64_t handle = handle_new(HANDLE_STREAM, &thing, free_thing);
    CHECK_EQUAL(streams + 1, handle_count(HANDLE_STREAM));
    CHECK_EQUAL(requests, handle_count(HANDLE_REQUEST));
    handle_retire(handle);
    CHECK_EQUAL(streams, handle_count(HANDLE_STREAM));
    CHECK_EQUAL(0, handle_count(200));
}

TEST(many_objects_have_as_many_handles) {
    enum { COUNT = 5000 }; /* several chunks */
    static Thing things[COUNT];
    static uint64_t handles[COUNT];
    int right = 0;
    for (int i = 0; i < COUNT; i++) handles[i] = handle_new(HANDLE_INSTANCE, &things[i], free_thing);
    for (int i = 0; i < COUNT; i++) {
        right += handle_acquire(handles[i], HANDLE_INSTANCE) == &things[i];
        handle_release(handles[i]);
        handle_retire(handles[i]);
    }
    CHECK_EQUAL(COUNT, right);
    CHECK_EQUAL(0, handle_count(HANDLE_INSTANCE));
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 3000 };

static _Atomic uint64_t shared_handle;
static atomic_int misused;

/* What a Thing is when it is in use: not freed before the last user is gone. */
static void free_used(void *object) {
    Thing *thing = (Thing *)object;
    if (atomic_load(&thing->users) != 0) atomic_fetch_add(&misused, 1);
    free(thing);
}

static void *use_shared(void *argument) {
    (void)argument;
    for (;;) {
        const uint64_t handle = atomic_load(&shared_handle);
        if (handle == UINT64_MAX) return NULL;
        Thing *thing = (Thing *)handle_acquire(handle, HANDLE_REQUEST);
        if (!thing) continue;
        atomic_fetch_add(&thing->users, 1);
        atomic_fetch_sub(&thing->users, 1);
        handle_release(handle);
    }
}

TEST(threads_that_acquire_never_meet_a_freed_object) {
    pthread_t threads[THREADS];
    atomic_store(&shared_handle, 0);
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, use_shared, NULL) == 0);
    for (int round = 0; round < ROUNDS; round++) {
        Thing *thing = (Thing *)calloc(1, sizeof *thing);
        const uint64_t handle = handle_new(HANDLE_REQUEST, thing, free_used);
        atomic_store(&shared_handle, handle);
        handle_retire(handle);
    }
    atomic_store(&shared_handle, UINT64_MAX);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    CHECK_EQUAL(0, atomic_load(&misused));
    CHECK_EQUAL(0, handle_count(HANDLE_REQUEST));
}

static void *make_and_retire(void *argument) {
    atomic_int *wrong = (atomic_int *)argument;
    for (int round = 0; round < ROUNDS; round++) {
        Thing thing = {0};
        const uint64_t handle = handle_new(HANDLE_STREAM, &thing, free_thing);
        if (handle_acquire(handle, HANDLE_STREAM) != &thing) atomic_fetch_add(wrong, 1);
        handle_retire(handle);
        if (atomic_load(&thing.freed) != 0) atomic_fetch_add(wrong, 1);
        handle_release(handle);
        if (atomic_load(&thing.freed) != 1) atomic_fetch_add(wrong, 1);
    }
    return NULL;
}

TEST(threads_that_make_handles_get_their_own) {
    pthread_t threads[THREADS];
    atomic_int wrong = 0;
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, make_and_retire, &wrong) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    CHECK_EQUAL(0, atomic_load(&wrong));
}

TEST(a_forked_child_acquires_nothing) {
    Thing thing = {0};
    int status = -1;
    const uint64_t handle = handle_new(HANDLE_INSTANCE, &thing, free_thing);
    const pid_t child = fork();
    if (child == 0) _exit(handle_acquire(handle, HANDLE_INSTANCE) ? 1 : 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK_EQUAL(0, status);
    CHECK(handle_acquire(handle, HANDLE_INSTANCE) == &thing); /* the parent still does */
    handle_release(handle);
    handle_retire(handle);
}

TEST(an_object_goes_on_under_another_handle) {
    int object;
    const HandlePlace *place;
    const uint64_t old = handle_new(HANDLE_REQUEST, &object, NULL);
    CHECK(handle_peek(old, HANDLE_REQUEST, &place) == &object);
    CHECK(handle_withdraw(old));
    CHECK(!handle_acquire(old, HANDLE_REQUEST));
    CHECK(!handle_peek(old, HANDLE_REQUEST, &place));
    CHECK(!handle_names(old, place));
    CHECK(handle_is_past(old, HANDLE_REQUEST));
    const uint64_t renewed = handle_renew(old);
    CHECK(renewed != old);
    CHECK(handle_acquire(renewed, HANDLE_REQUEST) == &object);
    CHECK(handle_names(renewed, place));
    CHECK(!handle_acquire(old, HANDLE_REQUEST));
    handle_release(renewed);
    handle_retire(renewed);
    CHECK(!handle_names(renewed, place));
}

TEST(a_handle_is_not_withdrawn_while_somebody_has_a_share) {
    int object;
    const uint64_t handle = handle_new(HANDLE_REQUEST, &object, NULL);
    CHECK(handle_acquire(handle, HANDLE_REQUEST) == &object);
    CHECK(!handle_withdraw(handle));
    CHECK(handle_acquire(handle, HANDLE_REQUEST) == &object);
    handle_release(handle);
    handle_release(handle);
    CHECK(handle_withdraw(handle));
    handle_retire(handle_renew(handle));
}

int main(void) {
    RUN(a_handle_leads_to_its_object);
    RUN(a_handle_is_never_that_of_nothing);
    RUN(a_handle_of_another_kind_leads_nowhere);
    RUN(a_handle_with_a_forged_kind_leads_nowhere_and_harms_nothing);
    RUN(numbers_that_never_were_handles_lead_nowhere);
    RUN(retiring_frees_an_object_that_nobody_has);
    RUN(an_object_that_somebody_has_is_freed_at_the_last_release);
    RUN(a_number_is_not_used_again);
    RUN(a_handle_is_past_once_it_is_retired);
    RUN(objects_are_counted_by_kind);
    RUN(many_objects_have_as_many_handles);
    RUN(threads_that_acquire_never_meet_a_freed_object);
    RUN(threads_that_make_handles_get_their_own);
    RUN(an_object_goes_on_under_another_handle);
    RUN(a_handle_is_not_withdrawn_while_somebody_has_a_share);
    RUN(a_forked_child_acquires_nothing);
    return check_result();
}
