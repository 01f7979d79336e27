/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

enum { SIGNALS = 4 };

static const int signals[SIGNALS] = {SIGINT, SIGTERM, SIGPIPE, SIGCHLD};
static const char *const signal_names[SIGNALS] = {"SIGINT", "SIGTERM", "SIGPIPE", "SIGCHLD"};

static struct {
    pthread_mutex_t lock;
    int active;            /* guards that have begun and not ended */
    int shared;            /* two were active at the same time since the first began */
    char folder[PATH_MAX]; /* empty: not known */
    char locale[128];
    struct sigaction actions[SIGNALS];
} reference = {.lock = PTHREAD_MUTEX_INITIALIZER};

void guard_begin(void) {
    pthread_mutex_lock(&reference.lock);
    if (reference.active++ == 0) {
        const char *locale = setlocale(LC_NUMERIC, NULL);
        if (!getcwd(reference.folder, sizeof reference.folder)) reference.folder[0] = '\0';
        snprintf(reference.locale, sizeof reference.locale, "%s", locale ? locale : "");
        for (int index = 0; index < SIGNALS; index++) sigaction(signals[index], NULL, &reference.actions[index]);
        reference.shared = 0;
    } else {
        reference.shared = 1;
    }
    pthread_mutex_unlock(&reference.lock);
}

/* Adds a word to the list of what was changed. */
static void add(char *list, size_t capacity, const char *word) {
    const size_t length = strlen(list);
    snprintf(list + length, capacity - length, "%s%s", length > 0 ? ", " : "", word);
}

static void check_folder(char *list, size_t capacity) {
    char folder[PATH_MAX];
    if (!reference.folder[0] || !getcwd(folder, sizeof folder) || strcmp(folder, reference.folder) == 0) return;
    add(list, capacity, chdir(reference.folder) == 0 ? "the working directory" : "the working directory (for good)");
}

static void check_locale(char *list, size_t capacity) {
    const char *locale = setlocale(LC_NUMERIC, NULL);
    if (!locale || strcmp(locale, reference.locale) == 0) return;
    setlocale(LC_NUMERIC, reference.locale);
    add(list, capacity, "the numeric locale");
}

static int same_action(const struct sigaction *a, const struct sigaction *b) {
    if ((a->sa_flags & SA_SIGINFO) != (b->sa_flags & SA_SIGINFO)) return 0;
    return a->sa_flags & SA_SIGINFO ? a->sa_sigaction == b->sa_sigaction : a->sa_handler == b->sa_handler;
}

static void check_signals(char *list, size_t capacity) {
    for (int index = 0; index < SIGNALS; index++) {
        struct sigaction found;
        char word[64];
        if (sigaction(signals[index], NULL, &found) != 0 || same_action(&found, &reference.actions[index])) continue;
        sigaction(signals[index], &reference.actions[index], NULL);
        snprintf(word, sizeof word, "the disposition of %s", signal_names[index]);
        add(list, capacity, word);
    }
}

int guard_end(char *text, size_t capacity) {
    char list[256] = "";
    pthread_mutex_lock(&reference.lock);
    check_folder(list, sizeof list);
    check_locale(list, sizeof list);
    check_signals(list, sizeof list);
    const int shared = reference.shared;
    reference.active--;
    pthread_mutex_unlock(&reference.lock);
    if (!list[0]) return 0;
    snprintf(text, capacity, "%s changed what belongs to the host, and it was put back: %s",
             shared ? "this plugin, or another that was started at the same time," : "the plugin", list);
    return 1;
}
