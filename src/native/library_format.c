/* SPDX-License-Identifier: Apache-2.0 */
#include "library_format.h"

#include "text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifdef __ELF__
#include <elf.h>
#include <link.h>
#endif

/* Reads exactly `length` bytes. */
static int read_at(int file, uint64_t offset, void *buffer, size_t length) {
    char *bytes = (char *)buffer;
    while (length > 0) {
        const ssize_t got = pread(file, bytes, length, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        bytes += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return 1;
}

static int begins(const unsigned char *head, uint64_t size, const char *magic, uint64_t length) {
    return size >= length && memcmp(head, magic, (size_t)length) == 0;
}

/* ---- formats that are not ours ---- */

static const struct {
    const char *magic;
    uint32_t length;
    PluginStatus status;
    const char *what;
    const char *remedy;
} others[] = {
    {"MZ", 2, PLUGIN_UNSUPPORTED, "it was built for Windows", "build the plugin on this machine"},
#ifdef __ELF__
    {"\xFE\xED\xFA\xCE", 4, PLUGIN_UNSUPPORTED, "it was built for macOS", "build the plugin on this machine"},
    {"\xFE\xED\xFA\xCF", 4, PLUGIN_UNSUPPORTED, "it was built for macOS", "build the plugin on this machine"},
    {"\xCE\xFA\xED\xFE", 4, PLUGIN_UNSUPPORTED, "it was built for macOS", "build the plugin on this machine"},
    {"\xCF\xFA\xED\xFE", 4, PLUGIN_UNSUPPORTED, "it was built for macOS", "build the plugin on this machine"},
    {"\xCA\xFE\xBA\xBE", 4, PLUGIN_UNSUPPORTED, "it was built for macOS", "build the plugin on this machine"},
#else
    {"\x7F"
     "ELF",
     4, PLUGIN_UNSUPPORTED, "it was built for Linux or another system with ELF", "build the plugin on this machine"},
#endif
    {"!<arch>\n", 8, PLUGIN_ERROR, "it is a static library", "link its objects with `cc -shared`"},
    {"!<thin>\n", 8, PLUGIN_ERROR, "it is a static library", "link its objects with `cc -shared`"},
    {"\0asm", 4, PLUGIN_UNSUPPORTED, "it is WebAssembly", "build the plugin as a shared library of this machine"},
};

static PluginStatus not_a_library(const char *name, PluginError *error) {
    return error_set(error, PLUGIN_ERROR,
                     "cannot load %s: it is not a shared library; check the `library` of config.toml, or build the "
                     "plugin with `cc -shared -fPIC`",
                     name);
}

/* ---- ELF ---- */

#ifdef __ELF__
#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#else
#define OWN_MACHINE EM_NONE /* not compared; the dynamic linker does */
#endif

static const char *machine_name(uint16_t machine) {
    switch (machine) {
    case EM_X86_64:
        return "x86-64";
    case EM_386:
        return "x86, 32 bits";
    case EM_AARCH64:
        return "ARM, 64 bits";
    case EM_ARM:
        return "ARM, 32 bits";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "POWER, 64 bits";
    case EM_S390:
        return "IBM Z";
    default:
        return "another kind of machine";
    }
}

static int is_inside(uint64_t offset, uint64_t length, uint64_t size) {
    return offset <= size && length <= size - offset;
}

static PluginStatus truncated(const char *name, uint64_t size, PluginError *error) {
    return error_set(error, PLUGIN_ERROR,
                     "cannot load %s: it is truncated: it has %llu bytes, fewer than its headers speak of; copy or "
                     "build it again",
                     name, (unsigned long long)size);
}

static PluginStatus damaged(const char *name, const char *part, PluginError *error) {
    return error_set(error, PLUGIN_ERROR, "cannot load %s: its %s is damaged; copy or build it again", name, part);
}

/* What a file for another machine, or of another type, is. */
static PluginStatus check_kind(const ElfW(Ehdr) * head, const char *name, PluginError *error) {
    if (OWN_MACHINE != EM_NONE && head->e_machine != OWN_MACHINE)
        return error_set(error, PLUGIN_UNSUPPORTED,
                         "cannot load %s: it was built for another machine (%s; this is %s); build the plugin on this "
                         "machine",
                         name, machine_name(head->e_machine), machine_name(OWN_MACHINE));
    if (head->e_type == ET_REL)
        return error_set(error, PLUGIN_ERROR,
                         "cannot load %s: it is an object file that is not linked; link it with `cc -shared`", name);
    if (head->e_type == ET_EXEC)
        return error_set(error, PLUGIN_ERROR,
                         "cannot load %s: it is a program, not a shared library; link it with `cc -shared -fPIC`",
                         name);
    if (head->e_type != ET_DYN) return not_a_library(name, error);
    return PLUGIN_OK;
}

/* Headers that are read at once: of most libraries all. */
enum { HEADERS_AT_ONCE = 48 };

static size_t at_once(uint64_t left) { return left < HEADERS_AT_ONCE ? (size_t)left : HEADERS_AT_ONCE; }

/* That all segments that the linker would map are in the file: touching what is not kills the process with SIGBUS. */
static PluginStatus check_segments(int file, uint64_t size, const ElfW(Ehdr) * head, const char *name,
                                   PluginError *error) {
    int has_dynamic = 0;
    if (head->e_phnum == 0 || head->e_phentsize != sizeof(ElfW(Phdr))) return damaged(name, "program header", error);
    if (!is_inside(head->e_phoff, (uint64_t)head->e_phnum * sizeof(ElfW(Phdr)), size))
        return truncated(name, size, error);
    for (uint64_t begin = 0; begin < head->e_phnum; begin += HEADERS_AT_ONCE) {
        ElfW(Phdr) segments[HEADERS_AT_ONCE];
        const size_t count = at_once(head->e_phnum - begin);
        if (!read_at(file, head->e_phoff + begin * sizeof *segments, segments, count * sizeof *segments))
            return truncated(name, size, error);
        for (const ElfW(Phdr) *segment = segments; segment < segments + count; segment++) {
            if (segment->p_type != PT_NULL && !is_inside(segment->p_offset, segment->p_filesz, size))
                return truncated(name, size, error);
            if (segment->p_type == PT_DYNAMIC) has_dynamic = 1;
        }
    }
    return has_dynamic ? PLUGIN_OK : damaged(name, "dynamic section", error);
}

/* That the sections are in the file. Nobody needs them to load it; but a copy that was cut off often lacks only these. */
static PluginStatus check_sections(int file, uint64_t size, const ElfW(Ehdr) * head, const char *name,
                                   PluginError *error) {
    ElfW(Shdr) sections[HEADERS_AT_ONCE];
    uint64_t all = head->e_shnum;
    if (head->e_shoff == 0) return PLUGIN_OK; /* stripped of them */
    if (head->e_shentsize != sizeof *sections) return damaged(name, "section header", error);
    if (all == 0) { /* too many for the header's field: the first section has the number */
        if (!is_inside(head->e_shoff, sizeof *sections, size) ||
            !read_at(file, head->e_shoff, sections, sizeof *sections))
            return truncated(name, size, error);
        all = sections[0].sh_size;
    }
    if (all > size / sizeof *sections || !is_inside(head->e_shoff, all * sizeof *sections, size))
        return truncated(name, size, error);
    for (uint64_t begin = 1; begin < all; begin += HEADERS_AT_ONCE) {
        const size_t count = at_once(all - begin);
        if (!read_at(file, head->e_shoff + begin * sizeof *sections, sections, count * sizeof *sections))
            return truncated(name, size, error);
        for (const ElfW(Shdr) *section = sections; section < sections + count; section++)
            if (section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL &&
                !is_inside(section->sh_offset, section->sh_size, size))
                return truncated(name, size, error);
    }
    return PLUGIN_OK;
}

static PluginStatus check_elf(int file, uint64_t size, const char *name, PluginError *error) {
    const uint16_t one = 1;
    const unsigned char own_order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;
    const unsigned char own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    ElfW(Ehdr) head;
    memset(&head, 0, sizeof head);
    if (size < EI_NIDENT || !read_at(file, 0, &head, size < sizeof head ? (size_t)size : sizeof head))
        return truncated(name, size, error);
    const unsigned char *ident = head.e_ident;
    if (ident[EI_CLASS] != own_class && (ident[EI_CLASS] == ELFCLASS32 || ident[EI_CLASS] == ELFCLASS64))
        return error_set(error, PLUGIN_UNSUPPORTED,
                         "cannot load %s: it was built for another machine (%s bits; this host has %s); build the "
                         "plugin with this machine's compiler",
                         name, ident[EI_CLASS] == ELFCLASS32 ? "32" : "64", own_class == ELFCLASS32 ? "32" : "64");
    if (ident[EI_CLASS] != own_class) return damaged(name, "header", error);
    if (ident[EI_DATA] != own_order)
        return error_set(error, PLUGIN_UNSUPPORTED,
                         "cannot load %s: it was built for another machine (of the other byte order); build the plugin "
                         "on this machine",
                         name);
    if (size < sizeof head) return truncated(name, size, error);
    PluginStatus status = check_kind(&head, name, error);
    if (status == PLUGIN_OK) status = check_segments(file, size, &head, name, error);
    if (status == PLUGIN_OK) status = check_sections(file, size, &head, name, error);
    return status;
}
#endif

PluginStatus library_format_check(int file, uint64_t size, const char *name, PluginError *error) {
    unsigned char head[8] = {0};
    const uint64_t length = size < sizeof head ? size : sizeof head;
    if (size == 0) return error_set(error, PLUGIN_ERROR, "cannot load %s: it is empty; copy or build it again", name);
    if (!read_at(file, 0, head, (size_t)length))
        return error_set(error, PLUGIN_ERROR, "cannot load %s: it cannot be read (%s)", name, strerror(errno));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (begins(head, size, others[i].magic, others[i].length))
            return error_set(error, others[i].status, "cannot load %s: %s; %s", name, others[i].what, others[i].remedy);
    }
#ifdef __ELF__
    if (!begins(head, size, ELFMAG, SELFMAG)) return not_a_library(name, error);
    return check_elf(file, size, name, error);
#else
    return PLUGIN_OK; /* Mach-O: the dynamic linker checks it well */
#endif
}
