/* SPDX-License-Identifier: Apache-2.0 */
#include "handles.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNK_SLOTS = 1024, CHUNKS = 16384, KINDS = 4 };

#define GENERATION_MAX UINT64_C(0xFFFFFF)
#define RETIRED        (UINT64_C(1) << 39)
#define COUNT_MASK     (RETIRED - 1)

/* `state` is generation (24 bits), retired (1) and the number of shares (39): all that decides about life in one word. */
typedef struct Slot {
    _Atomic uint64_t state;
    _Atomic(void *) object;
    HandleFree free_object;
    _Atomic uint32_t kind;
    uint32_t next_free;
} Slot;

static struct {
    pthread_mutex_t lock; /* guards everything but `chunks` reads and `state` */
    _Atomic(Slot *) chunks[CHUNKS];
    uint32_t used;       /* slots that were handed out at least once */
    uint32_t first_free; /* index + 1; 0: none */
    _Atomic uint64_t count[KINDS];
    atomic_int forked;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void note_fork(void) { atomic_store(&registry.forked, 1); }
static void watch_fork(void) { pthread_atfork(NULL, NULL, note_fork); }

static uint64_t generation_of(uint64_t state) { return state >> 40; }

static Slot *slot_at(uint32_t index) {
    if (index / CHUNK_SLOTS >= CHUNKS) return NULL;
    Slot *chunk = atomic_load_explicit(&registry.chunks[index / CHUNK_SLOTS], memory_order_acquire);
    return chunk ? &chunk[index % CHUNK_SLOTS] : NULL;
}

/* A slot with its generation set, taken from the free list or new; NULL where no memory is left. Under the lock. */
static Slot *take_slot(uint32_t *index) {
    if (registry.first_free != 0) {
        *index = registry.first_free - 1;
        Slot *slot = slot_at(*index);
        registry.first_free = slot->next_free;
        return slot;
    }
    *index = registry.used;
    if (*index / CHUNK_SLOTS >= CHUNKS) return NULL;
    if (*index % CHUNK_SLOTS == 0) {
        Slot *chunk = (Slot *)calloc(CHUNK_SLOTS, sizeof *chunk);
        if (!chunk) return NULL;
        atomic_store_explicit(&registry.chunks[*index / CHUNK_SLOTS], chunk, memory_order_release);
    }
    registry.used++;
    Slot *slot = slot_at(*index);
    atomic_store(&slot->state, UINT64_C(1) << 40);
    return slot;
}

uint64_t handle_new(uint32_t kind, void *object, HandleFree free_object) {
    uint32_t index;
    pthread_once(&fork_once, watch_fork);
    pthread_mutex_lock(&registry.lock);
    Slot *slot = take_slot(&index);
    pthread_mutex_unlock(&registry.lock);
    if (!slot) return 0;
    atomic_store_explicit(&slot->object, object, memory_order_relaxed);
    slot->free_object = free_object;
    atomic_store_explicit(&slot->kind, kind, memory_order_relaxed);
    uint64_t generation = generation_of(atomic_load(&slot->state));
    /* Publishes the fields above to whoever acquires. */
    atomic_store_explicit(&slot->state, generation << 40 | 1, memory_order_release);
    atomic_fetch_add(&registry.count[kind], 1);
    return (uint64_t)kind << 56 | generation << 32 | index;
}

static int is_named(uint64_t state, uint64_t handle) {
    return generation_of(state) == (handle >> 32 & GENERATION_MAX) && !(state & RETIRED) && (state & COUNT_MASK) != 0;
}

/* The slot of a handle of that kind, whatever it holds now; NULL where there is none, or in a child made by fork(). */
static Slot *slot_of(uint64_t handle, uint32_t kind) {
    if (handle >> 56 != kind || atomic_load_explicit(&registry.forked, memory_order_relaxed)) return NULL;
    return slot_at((uint32_t)handle);
}

/* For a forged number: the kind is a part of the handle that its generation does not vouch for. */
static int has_kind(const Slot *slot, uint32_t kind) {
    return atomic_load_explicit(&slot->kind, memory_order_relaxed) == kind;
}

void *handle_acquire(uint64_t handle, uint32_t kind) {
    Slot *slot = slot_of(handle, kind);
    if (!slot) return NULL;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if (!is_named(state, handle)) return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1, memory_order_acquire,
                                                    memory_order_relaxed));
    if (has_kind(slot, kind)) return atomic_load_explicit(&slot->object, memory_order_relaxed);
    handle_release(handle);
    return NULL;
}

void *handle_peek(uint64_t handle, uint32_t kind, const HandlePlace **place) {
    Slot *slot = slot_of(handle, kind);
    if (!slot || !is_named(atomic_load_explicit(&slot->state, memory_order_acquire), handle) || !has_kind(slot, kind))
        return NULL;
    *place = (const HandlePlace *)slot;
    return atomic_load_explicit(&slot->object, memory_order_relaxed);
}

int handle_names(uint64_t handle, const HandlePlace *place) {
    return is_named(atomic_load_explicit(&((const Slot *)place)->state, memory_order_acquire), handle);
}

int handle_withdraw(uint64_t handle) {
    Slot *slot = slot_at((uint32_t)handle);
    const uint64_t generation = handle >> 32 & GENERATION_MAX;
    uint64_t alone = generation << 40 | 1;
    return generation < GENERATION_MAX &&
           atomic_compare_exchange_strong_explicit(&slot->state, &alone, (generation + 1) << 40, memory_order_acquire,
                                                   memory_order_relaxed);
}

uint64_t handle_renew(uint64_t withdrawn) {
    Slot *slot = slot_at((uint32_t)withdrawn);
    const uint64_t handle = withdrawn + (UINT64_C(1) << 32);
    atomic_store_explicit(&slot->state, (handle >> 32 & GENERATION_MAX) << 40 | 1, memory_order_release);
    return handle;
}

/* The last share of a retired object is gone: frees the object, and the slot for the next generation. */
static void free_slot(Slot *slot, uint32_t index, uint64_t generation) {
    HandleFree free_object = slot->free_object;
    void *object = atomic_load_explicit(&slot->object, memory_order_relaxed);
    atomic_fetch_sub(&registry.count[atomic_load_explicit(&slot->kind, memory_order_relaxed)], 1);
    if (generation < GENERATION_MAX) {
        pthread_mutex_lock(&registry.lock);
        atomic_store(&slot->state, (generation + 1) << 40);
        slot->next_free = registry.first_free;
        registry.first_free = index + 1;
        pthread_mutex_unlock(&registry.lock);
    }
    if (free_object) free_object(object);
}

void handle_release(uint64_t handle) {
    Slot *slot = slot_at((uint32_t)handle);
    const uint64_t state = atomic_fetch_sub_explicit(&slot->state, 1, memory_order_acq_rel) - 1;
    if ((state & RETIRED) && (state & COUNT_MASK) == 0) free_slot(slot, (uint32_t)handle, generation_of(state));
}

void handle_retire(uint64_t handle) {
    /* Not retired yet, so one step sets the bit and takes the share: RETIRED - 1 more. */
    Slot *slot = slot_at((uint32_t)handle);
    const uint64_t state = atomic_fetch_add_explicit(&slot->state, RETIRED - 1, memory_order_acq_rel) + (RETIRED - 1);
    if ((state & COUNT_MASK) == 0) free_slot(slot, (uint32_t)handle, generation_of(state));
}

int handle_is_past(uint64_t handle, uint32_t kind) {
    Slot *slot = slot_at((uint32_t)handle);
    if (handle >> 56 != kind || !slot) return 0;
    const uint64_t state = atomic_load(&slot->state);
    const uint64_t generation = handle >> 32 & GENERATION_MAX;
    return generation > 0 &&
           (generation < generation_of(state) || (generation == generation_of(state) && (state & RETIRED)));
}

uint64_t handle_count(uint32_t kind) { return kind < KINDS ? atomic_load(&registry.count[kind]) : 0; }
