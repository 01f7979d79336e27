"""A chunk of a stream, from a plugin's thread to Python."""

from __future__ import annotations

import asyncio
from typing import Final

from plugin_interfaces import Instance
from plugin_interfaces._abi import EventType
from plugin_interfaces._ffi import fast
from plugin_interfaces.host.events import WANT_EVENTS

from ..case import Group, Groups, Sampler, once
from ..hosts import CoreAlone, connect, connected, core_alone, elsewhere, host_with
from ..limits import limit
from ..listening import ChunkListener
from ..peers import callbacks
from ..peers.crate import crate

ORDER: Final = 3
TITLE: Final = "A chunk from a plugin's thread"

_LENGTH: Final = 32
_LEAST: Final = 500  # so that a stream's beginning and end do not count for much
_MOST: Final = 20_000
_BATCH: Final = 256
_WAIT_MS: Final = 10_000
_STREAMS: Final = 1000
_INSTANCES: Final = 10
_EACH: Final = 20
_CALLBACKS: Final = ("cffi, a callback for each", "ctypes, a callback for each")


def _to_listener(instance: Instance) -> Sampler:
    """Chunks to a listener of the host."""
    listener = ChunkListener(instance, _LENGTH)
    instance.host.add_listener(listener.hear)
    return once(listener.work)


def _to_batch_listener(instance: Instance) -> Sampler:
    """Chunks to a listener of the host that gets as many events at once as there are."""
    listener = ChunkListener(instance, _LENGTH)
    instance.host.add_batch_listener(listener.hear_batch)
    return once(listener.work)


def _to_async_for(instance: Instance) -> Sampler:
    """Chunks to `async for`."""

    async def read(count: int) -> None:
        chunks = 0
        async for _ in instance.stream_async(f"{count} {_LENGTH}"):
            chunks += 1
        if chunks != count:
            raise RuntimeError(f"{chunks} chunks came of {count}")

    return once(lambda count: asyncio.run(read(count)))


def _to_many(instances: list[Instance]) -> Sampler:
    """Chunks to a thousand `async for` at once, spread over the instances."""
    places = [instances[at % len(instances)] for at in range(_STREAMS)]

    async def read(instance: Instance, count: int) -> None:
        chunks = 0
        async for _ in instance.stream_async(f"{count} {_LENGTH}", None):
            chunks += 1
        if chunks != count:
            raise RuntimeError(f"{chunks} chunks came of {count}")

    async def read_all(count: int) -> None:
        each = max(1, count // _STREAMS)
        await asyncio.gather(*(read(instance, each) for instance in places))

    return once(lambda count: asyncio.run(read_all(count)))


def _to_batches(core: CoreAlone) -> Sampler:
    """Events as the core hands them out, without a host that looks at them."""

    def work(count: int) -> None:
        request = core.request()
        failed = fast.request_run(request, f"{count} {_LENGTH}")
        if isinstance(failed, tuple):
            raise RuntimeError(f"the plugin does not send: {failed}")
        chunks, ended, wanted = 0, False, bytes([WANT_EVENTS])
        while not ended:
            drained = fast.drain(core.core, _BATCH, _WAIT_MS, wanted)
            if drained is None:
                raise RuntimeError(f"after {chunks} chunks of {count} no more came")
            for event in drained[1]:
                if event[0] == EventType.STREAM_DATA:
                    chunks += len(event[9])
                else:
                    ended = ended or event[0] == EventType.REQUEST_ENDED
        if chunks != count:
            raise RuntimeError(f"{chunks} chunks came of {count}")
        core.release(request)

    return elsewhere(once(work))


def groups() -> Groups:
    """Chunks of 32 bytes."""
    with (
        connected("chunks") as (listened,),
        connected("chunks") as (batched,),
        connected("chunks") as (read,),
        core_alone("chunks") as core,
    ):
        group = Group(f"{_LENGTH} B", "a chunk", most=_MOST)
        group.limit("C: a queue, pushed and walked", limit("queue", _LENGTH), _LEAST)
        group.ours("a listener of the host", _to_listener(listened), _LEAST)
        group.ours("a listener of batches", _to_batch_listener(batched), _LEAST)
        group.ours("async for", _to_async_for(read), _LEAST)
        group.ours("the core, in batches", _to_batches(core), _LEAST)
        group.peer("the crate, to a host that does nothing", lambda: crate("chunks", _LENGTH), _LEAST)
        group.peer(_CALLBACKS[0], lambda: callbacks.with_cffi(_LENGTH), _LEAST)
        group.peer(_CALLBACKS[1], lambda: callbacks.with_ctypes(_LENGTH), _LEAST)
        group.target("the core, in batches", 5)
        group.target("a listener of the host", 5)
        group.target("a listener of batches", 5)
        group.target("a listener of batches", 0.3, *_CALLBACKS)
        group.target("a listener of the host", 0.3, *_CALLBACKS)
        group.target("a listener of the host", 0.5, "the crate, to a host that does nothing")
        group.target("async for", 8)
        group.target("async for", 0.5, *_CALLBACKS)
        yield group
    yield from _many()


def _many() -> Groups:
    """A thousand streams at once, of ten instances."""
    with host_with("streams") as host:
        instances = [connect(host, "streams", f"streams {at}") for at in range(_INSTANCES)]
        group = Group(f"{_STREAMS:,} streams at once", "a chunk", slow=True, most=_STREAMS * _EACH)
        group.limit("C: a queue, pushed and walked", limit("queue", _LENGTH), _STREAMS * _EACH)
        group.ours("async for", _to_many(instances), _STREAMS * _EACH)
        group.target("async for", 8)
        yield group
