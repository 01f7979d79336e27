"""TOML files, each parsed once for each version of it."""

import os
import time
import tomllib
from typing import Any, Final

import msgspec

from ..errors import ManifestError

# A file that changed so short before it was read may be changed once more without its times showing that: those of some
# file systems go in steps of two seconds.
_TICK_NS: Final = 2_000_000_000


class _Parsed(msgspec.Struct, frozen=True):
    """What was in a file.

    Attributes:
        version: times, size and place of the file, as they were before it was read.
        settled: whoever changes the file from now on changes its version too.
    """

    version: tuple[int, ...]
    settled: bool
    data: bytes
    tables: dict[str, Any]


_parsed: dict[str, _Parsed] = {}


def read_toml(path: str) -> dict[str, Any] | None:
    """The tables of a TOML file, which are not to be changed; None where there is no such file. Any thread may call it.

    The same object comes as long as the file is the same. Errors: ManifestError, with the line and what to do.
    """
    known = _parsed.get(path)
    if known is None and not os.access(path, os.F_OK):  # costs less than an exception
        return None
    try:
        if known is not None and known.settled and _version(os.stat(path)) == known.version:
            return known.tables
        with open(path, "rb", buffering=0) as file:
            read_at = time.time_ns()
            found = os.fstat(file.fileno())
            data = file.read()
    except FileNotFoundError:
        _parsed.pop(path, None)
        return None
    except OSError as error:
        raise ManifestError(path, f"cannot be read: {error.strerror}") from None
    settled = max(found.st_mtime_ns, found.st_ctime_ns) + _TICK_NS < read_at
    tables = known.tables if known is not None and known.data == data else _parse(path, data)
    _parsed[path] = _Parsed(_version(found), settled, data, tables)
    return tables


def _version(found: os.stat_result) -> tuple[int, ...]:
    # A file that is replaced has another inode; one that is written in place with its old time put back, as by `cp -p`,
    # a later change time.
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)


def _parse(path: str, data: bytes) -> dict[str, Any]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ManifestError(
            path, f"line {line} is not UTF-8 (byte {data[error.start]:#04x}); save the file as UTF-8"
        ) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(path, f"is not valid TOML: {error}") from None
