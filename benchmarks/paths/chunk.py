"""A chunk of a stream, from a plugin's thread to Python."""

from __future__ import annotations

import asyncio
import threading
from typing import Final

from plugin_interfaces import Instance
from plugin_interfaces._abi import EventType, Status
from plugin_interfaces._ffi import fast
from plugin_interfaces.host.events import Event, StreamEvent

from ..case import Group, Groups, Sampler, once
from ..hosts import CoreAlone, connected, core_alone
from ..limits import limit
from ..peers import callbacks
from ..peers.crate import crate

ORDER: Final = 2
TITLE: Final = "A chunk from a plugin's thread"

_LENGTH: Final = 32
_LEAST: Final = 500  # so that a stream's beginning and end do not count for much
_MOST: Final = 20_000
_BATCH: Final = 256
_WAIT_MS: Final = 10_000
_CALLBACKS: Final = ("cffi, a callback for each", "ctypes, a callback for each")


def _to_listener(instance: Instance) -> Sampler:
    """Chunks to a listener of the host, until the last has come."""
    done = threading.Event()
    left = 0

    def listen(event: Event) -> None:
        nonlocal left
        if isinstance(event, StreamEvent) and event.type == "stream_data":
            left -= 1
            if left == 0:
                done.set()

    instance.host.add_listener(listen)

    def work(count: int) -> None:
        nonlocal left
        left = count
        done.clear()
        reply = instance.start(f"{count} {_LENGTH}")
        if not done.wait(_WAIT_MS / 1000):
            raise RuntimeError(f"{left} chunks of {count} did not come")
        reply.result()

    return once(work)


def _to_async_for(instance: Instance) -> Sampler:
    """Chunks to `async for`."""

    async def read(count: int) -> None:
        chunks = 0
        async for _ in instance.stream_async(f"{count} {_LENGTH}"):
            chunks += 1
        if chunks != count:
            raise RuntimeError(f"{chunks} chunks came of {count}")

    return once(lambda count: asyncio.run(read(count)))


def _to_batches(core: CoreAlone) -> Sampler:
    """Events as the core hands them out, without a host that looks at them."""

    def work(count: int) -> None:
        request = core.request()
        status, reason = fast.request_run(request, f"{count} {_LENGTH}")
        if status != Status.PENDING:
            raise RuntimeError(f"the plugin does not send: {reason or status}")
        chunks, ended = 0, False
        while not ended:
            kinds = [event[0] for event in fast.drain(core.core, _BATCH, _WAIT_MS)]
            if not kinds:
                raise RuntimeError(f"after {chunks} chunks of {count} no more came")
            chunks += kinds.count(EventType.STREAM_DATA)
            ended = EventType.REQUEST_ENDED in kinds
        if chunks != count:
            raise RuntimeError(f"{chunks} chunks came of {count}")
        core.release(request)

    return once(work)


def groups() -> Groups:
    """Chunks of 32 bytes."""
    with connected("chunks") as (listened,), connected("chunks") as (read,), core_alone("chunks") as core:
        group = Group(f"{_LENGTH} B", "a chunk", most=_MOST)
        group.limit("C: a queue, pushed and walked", limit("queue", _LENGTH), _LEAST)
        group.ours("a listener of the host", _to_listener(listened), _LEAST)
        group.ours("async for", _to_async_for(read), _LEAST)
        group.ours("the core, in batches", _to_batches(core), _LEAST)
        group.peer("the crate, to a host that does nothing", lambda: crate("chunks", _LENGTH), _LEAST)
        group.peer(_CALLBACKS[0], lambda: callbacks.with_cffi(_LENGTH), _LEAST)
        group.peer(_CALLBACKS[1], lambda: callbacks.with_ctypes(_LENGTH), _LEAST)
        group.target("the core, in batches", 5)
        group.target("a listener of the host", 5)
        group.target("a listener of the host", 0.3, *_CALLBACKS)
        group.target("a listener of the host", 0.5, "the crate, to a host that does nothing")
        group.target("async for", 8)
        group.target("async for", 0.5, *_CALLBACKS)
        yield group
