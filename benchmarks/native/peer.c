/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *answer(const char *text) { return strdup(text); }
void give_back(char *text) { free(text); }

void sleep_us(uint64_t microseconds) {
    const struct timespec time = {.tv_sec = (time_t)(microseconds / 1000000u),
                                  .tv_nsec = (long)(microseconds % 1000000u) * 1000};
    nanosleep(&time, NULL);
}

typedef struct Calls {
    Hear hear;
    uint64_t count;
    uint64_t length;
} Calls;

static void *call(void *argument) {
    const Calls *calls = (const Calls *)argument;
    call_here(calls->hear, calls->count, calls->length);
    return NULL;
}

void call_here(Hear hear, uint64_t count, uint64_t length) {
    char *chunk = (char *)malloc((size_t)length + 1);
    if (!chunk) return;
    memset(chunk, 'x', (size_t)length);
    chunk[length] = '\0';
    for (uint64_t done = 0; done < count; done++) hear(chunk, length);
    free(chunk);
}

void call_from_thread(Hear hear, uint64_t count, uint64_t length) {
    pthread_t thread;
    Calls calls = {hear, count, length};
    if (pthread_create(&thread, NULL, call, &calls) == 0) pthread_join(thread, NULL);
}
