"""The loops in C, by name."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from .building import compile_c, native
from .case import Sampler


@cache
def _library() -> ctypes.CDLL:
    sources = ["peer.c", *(f"limit_{name}.c" for name in ("message", "queue", "frame", "hop", "load", "work"))]
    return ctypes.CDLL(str(compile_c("limits", native(*sources), "-ldl")))


def limit(name: str, argument: int | bytes) -> Sampler:
    """Samples `limit_<name>`, whose loop is in C; the call from here is once for a whole sample."""
    function = _library()[f"limit_{name}"]
    function.restype = ctypes.c_uint64
    given: Any = argument if isinstance(argument, bytes) else ctypes.c_uint64(argument)

    def sample(count: int) -> int:
        return int(function(ctypes.c_uint64(count), given))

    return sample


def limit_frame(widgets: int) -> bytes:
    """The JSON that the limit of frames writes."""
    function = _library().limit_json_text
    function.restype = ctypes.c_uint64
    size = function(ctypes.c_uint64(widgets), None, ctypes.c_uint64(0))
    buffer = ctypes.create_string_buffer(size)
    function(ctypes.c_uint64(widgets), buffer, ctypes.c_uint64(size))
    return buffer.raw
