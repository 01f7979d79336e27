"""The order of events when an instance ends and another one with its id begins."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from host_support import PATIENCE, EventLog
from plugin_interfaces import State
from plugin_interfaces.errors import HistoryError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import Event, MessageEvent, StateEvent

Load = Callable[..., Instance]

FIRST = ["INITIALIZED", "MOUNTED", "CONNECTED"]
LAST = ["MOUNTED", "DISPOSED", "GONE"]
RELOADS = 60


def states(log: EventLog) -> list[str]:
    return [event.state.name for event in log.of(StateEvent)]


def test_an_instance_that_is_reloaded_is_told_life_after_life(host: Host, c: Load, log: EventLog) -> None:
    """However the core's queues are read."""
    instance = c("echo")
    for _ in range(RELOADS):
        instance = host.reload(instance)
    host.close()
    assert (FIRST + LAST) * (RELOADS + 1) == states(log)


def test_a_listener_may_load_again_what_it_unloads(host: Host, c: Load, log: EventLog) -> None:
    """It holds up the events of both, and hears the old one's first."""
    instance = c("echo")
    log.wait_for(StateEvent, lambda event: event.state == State.CONNECTED)
    done = threading.Event()

    def listener(event: Event) -> None:
        if isinstance(event, StateEvent) and event.state == State.CONNECTED:
            host.unload(instance)
            host.load("echo")
            done.set()

    host.add_listener(listener)
    instance.disconnect()
    instance.connect()
    assert done.wait(PATIENCE)
    host.close()
    assert [*FIRST, "MOUNTED", "CONNECTED", *LAST, "INITIALIZED", "MOUNTED", "DISPOSED", "GONE"] == states(log)


def test_what_an_instance_says_while_it_begins_follows_the_last_words_of_the_one_before(
    host: Host, py: Load, log: EventLog
) -> None:
    """Not only its states."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def initialize(self, context): context.send_message("hello")
            def on_dispose(self, context): context.send_message("goodbye")
    """)
    for _ in range(RELOADS):
        instance = host.reload(instance)
    host.close()
    assert ["hello", "goodbye"] * (RELOADS + 1) == [event.content for event in log.of(MessageEvent)]


def test_a_load_that_failed_holds_up_nothing_of_the_next(
    host: Host, c: Load, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The saved state could not be read; then it can."""
    host.unload(c("counts"))

    def fail(_: str) -> None:
        raise HistoryError("state", "the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(host.store, "load_state", fail)
        with pytest.raises(HistoryError, match="the disk is gone"):
            host.load("counts")
    counts = host.load("counts")
    counts.connect()
    assert "1" == counts.send("hello", timeout=PATIENCE)
