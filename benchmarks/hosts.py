"""The package's own side: a host with the plugins that are measured, and the core without a host."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import NULL, address, fast, lib
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.discovery import DEFAULT_MODULE, LIBRARY_SUFFIX, look_at
from plugin_interfaces.host.loader import load

from .building import HANDLERS, compile_c, native

# The plugins of benchmarks/native: name, source, options of the compiler.
_PLUGINS = {
    "replies": ("replies.c", []),
    "replies_short": ("replies.c", ["-DSHORT"]),
    "chunks": ("chunks.c", []),
    "widgets": ("widgets.c", []),
}


def _plugin(folder: Path, name: str) -> Path:
    """The folder of a plugin, made in `folder`."""
    path = folder / name
    path.mkdir()
    if (module := HANDLERS / f"{name}.py").exists():
        shutil.copy(module, path / DEFAULT_MODULE)
        kind = f'module = "{DEFAULT_MODULE}"'
    else:
        source, options = _PLUGINS[name]
        shutil.copy(compile_c(f"plugin_{name}", native(source), *options), path / f"lib{name}{LIBRARY_SUFFIX}")
        kind = f'library = "{name}"'
    (path / "config.toml").write_text(f'[plugin]\nid = "{name}"\nname = "{name}"\nversion = "1.0.0"\n{kind}\n')
    return path


@contextmanager
def connected(*names: str) -> Iterator[list[Instance]]:
    """Connected instances of plugins, in a host of their own that keeps its conversations in memory."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            _plugin(Path(folder), name)
        with Host(folders=[folder]) as host:
            instances = [host.load(name) for name in names]
            for instance in instances:
                instance.connect()
            yield instances


class CoreAlone:
    """An instance in a core that no host drains.

    Attributes:
        core: its address, as the functions for the hot paths take it.
        handle: the instance's PluginHost.
    """

    def __init__(self, core: Any, handle: int) -> None:
        self.core = address(core)
        self.handle = handle

    def request(self) -> int:
        """A new request, watched, as a host makes it."""
        request = fast.request_new(self.handle, "", 60_000, Notify.NOW)
        if not isinstance(request, int):
            raise RuntimeError("the core makes no request")
        return request

    def release(self, request: int) -> None:
        """Gives a request back."""
        lib.core_request_release(request)


@contextmanager
def core_alone(name: str) -> Iterator[CoreAlone]:
    """A plugin in a core of its own."""
    core = lib.core_new(NULL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = look_at(_plugin(Path(folder), name))
            assert found.manifest is not None
            loaded = load(core, found, found.manifest.metadata(name, found.code, found.denied))
            lib.core_instance_initialize(loaded.handle, NULL, 0, NULL)
            if lib.core_instance_connect(loaded.handle, NULL) < 0:
                raise RuntimeError(f"{name} does not start")
            yield CoreAlone(core, loaded.handle)
    finally:
        lib.core_free(core)
