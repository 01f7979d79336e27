/* SPDX-License-Identifier: Apache-2.0 */
#include "limit.h"
#include "loop_clock.h"
#include "rounds.h"

#include <pthread.h>
#include <stdlib.h>

/* So that the compiler does not leave out what nobody looks at. */
static volatile uint64_t result;

typedef struct Share {
    uint64_t pieces;
    uint64_t rounds;
} Share;

static void *work(void *argument) {
    const Share *share = (const Share *)argument;
    for (uint64_t done = 0; done < share->pieces; done++) result = compute(share->rounds);
    return NULL;
}

uint64_t limit_work(uint64_t count, uint64_t rounds) {
    Share theirs = {count / 2, rounds};
    Share mine = {count - count / 2, rounds};
    pthread_t other;
    const uint64_t begin = now_ns();
    if (pthread_create(&other, NULL, work, &theirs) != 0) abort();
    work(&mine);
    pthread_join(other, NULL);
    return now_ns() - begin;
}

uint64_t limit_work_alone(uint64_t count, uint64_t rounds) {
    Share all = {count, rounds};
    const uint64_t begin = now_ns();
    work(&all);
    return now_ns() - begin;
}
