"""The package's own side: a host with the plugins that are measured, and the core without a host."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Final

from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import NULL, address, fast, lib
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.discovery import DEFAULT_MODULE, LIBRARY_SUFFIX, look_at
from plugin_interfaces.host.events import WANT_EVENTS
from plugin_interfaces.host.loader import load

from .building import HANDLERS, compile_c, native
from .case import Sampler, calls

# More than the requests in a row that the core wants to see end quickly, before it takes the direct way.
_SHOWN_QUICK: Final = 40

# Those plugins of benchmarks/native whose sources are not NAME.c alone: sources, options of the compiler.
_SOURCES: dict[str, list[str]] = {"replies_short": ["replies.c"], "blocks": ["blocks.c", "peer.c"]}
_OPTIONS: dict[str, list[str]] = {"replies_short": ["-DSHORT"]}

# What their manifests have besides.
_MANIFEST: dict[str, str] = {"remembers": "require_history = true\n"}


def plugin(folder: Path, name: str, plugin_id: str = "", more: str = "") -> Path:
    """The folder of a plugin, made in `folder`: its files, and a manifest with `more` in it."""
    plugin_id = plugin_id or name
    path = folder / plugin_id
    path.mkdir()
    if (module := HANDLERS / f"{name}.py").exists():
        shutil.copy(module, path / DEFAULT_MODULE)
        kind = f'module = "{DEFAULT_MODULE}"'
    else:
        sources = native(*_SOURCES.get(name, [f"{name}.c"]))
        library = compile_c(f"plugin_{name}", sources, *_OPTIONS.get(name, []))
        shutil.copy(library, path / f"lib{name}{LIBRARY_SUFFIX}")
        kind = f'library = "{name}"'
    (path / "config.toml").write_text(
        f'[plugin]\nid = "{plugin_id}"\nname = "{plugin_id}"\nversion = "1.0.0"\n{kind}\n'
        f"{_MANIFEST.get(name, '')}{more}"
    )
    return path


@contextmanager
def host_with(*names: str, on_disk: bool = False, **options: Any) -> Iterator[Host]:
    """A host of its own that has found plugins. It keeps its conversations in memory, or on disk; `options` are the
    host's.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            plugin(Path(folder), name)
        if on_disk:
            options["data_dir"] = Path(folder) / ".data"
        with Host(folders=[folder], **options) as host:
            yield host


def connect(host: Host, plugin_id: str, instance_id: str | None = None) -> Instance:
    """A new instance, connected."""
    instance = host.load(plugin_id, instance_id)
    instance.connect()
    return instance


@contextmanager
def connected(*names: str, on_disk: bool = False, **options: Any) -> Iterator[list[Instance]]:
    """Connected instances of plugins, in a host of their own: see `host_with`."""
    with host_with(*names, on_disk=on_disk, **options) as host:
        yield [connect(host, name) for name in names]


def sends(instance: Instance, text: str) -> Sampler:
    """Instance.send, once the plugin has shown that it is quick."""
    for _ in range(_SHOWN_QUICK):
        instance.send(text)
    return calls(instance.send, text)


def settled(instance: Instance, sample: Sampler) -> Sampler:
    """The same; what the host stores behind the replies is waited for, uncounted, so that no other case pays for it."""

    def sample_alone(count: int) -> int:
        taken = sample(count)
        instance.host.settle(instance)
        return taken

    return sample_alone


def stored(instance: Instance, sample: Sampler) -> Sampler:
    """The same, until all is in the conversation."""

    def sample_all(count: int) -> int:
        begin = perf_counter_ns()
        sample(count)
        instance.host.settle(instance)
        return perf_counter_ns() - begin

    return sample_all


def elsewhere(sample: Sampler) -> Sampler:
    """The same on a thread of its own: one that has drained a core sends no message the direct way any more, so the
    thread that measures must drain none.
    """

    def sample_there(count: int) -> int:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(sample, count).result()

    return sample_there


@contextmanager
def busy_python() -> Iterator[None]:
    """While a thread computes in Python, and gives the GIL away only when it is made to."""
    end = threading.Event()

    def compute() -> None:
        while not end.is_set():
            sum(range(1000))

    thread = threading.Thread(target=compute, name="busy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


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

    def drain(self) -> None:
        """Takes all events that there are; see `elsewhere`."""
        while fast.drain(self.core, 256, 0, bytes([WANT_EVENTS])):
            pass

    def release(self, request: int) -> None:
        """Gives a request back."""
        lib.core_request_release(request)


@contextmanager
def core_with(name: str) -> Iterator[Callable[[str], CoreAlone]]:
    """A core of its own, and a function that makes a connected instance of the plugin in it, with the id that it is
    given. Their events are drained by nobody else.
    """
    core = lib.core_new(NULL)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = look_at(plugin(Path(folder), name))
            manifest = found.manifest
            assert manifest is not None

            def make(instance_id: str) -> CoreAlone:
                loaded = load(core, found, manifest.metadata(instance_id, found.code, found.denied))
                lib.core_instance_initialize(loaded.handle, NULL, 0, NULL)
                if lib.core_instance_connect(loaded.handle, NULL) < 0:
                    raise RuntimeError(f"{instance_id} does not start")
                return CoreAlone(core, loaded.handle)

            yield make
    finally:
        lib.core_free(core)


@contextmanager
def core_alone(name: str) -> Iterator[CoreAlone]:
    """A plugin in a core of its own."""
    with core_with(name) as make:
        yield make(name)
