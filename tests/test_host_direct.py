"""A plugin that is quick answers on the caller's thread; the conversation and the listeners follow."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces.errors import NotConnected, PluginFailed, TextError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import Event, MessageEvent, RequestEndedEvent, RequestStartedEvent

Load = Callable[..., Instance]

# So many quick replies, and the next comes directly; a few more, should the system hold one up.
EARNED: Final = 100

# Says which thread it runs on; the rest as its name says.
THREADS: Final = """
    import threading
    from plugin_interfaces import PluginHandler
    class Threads(PluginHandler):
        def handle_message(self, message, context):
            if message == "fail":
                raise ValueError("as asked")
            if message == "tell":
                context.send_message("first")
            if message == "stream":
                with context.stream() as stream:
                    stream.send("one ")
                    stream.send("two")
                return ""
            return threading.current_thread().name
"""


@pytest.fixture
def quick(py: Load) -> Instance:
    """A plugin that has shown that it is quick."""
    instance = py(THREADS)
    for _ in range(EARNED):
        instance.send("x")
    return instance


def here() -> str:
    return threading.current_thread().name


def test_a_plugin_that_was_not_seen_yet_runs_on_a_worker(py: Load) -> None:
    """It may hang."""
    assert py(THREADS).send("x").startswith("plugin-interfaces-worker-")


def test_a_quick_plugin_runs_on_the_callers_thread(quick: Instance) -> None:
    assert here() == quick.send("x")


def test_start_always_takes_a_worker(quick: Instance) -> None:
    assert quick.start("x").result(PATIENCE).startswith("plugin-interfaces-worker-")


def test_a_plugin_that_promises_nothing_is_not_called_on_the_event_loop(quick: Instance) -> None:
    assert asyncio.run(quick.send_async("x")).startswith("plugin-interfaces-worker-")


def test_a_direct_failure_is_raised(quick: Instance) -> None:
    with pytest.raises(PluginFailed, match="ValueError: as asked"):
        quick.send("fail")


def test_a_direct_reply_may_be_a_stream(quick: Instance) -> None:
    assert "one two" == quick.send("stream")


def test_pieces_of_a_direct_stream_are_in_the_conversation_once(quick: Instance) -> None:
    quick.send("stream")
    assert ["stream", "one two"] == [message.content for message in quick.history(2)]


def test_what_a_quick_plugin_sends_before_its_reply_is_seen_before_that(host: Host, quick: Instance) -> None:
    log = EventLog()
    host.add_listener(log)
    quick.send("tell")
    assert ["first"] == [event.content for event in log.of(MessageEvent)]


@pytest.mark.parametrize("text", ["\ud800", "\udfff tail"])
def test_a_lone_surrogate_is_no_message(quick: Instance, text: str) -> None:
    with pytest.raises(TextError, match="lone surrogate"):
        quick.send(text)


def test_a_quick_plugin_that_was_disconnected_takes_no_message(quick: Instance) -> None:
    quick.disconnect()
    with pytest.raises(NotConnected, match="connect it first"):
        quick.send("x")


def test_direct_messages_of_many_threads_are_all_in_the_conversation(c: Load) -> None:
    echo = c("echo")

    def send(name: int) -> None:
        for number in range(200):
            text = f"{name} {number}"
            assert text == echo.send(text)

    threads = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    history = echo.history()
    wanted = sorted(f"{name} {number}" for name in range(4) for number in range(200))
    sent = sorted(message.content for message in history if message.role == "user")
    replied = sorted(message.content for message in history if message.role == "plugin")
    assert (wanted, wanted) == (sent, replied)


def test_direct_messages_survive_the_host(plugins: Plugins, tmp_path: Path) -> None:
    """Also those that nothing has waited for."""
    plugins.c("echo")
    with Host([plugins.path], tmp_path / "data") as host:
        echo = host.load("echo")
        echo.connect()
        for number in range(500):
            echo.send(str(number))
    with Host([plugins.path], tmp_path / "data") as host:
        texts = [message.content for message in host.load("echo").history()]
    assert [str(number // 2) for number in range(1000)] == texts


# ---- the message as an event ----


def test_a_message_is_told_of_before_its_reply(c: Load, log: EventLog) -> None:
    """With one request, and the text of each."""
    c("echo").send("hello")
    ended = log.wait_for(RequestEndedEvent)
    started = log.of(RequestStartedEvent)[0]
    assert ("hello", "hello", started.request) == (started.text, ended.text, ended.request)
    assert started.sequence < ended.sequence


def test_events_have_the_ids_that_the_conversation_has(c: Load, log: EventLog) -> None:
    """Of the message and of its reply."""
    echo = c("echo")
    echo.send("hello")
    ended = log.wait_for(RequestEndedEvent)
    assert [log.of(RequestStartedEvent)[0].message_id, ended.message_id] == [one.id for one in echo.history()]


def test_ids_differ_from_host_to_host(plugins: Plugins, tmp_path: Path) -> None:
    """Although both count from one."""
    plugins.c("echo")
    ids: set[str] = set()
    for _ in range(3):
        with Host([plugins.path], tmp_path / "data") as host:
            echo = host.load("echo")
            echo.connect()
            echo.send("x")
            ids |= {message.id for message in echo.history()}
    assert 6 == len(ids)


# ---- batches ----


def test_a_batch_listener_gets_every_event_once_and_in_order(host: Host, c: Load) -> None:
    echo = c("echo")
    batches: list[list[Event]] = []
    ended = threading.Event()

    def take(events: list[Event]) -> None:
        batches.append(events)
        if any(isinstance(event, RequestEndedEvent) and event.text == "99" for event in events):
            ended.set()

    host.add_batch_listener(take)
    for number in range(100):
        echo.send(str(number))
    assert ended.wait(PATIENCE)
    events = [event for batch in batches for event in batch if isinstance(event, RequestStartedEvent)]
    assert [str(number) for number in range(100)] == [event.text for event in events]


def test_a_batch_listener_that_fails_is_logged_and_holds_up_nobody(
    host: Host, c: Load, log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(events: list[Event]) -> None:
        raise ValueError(f"{len(events) > 0}")

    remove = host.add_batch_listener(fail)
    c("echo").send("hello")
    log.wait_for(RequestEndedEvent)
    remove()
    assert "a listener failed with ValueError: True" in caplog.text


# ---- without a conversation ----


@pytest.fixture
def forgetful(plugins: Plugins) -> Iterator[Load]:
    """Connected instances of plugins in C, in a host that keeps no conversation."""
    with Host([plugins.path], keep_history=False) as host:

        def connected(name: str) -> Instance:
            plugins.c(name)
            host.discover()
            instance = host.load(name)
            instance.connect()
            return instance

        yield connected


def test_a_host_may_keep_no_conversation(forgetful: Load) -> None:
    echo = forgetful("echo")
    assert ("hello", []) == (echo.send("hello"), echo.history())


def test_a_listener_hears_of_messages_that_are_not_kept(forgetful: Load) -> None:
    """From when it was added, also directly."""
    log = EventLog()
    echo = forgetful("echo")
    for _ in range(EARNED):
        echo.send("before")
    echo.host.add_listener(log)
    echo.send("after")
    log.wait_for(RequestStartedEvent, lambda event: event.text == "after")


def test_streams_work_without_a_conversation(forgetful: Load) -> None:
    assert ["one", "two"] == list(forgetful("words").stream("one two"))


def test_a_state_is_saved_where_no_conversation_is_kept(plugins: Plugins, tmp_path: Path) -> None:
    plugins.py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def save_state(self, context):
                return b"kept"
    """)
    with Host([plugins.path], tmp_path / "data", keep_history=False) as host:
        host.load("plugin")
    with Host([plugins.path], tmp_path / "data", keep_history=False) as host:
        assert b"kept" == host.store.load_state("plugin")
