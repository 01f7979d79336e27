/* SPDX-License-Identifier: Apache-2.0 */
/* rounds.h: work that takes a processor and nothing else. */
#ifndef BENCHMARKS_ROUNDS_H
#define BENCHMARKS_ROUNDS_H

#include <stdint.h>

/* xorshift, each round on the result of the one before. */
static inline uint64_t compute(uint64_t rounds) {
    uint64_t value = 88172645463325252u;
    for (uint64_t done = 0; done < rounds; done++) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    return value;
}

#endif
