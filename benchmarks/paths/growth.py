"""How costs grow with the number of instances, streams, widgets, listeners, messages and plugins."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import Final

from plugin_interfaces import Host, Instance
from plugin_interfaces._ffi import fast
from plugin_interfaces.host.events import Event

from ..case import Case, Growth, Growths, Sampler, Stage, calls, once, told
from ..hosts import connect, connected, host_with, plugin, sends, settled
from ..listening import ChunkListener
from ..memory import memory_of_instances

ORDER: Final = 10
TITLE: Final = "How costs grow"

_TEXT: Final = "x" * 64
_GIVEN_ALL: Final = "a message to a plugin that is given all"
_BURST: Final = 250  # events that find room in a queue at once
_FEW: Final = 4
_MOST_PLUGINS: Final = 1000  # each is a folder with a library


def _ours(name: str, sample: Sampler, least: int = 1) -> Case:
    return Case(name, "ours", sample, least)


def growths() -> Growths:
    """One after the other."""
    yield Growth("instances", _instances)
    yield Growth("streams", _streams)
    yield Growth("widgets", _widgets, frozenset({"the core, a frame to bytes", "Instance.ui, to widgets"}))
    yield Growth("listeners", _listeners, frozenset({"an event to all"}))
    yield Growth("messages", _messages, frozenset({_GIVEN_ALL}))
    yield Growth("plugins", _plugins, frozenset({"a host that finds all"}))


# ---- instances ----


def _instances(sizes: Sequence[int]) -> Iterator[Stage]:
    """The first of them is sent to, another plugin calls the last, and each in turn, and one more is loaded."""
    with host_with("replies", "calls") as host:
        caller = connect(host, "calls")
        loaded: list[Instance] = []
        for size in sizes:
            loaded += [connect(host, "replies", f"instance_{at}") for at in range(len(loaded), size)]
            cases = [
                _ours("Instance.send to the first", settled(loaded[0], sends(loaded[0], _TEXT))),
                _ours("a call between plugins, to the last", told(caller.send, f"64 {loaded[-1].id}")),
                _ours("a call between plugins, to each in turn", told(caller.send, f"64 instance_ {size}")),
                _ours("Host.load and unload of one more", _one_more(host, "replies")),
            ]
            yield size, cases, memory_of_instances(size) if size == sizes[-1] else []


def _one_more(host: Host, plugin_id: str) -> Sampler:
    def load_and_unload() -> None:
        host.load(plugin_id, "one more").unload()

    return calls(load_and_unload)


# ---- streams ----


def _in_bursts(instance: Instance, what: str, most: int = _BURST) -> Sampler:
    """The plugin does it and takes the time; between bursts the host reads what was sent."""
    burst = settled(instance, lambda count: int(instance.send(f"{what} {count}")))
    return lambda count: sum(burst(min(most, left)) for left in range(count, 0, -most))


def _streams(sizes: Sequence[int]) -> Iterator[Stage]:
    """Of one instance, all open."""
    with connected("opens") as (instance,):
        opened = 0
        for size in sizes:
            _in_bursts(instance, "open")(size - opened)
            opened = size
            cases = [
                _ours("a chunk sent to one of them", _in_bursts(instance, "push"), _BURST),
                _ours("one more begun and ended", _in_bursts(instance, "turn", _BURST // 2), _BURST),
                _ours("Instance.send", settled(instance, sends(instance, "push 0"))),
            ]
            yield size, cases, []


# ---- widgets ----


def _widgets(sizes: Sequence[int]) -> Iterator[Stage]:
    """In one frame."""
    with connected("widgets") as (instance,):
        for size in sizes:
            instance.send(str(size))
            cases = [
                _ours("the core, a frame to bytes", calls(fast.ui_update, instance.handle, None, 0, 0)),
                _ours("Instance.ui, to widgets", calls(instance.ui)),
            ]
            yield size, cases, []


# ---- listeners ----


def _listeners(sizes: Sequence[int]) -> Iterator[Stage]:
    """Of one host, that hear of each event; each does nothing."""

    def hear(event: Event) -> None:
        pass

    with connected("chunks") as (instance,):
        last = ChunkListener(instance, 32)
        added = 1
        for size in sizes:
            for _ in range(added, size):
                instance.host.add_listener(hear)
            added = size
            # Behind the others, so that all have heard of an event when it has.
            remove = instance.host.add_listener(last.hear)
            yield size, [_ours("an event to all", once(last.work), _BURST)], []
            remove()


# ---- messages ----


def _messages(sizes: Sequence[int]) -> Iterator[Stage]:
    """Each with its reply, in one conversation, kept in memory."""
    with host_with("replies", "remembers") as host:
        writes, reads = connect(host, "replies", "writes"), connect(host, "replies", "reads")
        for size in sizes:
            for instance in (writes, reads):
                _fill(instance, size)
            middle = reads.history()[size].id
            cases = [
                _ours("Instance.send", settled(writes, sends(writes, _TEXT))),
                _ours("Instance.history, the newest 50", calls(reads.history, 50)),
                _ours("Instance.history, 50 before the middle", calls(reads.history, 50, middle)),
                _ours(_GIVEN_ALL, _given_all(host, size)),
            ]
            yield size, cases, []


def _fill(instance: Instance, size: int) -> None:
    """Makes it as many as are told, also where more were sent meanwhile."""
    instance.clear_history()
    for _ in range(size):
        instance.send(_TEXT)
    instance.history(1)


def _given_all(host: Host, size: int) -> Sampler:
    """Messages of which each is given all before it, and so not many of them. The conversation is that of an instance,
    whatever plugin it is of: one that wants to see all would make it slowly.
    """

    def sample(count: int) -> int:
        taken = 0
        for left in range(count, 0, -_FEW):
            fills = connect(host, "replies", "conversation")
            _fill(fills, size)
            fills.unload()
            remembers = connect(host, "remembers", "conversation")
            taken += calls(remembers.send, _TEXT)(min(left, _FEW))
            remembers.unload()
        return taken

    return sample


# ---- plugins ----


def _plugins(sizes: Sequence[int]) -> Iterator[Stage]:
    """Found in one folder, each with a library of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, made = Path(name), 0
        for size in sizes:
            if size > _MOST_PLUGINS:
                return
            for at in range(made, size):
                plugin(folder, "loads", f"plugin_{at}", "reloadable = true\n")
            made = size
            with Host([folder]) as host:
                cases = [
                    _ours("a host that finds all", _finds([folder])),
                    _ours("Host.load and unload of the last", _one_more(host, f"plugin_{size - 1}")),
                ]
                yield size, cases, []


def _finds(folders: list[Path]) -> Sampler:
    def sample(count: int) -> int:
        taken = 0
        for _ in range(count):
            begin = perf_counter_ns()
            host = Host(folders)
            taken += perf_counter_ns() - begin
            host.close()
        return taken

    return sample
