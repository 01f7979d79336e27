"""A function from text to text, behind each way of calling it from Python.

Those that bind C bind `answer` of native/peer.c, whose reply is to be given back. Each function here raises Missing
where what it needs is not installed.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..building import BUILD, NATIVE, compile_c, compile_module, import_file, native, refresh
from ..case import Missing
from . import need

Reply = Callable[[str], str]


class _Echo:
    def reply(self, text: str) -> str:
        return text


def plain_method() -> Reply:
    """A method in Python, the least that Python takes."""
    return _Echo().reply


def with_pluggy() -> Reply:
    """A hook whose first result counts, and one plugin in Python that implements it."""
    pluggy = need("pluggy")

    class Specification:
        @pluggy.HookspecMarker("peer")(firstresult=True)  # type: ignore[untyped-decorator, unused-ignore]
        def handle_message(self, text: str) -> str:
            raise NotImplementedError

    class Plugin:
        @pluggy.HookimplMarker("peer")  # type: ignore[untyped-decorator, unused-ignore]
        def handle_message(self, text: str) -> str:
            return text

    manager = pluggy.PluginManager("peer")
    manager.add_hookspecs(Specification)
    manager.register(Plugin())
    hook = manager.hook.handle_message

    def reply(text: str) -> str:
        result: str = hook(text=text)
        return result

    return reply


def with_ctypes() -> Reply:
    """The library, opened by ctypes, which releases the GIL in each call."""
    library = ctypes.CDLL(str(compile_c("peer", native("peer.c"))))
    answer, give_back = library.answer, library.give_back
    answer.argtypes, answer.restype = [ctypes.c_char_p], ctypes.c_void_p
    give_back.argtypes, give_back.restype = [ctypes.c_void_p], None
    string_at = ctypes.string_at

    def reply(text: str) -> str:
        found = answer(text.encode())
        result = string_at(found).decode()
        give_back(found)
        return result

    return reply


_DECLARATIONS = "char *answer(const char *text); void give_back(char *text);"


def _through_cffi(ffi: Any, lib: Any) -> Reply:
    string, answer, give_back = ffi.string, lib.answer, lib.give_back

    def reply(text: str) -> str:
        found = answer(text.encode())
        result: str = string(found).decode()
        give_back(found)
        return result

    return reply


def with_cffi_abi() -> Reply:
    """The library, opened by cffi."""
    ffi = need("cffi").FFI()
    ffi.cdef(_DECLARATIONS)
    return _through_cffi(ffi, ffi.dlopen(str(compile_c("peer", native("peer.c")))))


def with_cffi_api() -> Reply:
    """A module that cffi compiles, called plainly."""
    builder = need("cffi").FFI()
    sources = native("peer.c")
    builder.cdef(_DECLARATIONS)
    builder.set_source(
        "peer_cffi", '#include "peer.h"', sources=[str(source) for source in sources], include_dirs=[str(NATIVE)]
    )
    target = BUILD / f"peer_cffi{sysconfig.get_config_var('EXT_SUFFIX')}"
    # The compiler and its options are Python's own, but for what the environment adds.
    environment = [f"{name}={os.environ.get(name, '')}" for name in ("CC", "CFLAGS", "LDFLAGS")]
    made_by = "\n".join([_DECLARATIONS, *environment, f"cffi {importlib.metadata.version('cffi')}"])

    def make() -> None:
        try:
            builder.compile(tmpdir=str(BUILD), target=target.name)
        except Exception as error:
            raise Missing(f"cffi could not compile its module: {error}") from error

    refresh(target, [*sources, NATIVE / "peer.h"], made_by, make)
    module = import_file("peer_cffi", target)
    return _through_cffi(module.ffi, module.lib)


def with_pybind11(function: str = "reply") -> Reply:
    """A module written with pybind11; `reply_with_gil` is the same without releasing the GIL."""
    headers = need("pybind11").get_include()
    reply: Reply = getattr(compile_module("peer_pybind11", native("peer_pybind11.cpp"), f"-I{headers}"), function)
    return reply


def with_nanobind(function: str = "reply") -> Reply:
    """A module written with nanobind; `reply_with_gil` is the same without releasing the GIL."""
    nanobind = need("nanobind")
    headers, sources = Path(nanobind.include_dir()), Path(nanobind.source_dir())
    options = [f"-I{headers}", f"-I{headers.parent / 'ext' / 'robin_map' / 'include'}", "-fno-strict-aliasing"]
    module = compile_module("peer_nanobind", [*native("peer_nanobind.cpp"), sources / "nb_combined.cpp"], *options)
    reply: Reply = getattr(module, function)
    return reply
