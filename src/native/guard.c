/* SPDX-License-Identifier: Apache-2.0 */
#include "guard.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef O_PATH
#define O_PATH O_RDONLY /* Linux alone can open a directory that it may not read */
#endif

enum { DIRECTORY, NUMERIC, THREAD_LOCALE, FIRST_SIGNAL, SIGNALS = 4, KINDS = FIRST_SIGNAL + SIGNALS, DETAIL = 200 };

static const struct {
    int number;
    const char *name;
} watched[SIGNALS] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"}, {SIGCHLD, "SIGCHLD"}};

/* A difference, for the guarded calls that were running when it was found. */
typedef struct Difference {
    uint64_t number;   /* in the order in which they were found; 0: none */
    uint32_t suspects; /* calls that were running */
    int stays;         /* errno, where it could not be put back */
    char detail[DETAIL];
} Difference;

static struct {
    pthread_mutex_t lock; /* guards all that follows, and the process while it is compared and put right */
    uint32_t running;     /* guarded calls; the reference is good while there is one */
    uint64_t found;       /* differences so far */
    Difference last[KINDS];
    int directory; /* open; -1: not known */
    struct stat directory_stat;
    char *directory_path; /* NULL: not known */
    char *numeric;        /* NULL: not known */
    struct sigaction actions[SIGNALS];
    int has_action[SIGNALS];
} process = {.lock = PTHREAD_MUTEX_INITIALIZER, .directory = -1};

/* ---- the reference ---- */

static void remember(void) {
    const char *numeric = setlocale(LC_NUMERIC, NULL);
    process.directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (process.directory >= 0 && fstat(process.directory, &process.directory_stat) != 0) {
        close(process.directory);
        process.directory = -1;
    }
    process.directory_path = getcwd(NULL, 0);
    process.numeric = numeric ? strdup(numeric) : NULL;
    for (int i = 0; i < SIGNALS; i++)
        process.has_action[i] = sigaction(watched[i].number, NULL, &process.actions[i]) == 0;
}

static int is_directory(const struct stat *found) {
    return found->st_dev == process.directory_stat.st_dev && found->st_ino == process.directory_stat.st_ino;
}

/* Whether the descriptor is still ours: a plugin may have closed what it did not open. */
static int has_directory(void) {
    struct stat found;
    return fstat(process.directory, &found) == 0 && is_directory(&found);
}

static void forget(void) {
    if (process.directory >= 0 && has_directory()) close(process.directory);
    free(process.directory_path);
    free(process.numeric);
    process.directory = -1;
    process.directory_path = NULL;
    process.numeric = NULL;
}

/* ---- comparing and putting right; all under the lock ---- */

/* What could not be put back is watched no more, so that later calls are not blamed for it. */
static void note(int kind, int stays, const char *detail) {
    Difference *difference = &process.last[kind];
    difference->number = ++process.found;
    difference->suspects = process.running;
    difference->stays = stays;
    snprintf(difference->detail, sizeof difference->detail, "%s", detail);
}

static void compare_directory(void) {
    struct stat found;
    if (process.directory < 0) return;
    if (stat(".", &found) == 0 && is_directory(&found)) return;
    char *path = getcwd(NULL, 0);
    int stays = 0;
    if (has_directory()) {
        if (fchdir(process.directory) != 0) stays = errno;
    } else if (!process.directory_path || chdir(process.directory_path) != 0) {
        stays = process.directory_path ? errno : ENOENT;
    }
    note(DIRECTORY, stays, path ? path : "a directory that is gone");
    free(path);
    if (!stays) return;
    if (has_directory()) close(process.directory);
    process.directory = -1;
}

static void compare_numeric(void) {
    const char *numeric = setlocale(LC_NUMERIC, NULL);
    if (!process.numeric || !numeric || strcmp(numeric, process.numeric) == 0) return;
    char found[DETAIL];
    snprintf(found, sizeof found, "%s", numeric); /* the next setlocale overwrites it */
    const int stays = setlocale(LC_NUMERIC, process.numeric) ? 0 : EINVAL;
    note(NUMERIC, stays, found);
    if (!stays) return;
    free(process.numeric);
    process.numeric = NULL;
}

static int same_handler(const struct sigaction *a, const struct sigaction *b) {
    if ((a->sa_flags & SA_SIGINFO) != (b->sa_flags & SA_SIGINFO)) return 0;
    return a->sa_flags & SA_SIGINFO ? a->sa_sigaction == b->sa_sigaction : a->sa_handler == b->sa_handler;
}

static void compare_signal(int i) {
    struct sigaction found;
    if (!process.has_action[i] || sigaction(watched[i].number, NULL, &found) != 0) return;
    if (same_handler(&found, &process.actions[i])) return;
    const char *kind = "a handler";
    if (!(found.sa_flags & SA_SIGINFO)) {
        if (found.sa_handler == SIG_DFL) kind = "the default";
        if (found.sa_handler == SIG_IGN) kind = "\"ignored\"";
    }
    const int stays = sigaction(watched[i].number, &process.actions[i], NULL) == 0 ? 0 : errno;
    note(FIRST_SIGNAL + i, stays, kind);
    process.has_action[i] = !stays;
}

static void compare(void) {
    compare_directory();
    compare_numeric();
    for (int i = 0; i < SIGNALS; i++) compare_signal(i);
}

/* ---- words ---- */

typedef struct Words {
    char *text;
    size_t capacity;
    size_t length;
} Words;

static void say(Words *words, const char *format, ...) NATIVE_PRINTF(2, 3);

static void say(Words *words, const char *format, ...) {
    va_list arguments;
    if (words->length + 1 >= words->capacity) return;
    va_start(arguments, format);
    const int written = vsnprintf(words->text + words->length, words->capacity - words->length, format, arguments);
    va_end(arguments);
    if (written > 0) words->length += (size_t)written;
    if (words->length >= words->capacity) words->length = words->capacity - 1;
}

static void say_difference(Words *words, int kind, const Difference *difference) {
    say(words, "%s", words->length ? "; " : "");
    if (kind == DIRECTORY)
        say(words, "the working directory was changed to %s", difference->detail);
    else if (kind == NUMERIC)
        say(words, "the numeric locale was changed to %s", difference->detail);
    else
        say(words, "the disposition of %s was changed to %s", watched[kind - FIRST_SIGNAL].name, difference->detail);
    if (difference->stays)
        say(words, " and could not be put back (%s)", strerror(difference->stays));
    else
        say(words, " and was put back");
}

static const char *advice(uint32_t changed) {
    if (changed == GUARD_DIRECTORY) return "use full paths, or those beside `config_path`";
    if (changed & (GUARD_DIRECTORY | GUARD_NUMERIC | GUARD_THREAD_LOCALE)) {
        if (!(changed & ~(uint32_t)(GUARD_NUMERIC | GUARD_THREAD_LOCALE)))
            return "restore the locale before returning, or format numbers without it";
        return "leave them alone";
    }
    return "leave signals to the host";
}

/* ---- the two calls ---- */

void guard_take(Guard *guard) {
    pthread_mutex_lock(&process.lock);
    if (process.running == 0)
        remember();
    else
        compare(); /* what is different already was not this call */
    process.running++;
    guard->begun = process.found;
    pthread_mutex_unlock(&process.lock);
    guard->locale = uselocale((locale_t)0);
}

uint32_t guard_check(const Guard *guard, char *text, size_t capacity) {
    Words words = {text, capacity, 0};
    uint32_t changed = 0;
    uint32_t suspects = 1;
    if (capacity > 0) text[0] = '\0';
    if (uselocale((locale_t)0) != guard->locale) {
        uselocale(guard->locale);
        say(&words, "the locale of the calling thread was changed and was put back");
        changed |= GUARD_THREAD_LOCALE;
    }
    pthread_mutex_lock(&process.lock);
    compare();
    for (int kind = 0; kind < KINDS; kind++) {
        const Difference *difference = &process.last[kind];
        if (difference->number <= guard->begun) continue;
        changed |= 1u << kind;
        say_difference(&words, kind, difference);
        if (difference->suspects > suspects) suspects = difference->suspects;
    }
    if (--process.running == 0) forget();
    pthread_mutex_unlock(&process.lock);
    if (!changed) return 0;
    say(&words, ". This belongs to the host: %s.", advice(changed));
    if (suspects > 1) say(&words, " Of the %u plugins that were starting then it may have been another one.", suspects);
    return changed;
}
