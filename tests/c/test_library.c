/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "library.h"
#include "library_format.h"
#include "text.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static char folder[PATH_MAX]; /* of this run; everything in it is removed at the end */

/* A path in the folder; four are valid at a time. */
static const char *in_folder(const char *name) {
    static char paths[4][PATH_MAX + 512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static const char *plugin(const char *name) {
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/lib%s.so", TEST_PLUGINS, name);
    return path;
}

/* The whole of a file; the caller frees it. */
static char *read_file(const char *path, size_t *size) {
    struct stat found;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = file >= 0 && fstat(file, &found) == 0 ? (char *)malloc((size_t)found.st_size) : NULL;
    *size = 0;
    if (bytes) {
        *size = (size_t)found.st_size;
        if (read(file, bytes, *size) != found.st_size) *size = 0;
    }
    close(file);
    return bytes;
}

/* Puts a file into the folder in the place of any other (a new file, not new bytes in the old one). */
static const char *write_file(const char *name, const void *bytes, size_t size) {
    const char *path = in_folder(name), *fresh = in_folder("fresh");
    const int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const int written = file >= 0 && write(file, bytes, size) == (ssize_t)size;
    close(file);
    CHECK(written && rename(fresh, path) == 0);
    return path;
}

/* A copy of the good plugin, which no other test has loaded. */
static const char *copy_of(const char *plugin_name, const char *name) {
    size_t size;
    char *bytes = read_file(plugin(plugin_name), &size);
    const char *path = write_file(name, bytes, size);
    free(bytes);
    return path;
}

/* ---- opening ---- */

typedef struct Said {
    PluginError error;
    char text[1025];
} Said;

static CoreLibrary *open_library(const char *path, Said *said) {
    memset(said, 0, sizeof *said);
    said->error.struct_size = (uint32_t)sizeof said->error;
    said->error.text = said->text;
    said->error.capacity = sizeof said->text - 1;
    return core_library_open(path, &said->error);
}

/* That a file is refused, with this status and text. */
static void check_refused(const char *path, PluginStatus status, const char *part) {
    Said said;
    CoreLibrary *library = open_library(path, &said);
    CHECK(!library);
    CHECK_EQUAL(status, said.error.status);
    CHECK_CONTAINS(part, said.text);
    CHECK_CONTAINS("; ", said.text); /* what to do */
    if (library) core_library_close(library, 1);
    CHECK_EQUAL(0, library_count());
}

static int is_mapped(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    if (handle) dlclose(handle);
    return handle != NULL;
}

TEST(a_plugin_gives_its_entry_symbols) {
    Said said;
    CoreLibrary *library = open_library(plugin("library_good"), &said);
    REQUIRE(library);
    PluginInterface *table = library_create(library)();
    REQUIRE(table && library_destroy(library));
    CHECK_EQUAL(PLUGIN_ABI_VERSION, table->abi_version);
    library_destroy(library)(table);
    CHECK_TEXT(plugin("library_good"), library_path(library));
    CHECK_EQUAL(1, library_count());
    core_library_close(library, 1);
    CHECK_EQUAL(0, library_count());
}

TEST(destroy_plugin_may_be_missing) {
    Said said;
    CoreLibrary *library = open_library(plugin("library_no_destroy"), &said);
    REQUIRE(library);
    CHECK(library_create(library));
    CHECK(!library_destroy(library));
    core_library_close(library, 1);
}

TEST(a_path_without_a_slash_is_a_file_of_the_working_directory) {
    char before[PATH_MAX];
    Said said;
    copy_of("library_good", "here.so");
    REQUIRE(getcwd(before, sizeof before) && chdir(folder) == 0);
    CoreLibrary *library = open_library("here.so", &said);
    CHECK_TEXT("", said.text);
    CHECK(chdir(before) == 0);
    REQUIRE(library);
    CHECK_TEXT(in_folder("here.so"), library_path(library));
    core_library_close(library, 1);
}

/* ---- what is not a library ---- */

TEST(no_path_is_refused) {
    CHECK(!core_library_open(NULL, NULL));
    CHECK(!core_library_open("", NULL));
}

TEST(a_missing_file_is_refused) {
    check_refused(in_folder("missing.so"), PLUGIN_NOT_FOUND, "there is no such file; build the plugin");
    check_refused(in_folder("here.so/missing.so"), PLUGIN_NOT_FOUND, "there is no such file");
}

TEST(an_empty_file_is_refused) {
    check_refused(write_file("empty.so", "", 0), PLUGIN_ERROR, "it is empty; copy or build it again");
}

TEST(a_text_file_is_refused) {
    check_refused(write_file("text.so", "hello\n", 6), PLUGIN_ERROR, "it is not a shared library; check the `library`");
    check_refused(write_file("text.so", "\x7F", 1), PLUGIN_ERROR, "it is not a shared library");
}

TEST(a_folder_is_refused) { check_refused(folder, PLUGIN_ERROR, "it is a folder, not a file"); }

TEST(a_pipe_is_refused_and_not_waited_for) {
    REQUIRE(mkfifo(in_folder("pipe.so"), 0600) == 0);
    check_refused(in_folder("pipe.so"), PLUGIN_ERROR, "it is a device or pipe, not a file");
}

TEST(a_file_that_may_not_be_read_is_refused) {
    const int root = geteuid() == 0; /* who may read everything */
    const char *path = copy_of("library_good", "secret.so");
    REQUIRE(chmod(path, 0) == 0 && chmod(folder, 0755) == 0);
    if (root) REQUIRE(seteuid(65534) == 0);
    check_refused(path, PLUGIN_ERROR, "it may not be read; give this user the right to (chmod)");
    if (root) REQUIRE(seteuid(0) == 0);
}

TEST(libraries_of_other_systems_are_recognised) {
    check_refused(write_file("other.so", "MZ\x90\0\x03\0\0\0\x04", 9), PLUGIN_UNSUPPORTED, "it was built for Windows");
    check_refused(write_file("other.so", "\xCF\xFA\xED\xFE\x07\0\0\x01", 8), PLUGIN_UNSUPPORTED,
                  "it was built for macOS");
    check_refused(write_file("other.so", "\xCA\xFE\xBA\xBE\0\0\0\x02", 8), PLUGIN_UNSUPPORTED,
                  "it was built for macOS");
    check_refused(write_file("other.so", "\0asm\x01\0\0\0", 8), PLUGIN_UNSUPPORTED, "it is WebAssembly");
    check_refused(write_file("other.so", "!<arch>\n/", 9), PLUGIN_ERROR, "it is a static library; link its objects");
}

TEST(a_library_that_is_no_plugin_is_refused) {
    check_refused(plugin("library_no_create"), PLUGIN_ERROR,
                  "it does not export create_plugin, so it is not a plugin, or hides the symbol; export it with "
                  "PLUGIN_DEFINE");
    CHECK(!is_mapped(plugin("library_no_create")));
}

TEST(a_library_with_an_undefined_symbol_is_refused) {
    check_refused(
        plugin("library_undefined"), PLUGIN_ERROR,
        "undefined symbol: a_function_that_is_nowhere; link the plugin with the library that has this symbol");
}

TEST(a_long_path_leaves_room_for_the_advice) {
    char path[3000];
    memset(path, 'x', sizeof path);
    for (size_t i = 0; i < sizeof path; i += 100) path[i] = '/';
    path[sizeof path - 1] = '\0';
    check_refused(path, PLUGIN_NOT_FOUND, "there is no such file; build the plugin");
}

TEST(a_path_that_is_not_utf8_gives_a_text_that_is) {
    Said said;
    CHECK(!open_library(in_folder("gr\xFC\xDF.so"), &said));
    CHECK_EQUAL(said.error.length, text_valid_until(said.text, said.error.length));
    CHECK_CONTAINS("gr\xEF\xBF\xBD\xEF\xBF\xBD.so", said.text);
}

/* ---- damaged and foreign ELF ---- */

TEST(a_copy_cut_off_anywhere_is_truncated) {
    size_t size;
    char *bytes = read_file(plugin("library_good"), &size);
    REQUIRE(size > 4096);
    for (size_t length = 4; length < size; length += length < 128 ? 1 : 509)
        check_refused(write_file("cut.so", bytes, length), PLUGIN_ERROR, "it is truncated: it has ");
    check_refused(write_file("cut.so", bytes, size - 1), PLUGIN_ERROR, "it is truncated: it has ");
    free(bytes);
}

TEST(a_copy_stripped_of_sections_and_cut_off_is_truncated) {
    size_t size;
    char *bytes = read_file(plugin("library_good"), &size);
    REQUIRE(size > 4096);
    ElfW(Ehdr) head;
    memcpy(&head, bytes, sizeof head);
    uint64_t end = 0; /* of what is mapped */
    for (uint32_t i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) segment;
        memcpy(&segment, bytes + head.e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_LOAD && segment.p_offset + segment.p_filesz > end)
            end = segment.p_offset + segment.p_filesz;
    }
    head.e_shoff = 0;
    head.e_shnum = 0;
    memcpy(bytes, &head, sizeof head);
    check_refused(write_file("stripped.so", bytes, end - 1), PLUGIN_ERROR, "it is truncated");
    Said said;
    CoreLibrary *library = open_library(write_file("stripped.so", bytes, end), &said);
    CHECK_TEXT("", said.text);
    if (library) core_library_close(library, 1);
    free(bytes);
}

TEST(a_section_that_lies_outside_is_truncated) {
    size_t size;
    char *bytes = read_file(plugin("library_good"), &size);
    REQUIRE(size > 4096);
    ElfW(Ehdr) head;
    ElfW(Shdr) section;
    memcpy(&head, bytes, sizeof head);
    char *last = bytes + head.e_shoff + (head.e_shnum - 1u) * sizeof section;
    memcpy(&section, last, sizeof section);
    section.sh_size = size;
    memcpy(last, &section, sizeof section);
    check_refused(write_file("section.so", bytes, size), PLUGIN_ERROR, "it is truncated");
    free(bytes);
}

/* That a copy whose header was changed is refused. */
static void check_header(void (*change)(ElfW(Ehdr) *), PluginStatus status, const char *part) {
    size_t size;
    ElfW(Ehdr) head;
    char *bytes = read_file(plugin("library_good"), &size);
    REQUIRE(size > sizeof head);
    memcpy(&head, bytes, sizeof head);
    change(&head);
    memcpy(bytes, &head, sizeof head);
    check_refused(write_file("header.so", bytes, size), status, part);
    free(bytes);
}

static void set_machine(ElfW(Ehdr) * head) { head->e_machine = head->e_machine == EM_S390 ? EM_PPC64 : EM_S390; }
static void set_class(ElfW(Ehdr) * head) { head->e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64; }
static void set_no_class(ElfW(Ehdr) * head) { head->e_ident[EI_CLASS] = 7; }
static void set_order(ElfW(Ehdr) * head) { head->e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB; }
static void set_program(ElfW(Ehdr) * head) { head->e_type = ET_EXEC; }
static void set_object(ElfW(Ehdr) * head) { head->e_type = ET_REL; }
static void set_core(ElfW(Ehdr) * head) { head->e_type = ET_CORE; }
static void set_segment_size(ElfW(Ehdr) * head) { head->e_phentsize++; }
static void set_no_segments(ElfW(Ehdr) * head) { head->e_phnum = 0; }
static void set_section_size(ElfW(Ehdr) * head) { head->e_shentsize--; }
static void set_sections_far(ElfW(Ehdr) * head) { head->e_shoff = (ElfW(Off)) - 8; }
static void set_segments_far(ElfW(Ehdr) * head) { head->e_phoff = (ElfW(Off)) - 8; }

TEST(another_machine_is_told) {
    check_header(set_machine, PLUGIN_UNSUPPORTED, "it was built for another machine (");
    check_header(set_class, PLUGIN_UNSUPPORTED, "it was built for another machine (32 bits; this host has 64)");
    check_header(set_order, PLUGIN_UNSUPPORTED, "it was built for another machine (of the other byte order)");
}

TEST(another_kind_of_file_is_told) {
    check_header(set_program, PLUGIN_ERROR, "it is a program, not a shared library; link it with `cc -shared -fPIC`");
    check_header(set_object, PLUGIN_ERROR, "it is an object file that is not linked; link it with `cc -shared`");
    check_header(set_core, PLUGIN_ERROR, "it is not a shared library");
}

TEST(damage_of_the_headers_is_told) {
    check_header(set_no_class, PLUGIN_ERROR, "its header is damaged; copy or build it again");
    check_header(set_segment_size, PLUGIN_ERROR, "its program header is damaged");
    check_header(set_no_segments, PLUGIN_ERROR, "its program header is damaged");
    check_header(set_section_size, PLUGIN_ERROR, "its section header is damaged");
    check_header(set_sections_far, PLUGIN_ERROR, "it is truncated");
    check_header(set_segments_far, PLUGIN_ERROR, "it is truncated");
}

TEST(a_program_that_may_lie_anywhere_is_refused) { check_refused("/proc/self/exe", PLUGIN_ERROR, "it is a program"); }

TEST(random_damage_is_refused_with_a_text_or_harmless) {
    size_t size;
    uint32_t number = 1, wrong = 0;
    char *bytes = read_file(plugin("library_good"), &size);
    REQUIRE(size > 4096);
    const int file = open(in_folder("random.so"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(write(file, bytes, size) == (ssize_t)size);
    for (int round = 0; round < 3000; round++) {
        Said said = {{(uint32_t)sizeof said.error, 0, said.text, sizeof said.text - 1, 0}, ""};
        char changed[4];
        number = number * 1664525u + 1013904223u;
        /* Mostly in the header and the program headers, where it matters. */
        const off_t offset = (off_t)((number >> 8) % (round % 8 ? 1000 : size - sizeof changed));
        memcpy(changed, bytes + offset, sizeof changed);
        changed[number & 3] = (char)(number >> 24);
        CHECK(pwrite(file, changed, sizeof changed, offset) == (ssize_t)sizeof changed);
        const PluginStatus status = library_format_check(file, (uint64_t)size, "random.so", &said.error);
        wrong += status != PLUGIN_OK && (said.error.status != status || said.error.length == 0);
        CHECK(pwrite(file, bytes + offset, sizeof changed, offset) == (ssize_t)sizeof changed);
    }
    CHECK_EQUAL(0, wrong);
    CHECK_EQUAL(PLUGIN_OK, library_format_check(file, (uint64_t)size, "random.so", NULL));
    close(file);
    free(bytes);
}

/* ---- one file, one library ---- */

TEST(a_file_opened_twice_is_one_library) {
    Said said;
    const char *path = copy_of("library_good", "twice.so");
    REQUIRE(symlink(path, in_folder("link.so")) == 0);
    CoreLibrary *first = open_library(path, &said);
    CHECK(open_library(path, &said) == first);
    CHECK(open_library(in_folder("link.so"), &said) == first);
    CHECK_EQUAL(1, library_count());
    core_library_close(first, 1);
    core_library_close(first, 1);
    CHECK(is_mapped(in_folder("twice.so")));
    core_library_close(first, 1);
    CHECK(!is_mapped(in_folder("twice.so")));
    CHECK_EQUAL(0, library_count());
}

TEST(two_copies_are_two_libraries) {
    Said said;
    CoreLibrary *first = open_library(copy_of("library_good", "one.so"), &said);
    CoreLibrary *second = open_library(copy_of("library_good", "other.so"), &said);
    CHECK(first && second && first != second);
    CHECK_EQUAL(2, library_count());
    core_library_close(first, 1);
    core_library_close(second, 1);
}

/* ---- unmapping ---- */

TEST(a_library_is_unmapped_where_its_opener_asks_for_it) {
    Said said;
    const char *path = copy_of("library_good", "reloadable.so");
    CoreLibrary *library = open_library(path, &said);
    CHECK(is_mapped(path));
    core_library_close(library, 1);
    CHECK(!is_mapped(path));
}

TEST(a_library_stays_mapped_otherwise_and_is_found_again) {
    Said said;
    const char *path = copy_of("library_good", "stays.so");
    CoreLibrary *library = open_library(path, &said);
    core_library_close(library, 0);
    CHECK_EQUAL(0, library_count());
    CHECK(is_mapped(path));
    CHECK(open_library(path, &said) == library);
    CHECK_EQUAL(1, library_count());
    core_library_close(library, 1); /* the first opener's word still counts */
    CHECK(is_mapped(path));
}

TEST(one_opener_who_does_not_ask_for_it_is_enough_to_keep_it) {
    Said said;
    const char *path = copy_of("library_good", "mixed.so");
    CoreLibrary *library = open_library(path, &said);
    open_library(path, &said);
    core_library_close(library, 0);
    core_library_close(library, 1);
    CHECK(is_mapped(path));
}

TEST(a_library_is_not_unmapped_under_an_instance) {
    Said said;
    const char *path = copy_of("library_good", "instance.so");
    CoreLibrary *library = open_library(path, &said);
    library_retain(library);
    core_library_close(library, 1);
    CHECK(is_mapped(path));
    CHECK_EQUAL(1, library_count());
    library_release(library);
    CHECK(!is_mapped(path));
    CHECK_EQUAL(0, library_count());
}

TEST(a_pinned_library_is_never_unmapped) {
    Said said;
    const char *path = copy_of("library_good", "pinned.so");
    CoreLibrary *library = open_library(path, &said);
    library_pin(library);
    core_library_close(library, 1);
    CHECK(is_mapped(path));
}

/* ---- a new build in the place of the old ---- */

TEST(a_new_build_is_loaded_beside_the_old_one) {
    Said said;
    CoreLibrary *old = open_library(copy_of("library_good", "build.so"), &said);
    CoreLibrary *fresh = open_library(copy_of("library_no_destroy", "build.so"), &said);
    REQUIRE(old && fresh);
    CHECK(library_destroy(old) && !library_destroy(fresh));
    core_library_close(fresh, 1);
    core_library_close(old, 1);
    CHECK_EQUAL(0, library_count());
}

TEST(a_new_build_is_not_mistaken_for_one_that_stays_mapped) {
    Said said;
    core_library_close(open_library(copy_of("library_good", "kept.so"), &said), 0);
    CoreLibrary *fresh = open_library(copy_of("library_no_destroy", "kept.so"), &said);
    REQUIRE(fresh);
    CHECK(!library_destroy(fresh));
    core_library_close(fresh, 1);
    CHECK_EQUAL(0, library_count());
}

TEST(a_new_build_is_not_mistaken_for_one_that_cannot_be_unmapped) {
    Said said;
    const char *path = copy_of("library_nodelete", "nodelete.so");
    core_library_close(open_library(path, &said), 1);
    CHECK(is_mapped(path));
    CoreLibrary *fresh = open_library(copy_of("library_no_destroy", "nodelete.so"), &said);
    REQUIRE(fresh);
    CHECK(!library_destroy(fresh));
    core_library_close(fresh, 1);
}

TEST(many_builds_have_paths_of_their_own) {
    Said said;
    for (int build = 0; build < 20; build++) {
        CoreLibrary *library =
            open_library(copy_of(build % 2 ? "library_good" : "library_no_destroy", "many.so"), &said);
        REQUIRE(library);
        CHECK_EQUAL(build % 2, library_destroy(library) != NULL);
        core_library_close(library, 0);
    }
    CHECK_EQUAL(0, library_count());
}

TEST(a_file_that_was_written_over_is_told) {
    Said said;
    const char *path = copy_of("library_good", "same.so");
    core_library_close(open_library(path, &said), 0);
    const struct timespec long_ago[2] = {{1, 0}, {1, 0}};
    CHECK_EQUAL(0, utimensat(AT_FDCWD, path, long_ago, 0));
    CHECK(!open_library(path, &said));
    CHECK_EQUAL(PLUGIN_INVALID_STATE, said.error.status);
    CHECK_CONTAINS("put a new file in its place", said.text);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 60 };

static atomic_int failures;

/* Opens the library that all threads have, and one of its own, over and over. */
static void *open_often(void *argument) {
    char own[PATH_MAX + 512], shared[PATH_MAX + 512];
    snprintf(own, sizeof own, "%s/thread%d.so", folder, *(const int *)argument);
    snprintf(shared, sizeof shared, "%s/shared.so", folder);
    for (int round = 0; round < ROUNDS; round++) {
        CoreLibrary *first = core_library_open(shared, NULL);
        CoreLibrary *second = core_library_open(own, NULL);
        if (!first || !second) {
            atomic_fetch_add(&failures, 1);
            return NULL;
        }
        PluginInterface *table = library_create(first)();
        library_retain(first);
        core_library_close(first, 1);
        library_destroy(first)(table);
        library_release(first);
        core_library_close(second, 1);
    }
    return NULL;
}

TEST(threads_share_libraries_without_losing_count) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    copy_of("library_good", "shared.so");
    for (int i = 0; i < THREADS; i++) {
        char name[32];
        snprintf(name, sizeof name, "thread%d.so", i);
        copy_of("library_good", name);
        numbers[i] = i;
    }
    for (int i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, open_often, &numbers[i]) == 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    CHECK_EQUAL(0, atomic_load(&failures));
    CHECK_EQUAL(0, library_count());
    CHECK(!is_mapped(in_folder("shared.so")));
}

/* ---- */

static void remove_folder(void) {
    static const char *const made[] = {"section.so",  "here.so",     "empty.so",   "text.so",     "pipe.so",
                                       "secret.so",   "other.so",    "cut.so",     "stripped.so", "header.so",
                                       "random.so",   "twice.so",    "link.so",    "one.so",      "reloadable.so",
                                       "stays.so",    "mixed.so",    "pinned.so",  "build.so",    "kept.so",
                                       "nodelete.so", "shared.so",   "thread0.so", "thread1.so",  "thread2.so",
                                       "thread3.so",  "instance.so", "many.so",    "same.so"};
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) unlink(in_folder(made[i]));
    if (rmdir(folder) != 0) perror(folder);
}

int main(void) {
    const char *base = getenv("TMPDIR");
    char made[PATH_MAX];
    snprintf(made, sizeof made, "%s/library.XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(made) || !realpath(made, folder)) return 2;
    RUN(a_plugin_gives_its_entry_symbols);
    RUN(destroy_plugin_may_be_missing);
    RUN(a_path_without_a_slash_is_a_file_of_the_working_directory);
    RUN(no_path_is_refused);
    RUN(a_missing_file_is_refused);
    RUN(an_empty_file_is_refused);
    RUN(a_text_file_is_refused);
    RUN(a_folder_is_refused);
    RUN(a_pipe_is_refused_and_not_waited_for);
    RUN(a_file_that_may_not_be_read_is_refused);
    RUN(libraries_of_other_systems_are_recognised);
    RUN(a_library_that_is_no_plugin_is_refused);
    RUN(a_library_with_an_undefined_symbol_is_refused);
    RUN(a_long_path_leaves_room_for_the_advice);
    RUN(a_path_that_is_not_utf8_gives_a_text_that_is);
    RUN(a_copy_cut_off_anywhere_is_truncated);
    RUN(a_copy_stripped_of_sections_and_cut_off_is_truncated);
    RUN(a_section_that_lies_outside_is_truncated);
    RUN(another_machine_is_told);
    RUN(another_kind_of_file_is_told);
    RUN(damage_of_the_headers_is_told);
    RUN(a_program_that_may_lie_anywhere_is_refused);
    RUN(random_damage_is_refused_with_a_text_or_harmless);
    RUN(a_file_opened_twice_is_one_library);
    RUN(two_copies_are_two_libraries);
    RUN(a_library_is_unmapped_where_its_opener_asks_for_it);
    RUN(a_library_stays_mapped_otherwise_and_is_found_again);
    RUN(one_opener_who_does_not_ask_for_it_is_enough_to_keep_it);
    RUN(a_library_is_not_unmapped_under_an_instance);
    RUN(a_pinned_library_is_never_unmapped);
    RUN(a_new_build_is_loaded_beside_the_old_one);
    RUN(a_new_build_is_not_mistaken_for_one_that_stays_mapped);
    RUN(a_new_build_is_not_mistaken_for_one_that_cannot_be_unmapped);
    RUN(many_builds_have_paths_of_their_own);
    RUN(a_file_that_was_written_over_is_told);
    RUN(threads_share_libraries_without_losing_count);
    remove_folder();
    return check_result();
}
