/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "guard.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char start[PATH_MAX]; /* the working directory of the tests */
static char folder[PATH_MAX];

static const char *where(void) {
    static char path[PATH_MAX];
    return getcwd(path, sizeof path);
}

/* A check with a text. */
typedef struct Found {
    uint32_t changed;
    char text[1024];
} Found;

static Found check(const Guard *guard) {
    Found found;
    found.changed = guard_check(guard, found.text, sizeof found.text);
    return found;
}

static void on_signal(int number) { (void)number; }
static void on_signal_info(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; }

static struct sigaction action_of(int number) {
    struct sigaction action;
    sigaction(number, NULL, &action);
    return action;
}

static void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(number, &action, NULL);
}

/* ---- one call ---- */

TEST(what_leaves_the_process_alone_is_not_blamed) {
    Guard guard;
    guard_take(&guard);
    const Found found = check(&guard);
    CHECK_EQUAL(0, found.changed);
    CHECK_TEXT("", found.text);
}

TEST(a_changed_directory_is_put_back) {
    Guard guard;
    guard_take(&guard);
    CHECK(chdir(folder) == 0);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_DIRECTORY, found.changed);
    CHECK_TEXT(start, where());
    CHECK_CONTAINS(folder, found.text);
    CHECK_CONTAINS(" and was put back. This belongs to the host: use full paths", found.text);
}

TEST(a_directory_that_is_gone_is_left) {
    Guard guard;
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/gone", folder);
    guard_take(&guard);
    CHECK(mkdir(path, 0700) == 0 && chdir(path) == 0 && rmdir(path) == 0);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_DIRECTORY, found.changed);
    CHECK_CONTAINS("a directory that is gone", found.text);
    CHECK_TEXT(start, where());
}

TEST(a_directory_is_found_again_without_its_descriptor) {
    Guard guard;
    guard_take(&guard);
    CHECK(chdir(folder) == 0);
    for (int file = 3; file < 64; file++) {
        struct stat found, home;
        if (fstat(file, &found) == 0 && stat(start, &home) == 0 && found.st_ino == home.st_ino) close(file);
    }
    CHECK_EQUAL(GUARD_DIRECTORY, check(&guard).changed);
    CHECK_TEXT(start, where());
}

TEST(a_directory_that_cannot_be_put_back_is_told_once) {
    Guard guard, next;
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/home", folder);
    CHECK(mkdir(path, 0700) == 0 && chdir(path) == 0);
    guard_take(&guard);
    for (int file = 3; file < 64; file++) {
        struct stat found, home;
        if (fstat(file, &found) == 0 && stat(path, &home) == 0 && found.st_ino == home.st_ino) close(file);
    }
    CHECK(chdir(start) == 0 && rmdir(path) == 0);
    guard_take(&next);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_DIRECTORY, found.changed);
    CHECK_CONTAINS("could not be put back (No such file or directory)", found.text);
    CHECK_EQUAL(0, check(&next).changed);
    CHECK(chdir(start) == 0);
}

TEST(a_changed_numeric_locale_is_put_back) {
    Guard guard;
    guard_take(&guard);
    REQUIRE(setlocale(LC_NUMERIC, "C.UTF-8"));
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_NUMERIC, found.changed);
    CHECK_TEXT("C", setlocale(LC_NUMERIC, NULL));
    CHECK_TEXT("the numeric locale was changed to C.UTF-8 and was put back. This belongs to the host: restore the "
               "locale before returning, or format numbers without it.",
               found.text);
}

TEST(another_part_of_the_locale_is_not_looked_at) {
    Guard guard;
    guard_take(&guard);
    CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
    CHECK_EQUAL(0, check(&guard).changed);
    CHECK_TEXT("C.UTF-8", setlocale(LC_CTYPE, NULL));
    setlocale(LC_CTYPE, "C");
}

TEST(a_changed_locale_of_the_thread_is_put_back) {
    Guard guard;
    const locale_t before = uselocale((locale_t)0);
    guard_take(&guard);
    const locale_t own = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    uselocale(own);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_THREAD_LOCALE, found.changed);
    CHECK_CONTAINS("the locale of the calling thread was changed", found.text);
    CHECK(uselocale((locale_t)0) == before);
    freelocale(own);
}

static void check_signal(int number, const char *name, uint32_t bit) {
    char expected[256];
    Guard guard;
    const struct sigaction before = action_of(number);
    snprintf(expected, sizeof expected,
             "the disposition of %s was changed to a handler and was put back. This belongs to the host: leave signals "
             "to the host.",
             name);
    guard_take(&guard);
    handle(number, on_signal, 0);
    const Found found = check(&guard);
    CHECK_EQUAL(bit, found.changed);
    CHECK_TEXT(expected, found.text);
    CHECK(action_of(number).sa_handler == before.sa_handler);
}

TEST(changed_handlers_are_put_back) {
    check_signal(SIGINT, "SIGINT", GUARD_SIGINT);
    check_signal(SIGTERM, "SIGTERM", GUARD_SIGTERM);
    check_signal(SIGPIPE, "SIGPIPE", GUARD_SIGPIPE);
    check_signal(SIGCHLD, "SIGCHLD", GUARD_SIGCHLD);
}

TEST(an_ignored_signal_is_put_back) {
    Guard guard;
    guard_take(&guard);
    handle(SIGPIPE, SIG_IGN, 0);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_SIGPIPE, found.changed);
    CHECK_CONTAINS("changed to \"ignored\"", found.text);
    CHECK(action_of(SIGPIPE).sa_handler == SIG_DFL);
}

TEST(the_hosts_own_handler_comes_back_with_flags_and_mask) {
    struct sigaction own;
    Guard guard;
    memset(&own, 0, sizeof own);
    own.sa_sigaction = on_signal_info;
    own.sa_flags = SA_SIGINFO | SA_RESTART;
    sigaddset(&own.sa_mask, SIGUSR1);
    sigaction(SIGTERM, &own, NULL);
    guard_take(&guard);
    handle(SIGTERM, SIG_DFL, 0);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_SIGTERM, found.changed);
    CHECK_CONTAINS("changed to the default", found.text);
    CHECK(action_of(SIGTERM).sa_sigaction == on_signal_info);
    CHECK_EQUAL(own.sa_flags, action_of(SIGTERM).sa_flags & (SA_SIGINFO | SA_RESTART));
    const struct sigaction now = action_of(SIGTERM);
    CHECK_EQUAL(1, sigismember(&now.sa_mask, SIGUSR1));
    handle(SIGTERM, SIG_DFL, 0);
}

TEST(flags_of_a_handler_are_not_looked_at) {
    Guard guard;
    handle(SIGINT, on_signal, 0);
    guard_take(&guard);
    handle(SIGINT, on_signal, SA_RESTART);
    CHECK_EQUAL(0, check(&guard).changed);
    CHECK_EQUAL(SA_RESTART, action_of(SIGINT).sa_flags & SA_RESTART);
    handle(SIGINT, SIG_DFL, 0);
}

TEST(signals_that_are_the_plugins_business_are_left) {
    Guard guard;
    guard_take(&guard);
    handle(SIGUSR1, on_signal, 0);
    CHECK_EQUAL(0, check(&guard).changed);
    CHECK(action_of(SIGUSR1).sa_handler == on_signal);
    handle(SIGUSR1, SIG_DFL, 0);
}

TEST(several_changes_are_told_together) {
    Guard guard;
    guard_take(&guard);
    CHECK(chdir(folder) == 0);
    handle(SIGINT, SIG_IGN, 0);
    const Found found = check(&guard);
    CHECK_EQUAL(GUARD_DIRECTORY | GUARD_SIGINT, found.changed);
    CHECK_CONTAINS("the working directory was changed to ", found.text);
    CHECK_CONTAINS("; the disposition of SIGINT was changed to \"ignored\" and was put back.", found.text);
    CHECK_CONTAINS("leave them alone", found.text);
}

TEST(a_change_is_told_once) {
    Guard first, second;
    guard_take(&first);
    handle(SIGINT, SIG_IGN, 0);
    check(&first);
    guard_take(&second);
    CHECK_EQUAL(0, check(&second).changed);
}

TEST(a_text_without_room_is_cut) {
    Guard guard;
    char text[12];
    memset(text, '#', sizeof text);
    guard_take(&guard);
    handle(SIGINT, SIG_IGN, 0);
    CHECK_EQUAL(GUARD_SIGINT, guard_check(&guard, text, 8));
    CHECK_TEXT("the dis", text);
    CHECK_EQUAL('#', text[8]);
    guard_take(&guard);
    handle(SIGINT, SIG_IGN, 0);
    CHECK_EQUAL(GUARD_SIGINT, guard_check(&guard, NULL, 0));
}

/* ---- calls that overlap ---- */

TEST(a_change_during_two_calls_is_told_to_both_with_doubt) {
    Guard first, second;
    guard_take(&first);
    guard_take(&second);
    handle(SIGINT, SIG_IGN, 0);
    const Found one = check(&first), other = check(&second);
    CHECK_EQUAL(GUARD_SIGINT, one.changed);
    CHECK_EQUAL(GUARD_SIGINT, other.changed);
    CHECK_CONTAINS("Of the 2 plugins that were starting then it may have been another one.", one.text);
    CHECK_CONTAINS("Of the 2 plugins that were starting then it may have been another one.", other.text);
    CHECK(action_of(SIGINT).sa_handler == SIG_DFL);
}

TEST(a_call_that_began_after_the_change_is_not_blamed) {
    Guard guilty, innocent;
    guard_take(&guilty);
    CHECK(chdir(folder) == 0);
    guard_take(&innocent);
    CHECK_TEXT(start, where()); /* and finds the process as it has to be */
    CHECK_EQUAL(0, check(&innocent).changed);
    const Found found = check(&guilty);
    CHECK_EQUAL(GUARD_DIRECTORY, found.changed);
    CHECK(!strstr(found.text, "another one"));
}

TEST(a_call_that_returned_before_the_change_is_not_blamed) {
    Guard guilty, innocent;
    guard_take(&guilty);
    guard_take(&innocent);
    CHECK_EQUAL(0, check(&innocent).changed);
    CHECK(chdir(folder) == 0);
    const Found found = check(&guilty);
    CHECK_EQUAL(GUARD_DIRECTORY, found.changed);
    CHECK(!strstr(found.text, "another one"));
}

TEST(the_host_may_change_the_process_between_calls) {
    Guard guard;
    guard_take(&guard);
    check(&guard);
    CHECK(chdir(folder) == 0);
    guard_take(&guard);
    CHECK_EQUAL(0, check(&guard).changed);
    CHECK_TEXT(folder, where());
    CHECK(chdir(start) == 0);
}

static void *guard_often(void *argument) {
    atomic_int *blamed = (atomic_int *)argument;
    for (int round = 0; round < 300; round++) {
        Guard guard;
        guard_take(&guard);
        if (check(&guard).changed) atomic_fetch_add(blamed, 1);
    }
    return NULL;
}

TEST(threads_that_change_nothing_are_never_blamed) {
    pthread_t threads[4];
    atomic_int blamed = 0;
    for (int i = 0; i < 4; i++) REQUIRE(pthread_create(&threads[i], NULL, guard_often, &blamed) == 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    CHECK_EQUAL(0, atomic_load(&blamed));
}

static int open_files(void) {
    int count = 0;
    for (int file = 0; file < 256; file++) {
        struct stat found;
        count += fstat(file, &found) == 0;
    }
    return count;
}

TEST(no_descriptor_stays_open) {
    Guard guard;
    const int before = open_files();
    guard_take(&guard);
    CHECK(chdir(folder) == 0);
    check(&guard);
    CHECK_EQUAL(before, open_files());
}

int main(void) {
    const char *base = getenv("TMPDIR");
    char made[PATH_MAX];
    snprintf(made, sizeof made, "%s/guard.XXXXXX", base && *base ? base : "/tmp");
    if (!getcwd(start, sizeof start) || !mkdtemp(made) || !realpath(made, folder)) return 2;
    RUN(what_leaves_the_process_alone_is_not_blamed);
    RUN(no_descriptor_stays_open);
    RUN(a_changed_directory_is_put_back);
    RUN(a_directory_that_is_gone_is_left);
    RUN(a_directory_is_found_again_without_its_descriptor);
    RUN(a_directory_that_cannot_be_put_back_is_told_once);
    RUN(a_changed_numeric_locale_is_put_back);
    RUN(another_part_of_the_locale_is_not_looked_at);
    RUN(a_changed_locale_of_the_thread_is_put_back);
    RUN(changed_handlers_are_put_back);
    RUN(an_ignored_signal_is_put_back);
    RUN(the_hosts_own_handler_comes_back_with_flags_and_mask);
    RUN(flags_of_a_handler_are_not_looked_at);
    RUN(signals_that_are_the_plugins_business_are_left);
    RUN(several_changes_are_told_together);
    RUN(a_change_is_told_once);
    RUN(a_text_without_room_is_cut);
    RUN(a_change_during_two_calls_is_told_to_both_with_doubt);
    RUN(a_call_that_began_after_the_change_is_not_blamed);
    RUN(a_call_that_returned_before_the_change_is_not_blamed);
    RUN(the_host_may_change_the_process_between_calls);
    RUN(threads_that_change_nothing_are_never_blamed);
    rmdir(folder);
    return check_result();
}
