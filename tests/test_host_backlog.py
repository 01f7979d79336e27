"""Whoever reads a stream more slowly than the plugin sends it holds the plugin up, and loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from host_support import EventLog
from plugin_interfaces.host import Instance, backlog
from plugin_interfaces.host.backlog import ThreadBacklog
from plugin_interfaces.host.events import FrontendEvent, StreamEvent

Load = Callable[..., Instance]

PIECE = 1000
MOST = 64_000_000
# What the reader may have before it, what the queue holds, and what one batch may add.
BOUND = 24_000_000

# It sends until there is no room for half a second, says how much that was, and sends 1,000 pieces more.
FLOODS = f"""
    from plugin_interfaces import PluginHandler, QueueFull
    class P(PluginHandler):
        def handle_message(self, message, context):
            piece, sent = "x" * {PIECE}, 0
            with context.stream() as stream:
                while sent < {MOST}:
                    try:
                        stream.send(piece, wait=0.5)
                    except QueueFull:
                        break
                    sent += {PIECE}
                context.send_to_frontend("held", sent)
                for _ in range(1000):
                    stream.send(piece)
                    sent += {PIECE}
            context.send_to_frontend("sent", sent)
            return ""
"""


def told(log: EventLog, name: str) -> int:
    """The number that came with an event of the plugin's own."""
    return int(log.wait_for(FrontendEvent, lambda event: event.name == name).payload)


def test_a_thread_that_does_not_read_holds_the_plugin(py: Load, log: EventLog) -> None:
    """And has all of it when it goes on."""
    stream = py(FLOODS).stream("go")
    read = len(next(stream))
    assert BOUND > told(log, "held")
    read += sum(map(len, stream))
    assert told(log, "sent") == read


def test_a_task_that_does_not_read_holds_the_plugin(py: Load, log: EventLog) -> None:
    """And has all of it when it goes on."""
    floods = py(FLOODS)

    async def slow() -> tuple[int, int]:
        read, held = 0, 0
        async for piece in floods.stream_async("go"):
            held = held or await asyncio.to_thread(told, log, "held")
            read += len(piece)
        return held, read

    held, read = asyncio.run(slow())
    assert BOUND > held
    assert told(log, "sent") == read


def test_a_reader_that_leaves_lets_the_plugin_go(py: Load, log: EventLog) -> None:
    """It waits for room no longer: nobody wants more."""
    floods = py(FLOODS.replace("for _ in range(1000):", "while True:"))
    stream = floods.stream("go")
    next(stream)
    told(log, "held")
    stream.close()  # type: ignore[attr-defined]
    log.wait_for(StreamEvent, lambda event: event.type == "stream_cancel")
    floods.unload()


def test_a_reader_that_goes_on_while_its_stream_is_being_held_lets_it_go(
    py: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the one instant in which it has read all, and what is to hold the stream has just come."""
    reader = ThreadBacklog(py(FLOODS).start("go"))
    held: list[int] = []

    class Core:
        @staticmethod
        def core_stream_hold(_host: int, _stream: int, hold: int, _error: object) -> int:
            if hold:
                reader.go_on()
            held.append(hold)
            return 0

    monkeypatch.setattr(backlog, "lib", Core)
    reader.put(["x" * MOST], stream=1)
    reader.go_on()
    assert [1, 0] == held
