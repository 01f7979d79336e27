/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: the tests in C. Each test_<module>.c is a program:
 *
 *     TEST(adds) {
 *         CHECK(1 + 1 == 2);
 *         CHECK_EQUAL(2, 1 + 1);
 *         CHECK_TEXT("two", name_of(2));
 *     }
 *
 *     int main(void) {
 *         RUN(adds);
 *         return check_result();
 *     }
 *
 * It prints `ok <program>.<name>` for each test, or one `FAILED <program>.<name> …` for each check that failed, and
 * exits with 1 where there was one. A failed CHECK lets the test go on; a failed REQUIRE returns from the function it
 * stands in. Checks may be made on any thread of the test that is running. The tests in C++, ../cpp/test_<module>.cpp,
 * use it too.
 */
#ifndef PLUGIN_TESTS_CHECK_H
#define PLUGIN_TESTS_CHECK_H

#include "plugin_interface.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
#include <atomic>
using std::atomic_fetch_add;
using std::atomic_int;
using std::atomic_load;
using std::atomic_store;
#else
#include <stdatomic.h>
#endif

/* The Makefile names it: the file without `.c`. */
#ifndef TEST_PROGRAM
#define TEST_PROGRAM "test"
#endif

static const char *check_test = "";   /* the test that is running */
static atomic_int check_failures;     /* of that test */
static atomic_int check_failed_tests; /* of this program */

/* Counts a failure and begins its line; the caller goes on with the values and ends the line. */
static inline void check_failed_at(const char *file, int line) {
    atomic_fetch_add(&check_failures, 1);
    printf("FAILED %s.%s at %s:%d: ", TEST_PROGRAM, check_test, file, line);
}

static inline int check_true(int holds, const char *expression, const char *file, int line) {
    if (holds) return 1;
    flockfile(stdout);
    check_failed_at(file, line);
    printf("%s does not hold\n", expression);
    funlockfile(stdout);
    return 0;
}

static inline int check_signed(int64_t expected, int64_t got, const char *expression, const char *file, int line) {
    if (expected == got) return 1;
    flockfile(stdout);
    check_failed_at(file, line);
    printf("%s: expected %" PRId64 ", got %" PRId64 " (0x%" PRIX64 ")\n", expression, expected, got, (uint64_t)got);
    funlockfile(stdout);
    return 0;
}

static inline void check_print_text(PluginText text) {
    if (!text.data) {
        printf("NULL");
        return;
    }
    putchar('"');
    for (uint64_t i = 0; i < text.length; i++) {
        const unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte > 0x7E || byte == '"' || byte == '\\')
            printf("\\x%02X", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

static inline int check_plugin_text(const char *expected, PluginText got, const char *expression, const char *file,
                                    int line) {
    const PluginText wanted = {expected, expected ? (uint64_t)strlen(expected) : 0};
    if (got.data && got.length == PLUGIN_UNTIL_NUL) got.length = (uint64_t)strlen(got.data);
    if (!expected || !got.data) {
        if (!expected && !got.data) return 1;
    } else if (wanted.length == got.length && memcmp(expected, got.data, (size_t)got.length) == 0) {
        return 1;
    }
    flockfile(stdout);
    check_failed_at(file, line);
    printf("%s: expected ", expression);
    check_print_text(wanted);
    printf(", got ");
    check_print_text(got);
    putchar('\n');
    funlockfile(stdout);
    return 0;
}

static inline int check_string(const char *expected, const char *got, const char *expression, const char *file,
                               int line) {
    const PluginText text = {got, got ? (uint64_t)strlen(got) : 0};
    return check_plugin_text(expected, text, expression, file, line);
}

/* That `part` is somewhere in `got`: for texts whose wording may grow. */
static inline int check_contains(const char *part, const char *got, const char *expression, const char *file,
                                 int line) {
    if (got && strstr(got, part)) return 1;
    flockfile(stdout);
    check_failed_at(file, line);
    printf("%s: expected something with \"%s\", got \"%s\"\n", expression, part, got ? got : "(NULL)");
    funlockfile(stdout);
    return 0;
}

#define CHECK(condition) (void)check_true(!!(condition), #condition, __FILE__, __LINE__)

/* Two integers of up to 64 bits; the values are printed where they differ. */
#define CHECK_EQUAL(expected, got) (void)check_signed((int64_t)(expected), (int64_t)(got), #got, __FILE__, __LINE__)

/* A C string and a C string or PluginText; NULL equals only NULL. */
#ifdef __cplusplus
static inline int check_text(const char *expected, PluginText got, const char *expression, const char *file, int line) {
    return check_plugin_text(expected, got, expression, file, line);
}
static inline int check_text(const char *expected, const char *got, const char *expression, const char *file,
                             int line) {
    return check_string(expected, got, expression, file, line);
}
#define CHECK_TEXT(expected, got) (void)check_text(expected, got, #got, __FILE__, __LINE__)
#else
#define CHECK_TEXT(expected, got)                                                                                      \
    (void)_Generic((got), PluginText: check_plugin_text, char *: check_string, const char *: check_string)(            \
        expected, got, #got, __FILE__, __LINE__)
#endif

#define CHECK_CONTAINS(part, got) (void)check_contains(part, got, #got, __FILE__, __LINE__)

/* What the rest of a void function needs. */
#define REQUIRE(condition)                                                                                             \
    do {                                                                                                               \
        if (!check_true(!!(condition), #condition, __FILE__, __LINE__)) return;                                        \
    } while (0)

/* A test that is defined but not run is an unused function, so a warning, so an error. */
#define TEST(name) static void name(void)

#define RUN(name) check_run(name, #name)

static inline void check_run(void (*test)(void), const char *name) {
    check_test = name;
    atomic_store(&check_failures, 0);
    test();
    if (atomic_load(&check_failures) == 0)
        printf("ok %s.%s\n", TEST_PROGRAM, name);
    else
        atomic_fetch_add(&check_failed_tests, 1);
    fflush(stdout); /* a crash in the next test must not lose this line, a fork() not print it twice */
}

/* The exit code of main. */
static inline int check_result(void) { return atomic_load(&check_failed_tests) != 0; }

#endif
