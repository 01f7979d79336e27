/* SPDX-License-Identifier: Apache-2.0 */
#include "library_file.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <elf.h>
#endif

#define NOT_A_LIBRARY PLUGIN_INVALID_ARGUMENT

/* Reads exactly `length` bytes at `offset`; 0 where the file ends before. */
static int read_at(int fd, void *buffer, size_t length, uint64_t offset) {
    size_t done = 0;
    while (done < length) {
        const ssize_t got = pread(fd, (char *)buffer + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        done += (size_t)got;
    }
    return 1;
}

#ifdef __linux__

#if UINTPTR_MAX > UINT32_MAX
typedef Elf64_Ehdr ElfHeader;
typedef Elf64_Phdr ElfSegment;
#define OWN_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr ElfHeader;
typedef Elf32_Phdr ElfSegment;
#define OWN_CLASS ELFCLASS32
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER ELFDATA2LSB
#else
#define OWN_ORDER ELFDATA2MSB
#endif

static const char *machine_name(unsigned machine) {
    switch (machine) {
    case EM_386:
        return "x86 (32 bit)";
    case EM_X86_64:
        return "x86-64";
    case EM_ARM:
        return "ARM (32 bit)";
    case EM_AARCH64:
        return "ARM64";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "POWER (64 bit)";
    case EM_S390:
        return "IBM Z";
    default:
        return "another machine";
    }
}

/* This machine's number, from the program itself. */
static unsigned own_machine(void) {
    ElfHeader header;
    const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return EM_NONE;
    const int read = read_at(fd, &header, sizeof header, 0);
    close(fd);
    return read ? header.e_machine : EM_NONE;
}

static PluginStatus truncated(uint64_t size, PluginError *error) {
    return error_set(
        error, NOT_A_LIBRARY,
        "the file is truncated: it ends after %llu bytes, before what its header promises; copy or build it "
        "again",
        (unsigned long long)size);
}

/* Whether all that is to be mapped is inside the file. */
static PluginStatus check_segments(int fd, const ElfHeader *header, uint64_t size, PluginError *error) {
    for (unsigned index = 0; index < header->e_phnum; index++) {
        ElfSegment segment;
        if (!read_at(fd, &segment, sizeof segment, header->e_phoff + (uint64_t)index * header->e_phentsize))
            return truncated(size, error);
        if (segment.p_type == PT_LOAD && (segment.p_offset > size || segment.p_filesz > size - segment.p_offset))
            return truncated(size, error);
    }
    const uint64_t sections = (uint64_t)header->e_shnum * header->e_shentsize;
    if (header->e_shoff != 0 && (header->e_shoff > size || sections > size - header->e_shoff))
        return truncated(size, error);
    return PLUGIN_OK;
}

static PluginStatus check_format(int fd, uint64_t size, PluginError *error) {
    ElfHeader header;
    memset(&header, 0, sizeof header);
    if (size < sizeof header) {
        if (size >= SELFMAG && read_at(fd, &header, (size_t)size, 0) && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0)
            return truncated(size, error);
        return error_set(error, NOT_A_LIBRARY, "the file is no shared library: it has only %llu bytes",
                         (unsigned long long)size);
    }
    if (!read_at(fd, &header, sizeof header, 0)) return truncated(size, error);
    const unsigned char *start = header.e_ident;
    if (memcmp(start, "MZ", 2) == 0)
        return error_set(error, NOT_A_LIBRARY, "the library was built for Windows; build it for this system");
    if (memcmp(start, "\xCF\xFA\xED\xFE", 4) == 0 || memcmp(start, "\xCA\xFE\xBA\xBE", 4) == 0)
        return error_set(error, NOT_A_LIBRARY, "the library was built for macOS; build it for this system");
    if (memcmp(start, ELFMAG, SELFMAG) != 0)
        return error_set(error, NOT_A_LIBRARY, "the file is no shared library: it does not begin like one");
    if (start[EI_CLASS] != OWN_CLASS || start[EI_DATA] != OWN_ORDER || header.e_machine != own_machine())
        return error_set(error, NOT_A_LIBRARY,
                         "the library was built for another machine: %s, and this is %s; build it here",
                         machine_name(header.e_machine), machine_name(own_machine()));
    if (header.e_type != ET_DYN)
        return error_set(error, NOT_A_LIBRARY, "the file is no shared library but %s; link it with -shared",
                         header.e_type == ET_REL ? "an object file" : "a program");
    return check_segments(fd, &header, size, error);
}

#else

static PluginStatus check_format(int fd, uint64_t size, PluginError *error) {
    unsigned char start[4];
    if (size < 4096 || !read_at(fd, start, sizeof start, 0))
        return error_set(error, NOT_A_LIBRARY, "the file is no shared library: it has only %llu bytes",
                         (unsigned long long)size);
    if (memcmp(start,
               "\x7F"
               "ELF",
               4) == 0)
        return error_set(error, NOT_A_LIBRARY, "the library was built for another system; build it here");
    if (memcmp(start, "MZ", 2) == 0)
        return error_set(error, NOT_A_LIBRARY, "the library was built for Windows; build it for this system");
    return PLUGIN_OK;
}

#endif

PluginStatus library_file_check(const char *path, struct stat *found, PluginError *error) {
    /* Without O_NONBLOCK a named pipe would keep the host waiting for ever. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    PluginStatus status;
    if (fd < 0) {
        const int reason = errno;
        if (reason == ENOENT)
            return error_set(error, PLUGIN_NOT_FOUND, "there is no file %s: build the plugin first", path);
        return error_set(error, PLUGIN_ERROR, "%s cannot be read: %s", path, strerror(reason));
    }
    if (fstat(fd, found) != 0)
        status = error_set(error, PLUGIN_ERROR, "%s cannot be read: %s", path, strerror(errno));
    else if (!S_ISREG(found->st_mode))
        status = error_set(error, NOT_A_LIBRARY, "%s is no file but %s", path,
                           S_ISDIR(found->st_mode) ? "a folder" : "something else");
    else
        status = check_format(fd, (uint64_t)found->st_size, error);
    close(fd);
    return status;
}
