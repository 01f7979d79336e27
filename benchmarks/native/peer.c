/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

char *answer(const char *text) { return strdup(text); }
void give_back(char *text) { free(text); }

typedef struct Calls {
    Hear hear;
    uint64_t count;
    uint64_t length;
} Calls;

static void *call(void *argument) {
    const Calls *calls = (const Calls *)argument;
    char *chunk = (char *)malloc((size_t)calls->length + 1);
    if (!chunk) return NULL;
    memset(chunk, 'x', (size_t)calls->length);
    chunk[calls->length] = '\0';
    for (uint64_t done = 0; done < calls->count; done++) calls->hear(chunk, calls->length);
    free(chunk);
    return NULL;
}

void call_from_thread(Hear hear, uint64_t count, uint64_t length) {
    pthread_t thread;
    Calls calls = {hear, count, length};
    if (pthread_create(&thread, NULL, call, &calls) == 0) pthread_join(thread, NULL);
}
