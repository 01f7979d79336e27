"""A callback in Python that C calls: for each event, as a binding without a queue does; and to call C from there."""

from __future__ import annotations

import ctypes
from typing import Any, Final

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


_DECLARATIONS: Final = """
typedef void (*Hear)(const char *chunk, uint64_t length);
void call_from_thread(Hear hear, uint64_t count, uint64_t length);
void call_here(Hear hear, uint64_t count, uint64_t length);
char *answer(const char *text);
void give_back(char *text);
"""


def _with_cffi() -> tuple[Any, Any]:
    """cffi, and the library opened by it."""
    ffi = need("cffi").FFI()
    ffi.cdef(_DECLARATIONS)
    return ffi, ffi.dlopen(str(compile_c("peer", native("peer.c"))))


def hop_with_cffi(length: int) -> Sampler:
    """C calls Python, which finds by its name whom to call, in C."""
    ffi, library = _with_cffi()
    named = {"replies": library.answer} | {f"plugin {at}": library.answer for at in range(1, 64)}
    replies = 0

    @ffi.callback("Hear")  # type: ignore[untyped-decorator, unused-ignore]
    def hear(chunk: Any, size: int) -> None:
        nonlocal replies
        text = ffi.unpack(chunk, size).decode()
        reply = named["replies"](text.encode())
        replies += len(ffi.string(reply).decode())
        library.give_back(reply)

    def work(count: int) -> None:
        nonlocal replies
        replies = 0
        library.call_here(hear, count, length)
        if replies != count * length:
            raise RuntimeError("the replies are others")

    return once(work)


def with_cffi(length: int) -> Sampler:
    """A callback made by cffi."""
    ffi, library = _with_cffi()
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
