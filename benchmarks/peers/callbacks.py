"""A callback in Python for each event, called from a thread of C's: what a binding without a queue does."""

from __future__ import annotations

import ctypes
from typing import Any

from ..building import compile_c, native
from ..case import Sampler, once
from . import need


def with_ctypes(length: int) -> Sampler:
    """A callback made by ctypes."""
    library = ctypes.CDLL(str(compile_c("peer", native("peer.c"))))
    heard: list[str] = []

    def hear(chunk: int, size: int) -> None:
        heard.append(ctypes.string_at(chunk, size).decode())

    kept = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64)(hear)

    def work(count: int) -> None:
        heard.clear()
        library.call_from_thread(kept, ctypes.c_uint64(count), ctypes.c_uint64(length))
        if len(heard) != count:
            raise RuntimeError(f"{len(heard)} chunks came of {count}")

    return once(work)


def with_cffi(length: int) -> Sampler:
    """A callback made by cffi."""
    ffi = need("cffi").FFI()
    ffi.cdef(
        "typedef void (*Hear)(const char *chunk, uint64_t length);"
        "void call_from_thread(Hear hear, uint64_t count, uint64_t length);"
    )
    library = ffi.dlopen(str(compile_c("peer", native("peer.c"))))
    heard: list[str] = []

    @ffi.callback("Hear")  # type: ignore[untyped-decorator, unused-ignore]
    def hear(chunk: Any, size: int) -> None:
        heard.append(ffi.unpack(chunk, size).decode())

    def work(count: int) -> None:
        heard.clear()
        library.call_from_thread(hear, count, length)
        if len(heard) != count:
            raise RuntimeError(f"{len(heard)} chunks came of {count}")

    return once(work)
