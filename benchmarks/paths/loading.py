"""Loading plugins: a thousand libraries, each a file of its own."""

from __future__ import annotations

import _ctypes
import ctypes
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

from plugin_interfaces import Host
from plugin_interfaces._ffi import ffi
from plugin_interfaces.host.discovery import LIBRARY_SUFFIX

from ..case import Group, Groups, Sampler
from ..hosts import plugin
from ..limits import limit

ORDER: Final = 8
TITLE: Final = "Loading"

_LIBRARIES: Final = 1000
_CTYPES: Final = "ctypes, the manifest read with tomllib"

_ENTRY: Final = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def _loads(host: Host) -> Sampler:
    """Each found already, loaded, and mounted. Unloading is not counted, and unmaps."""
    ids = [folder.id for folder in host.plugins]

    def sample(count: int) -> int:
        begin = perf_counter_ns()
        for plugin_id in ids[:count]:
            host.load(plugin_id)
        taken = perf_counter_ns() - begin
        for instance in host.instances:
            host.unload(instance)
        return taken

    return sample


def _loads_all(folder: Path) -> Sampler:
    """A new host that finds what is in the folder and loads all of it."""

    def sample(count: int) -> int:
        begin = perf_counter_ns()
        host = Host([folder])
        loaded = host.load_all()
        taken = perf_counter_ns() - begin
        if len(loaded) != count:
            raise RuntimeError(f"{len(loaded)} plugins were loaded of {count}")
        host.close()
        return taken

    return sample


def _with_ctypes(folder: Path) -> Callable[[], Sampler]:
    """What a host does that is written with ctypes and knows where in the table `initialize` stands."""
    at = ffi.offsetof("PluginInterface", "initialize")
    state = ffi.offsetof("PluginInterface", "plugin_ptr")
    context = ctypes.create_string_buffer(ffi.sizeof("PluginInstanceContext"))
    pointers = ctypes.POINTER(ctypes.c_void_p)

    def load(path: Path) -> tuple[ctypes.CDLL, int]:
        manifest = tomllib.loads((path / "config.toml").read_text(encoding="utf-8"))["plugin"]
        library = ctypes.CDLL(str(path / f"lib{manifest['library']}{LIBRARY_SUFFIX}"))
        library.create_plugin.restype = ctypes.c_void_p
        table = library.create_plugin()
        initialize = _ENTRY(ctypes.cast(table + at, pointers)[0] or 0)
        if initialize(ctypes.cast(table + state, pointers)[0], context, None) != 0:
            raise RuntimeError("a plugin does not start")
        return library, table

    def sample(count: int) -> int:
        begin = perf_counter_ns()
        loaded = [load(path) for path in sorted(folder.iterdir())[:count]]
        taken = perf_counter_ns() - begin
        for library, table in loaded:
            library.destroy_plugin(ctypes.c_void_p(table))
            _ctypes.dlclose(library._handle)
        return taken

    return lambda: sample


def groups() -> Groups:
    """What is on disk is in the system's memory; nothing of it is mapped."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths: list[Any] = [
            plugin(folder, "loads", f"plugin_{at:04}", "reloadable = true\n") for at in range(_LIBRARIES)
        ]
        libraries = "\n".join(f"{path}/libloads{LIBRARY_SUFFIX}" for path in paths)
        with Host([folder]) as host:
            group = Group(f"{_LIBRARIES:,} libraries", "a library", most=_LIBRARIES, slow=True)
            group.limit("C: dlopen, create_plugin, initialize", limit("load", libraries.encode()), _LIBRARIES)
            group.ours("Host.load", _loads(host), _LIBRARIES)
            group.ours("Host and load_all", _loads_all(folder), _LIBRARIES)
            group.peer(_CTYPES, _with_ctypes(folder), _LIBRARIES)
            group.target("Host.load", 1.3)
            group.target("Host.load", 0.7, _CTYPES)
            yield group
