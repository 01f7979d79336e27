/* SPDX-License-Identifier: Apache-2.0 */
/* The last generation of a slot takes 16 million objects to reach; here the registry is set to it from inside. */
#include "../../src/native/handles.c"

#include "check.h"

static void free_nothing(void *object) { (void)object; }

TEST(a_slot_that_has_been_through_all_generations_is_given_up) {
    int object;
    const uint64_t first = handle_new(HANDLE_REQUEST, &object, free_nothing);
    handle_retire(first);
    const uint32_t index = (uint32_t)first;
    atomic_store(&slot_at(index)->state, GENERATION_MAX << 40);
    const uint64_t last = handle_new(HANDLE_REQUEST, &object, free_nothing);
    CHECK_EQUAL(index, (uint32_t)last);
    CHECK_EQUAL(GENERATION_MAX, last >> 32 & GENERATION_MAX);
    CHECK(handle_acquire(last, HANDLE_REQUEST) == &object);
    CHECK(!handle_withdraw(last));
    handle_release(last);
    CHECK(!handle_withdraw(last));
    handle_retire(last);
    const uint64_t next = handle_new(HANDLE_REQUEST, &object, free_nothing);
    CHECK((uint32_t)next != index);
    CHECK(!handle_acquire(last, HANDLE_REQUEST));
    CHECK(handle_is_past(last, HANDLE_REQUEST));
    CHECK(handle_is_past(first, HANDLE_REQUEST));
    handle_retire(next);
}

TEST(a_full_registry_gives_no_handle) {
    int object;
    const uint32_t used = registry.used, first_free = registry.first_free;
    registry.used = CHUNKS * CHUNK_SLOTS;
    registry.first_free = 0;
    CHECK_EQUAL(0, handle_new(HANDLE_REQUEST, &object, free_nothing));
    registry.used = used;
    registry.first_free = first_free;
}

int main(void) {
    RUN(a_slot_that_has_been_through_all_generations_is_given_up);
    RUN(a_full_registry_gives_no_handle);
    return check_result();
}
