"""Messages and their replies: in time, late, cancelled, from threads and from asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

import pytest

from host_support import PATIENCE, EventLog, refused_in_listener
from plugin_interfaces import State, Status
from plugin_interfaces.errors import (
    NoReply,
    PluginFailed,
    ReplyTimeout,
    RequestCancelled,
    TextError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import (
    EventsLostEvent,
    FrontendEvent,
    LogEvent,
    MessageEvent,
    RequestEndedEvent,
    StateEvent,
    UiRefreshEvent,
)

Load = Callable[..., Instance]

# Works until it is no longer wanted, and says so in messages.
PATIENT = """
    import time
    from plugin_interfaces import PluginHandler

    class Patient(PluginHandler):
        def handle_message(self, message, context):
            context.send_message("begins")
            while not context.request.cancelled:
                time.sleep(0.005)
            context.send_message(f"ends {context.request.status}")
"""

# Keeps the request and answers it, from a thread, when the next message comes.
LATER = """
    from plugin_interfaces import PluginHandler

    class Later(PluginHandler):
        kept = None
        def handle_message(self, message, context):
            if self.kept is None:
                self.kept = context.keep_request()
                context.send_message("kept")
                return None
            self.kept.reply(f"late {message}")
            return "now"

        def on_cancel(self, context, request, stream):
            context.send_message(f"cancelled {request == self.kept.id}")
"""

ASYNC = """
    import asyncio
    from plugin_interfaces import PluginHandler

    class Async(PluginHandler):
        async def handle_message(self, message, context):
            if message == "forever":
                context.send_message("begins")
                try:
                    await asyncio.Event().wait()
                finally:
                    context.send_message("task ends")
            await asyncio.sleep(0)
            return message.upper()
"""


@pytest.mark.parametrize("text", ["hello", "", "Grüß Gott 🙂", "a\0b", "x" * 1_000_000])
def test_a_text_comes_back_as_it_was(c: Load, text: str) -> None:
    """Also an empty one, one with a NUL byte, and a long one."""
    assert text == c("echo").send(text)


def test_a_plugin_without_handle_message_echoes(c: Load) -> None:
    """The header promises this default."""
    assert "Echo from Test: hello" == c("changes_directory").send("hello")


def test_replies_belong_to_their_messages(c: Load) -> None:
    """Many threads at a time, each gets its own."""
    echo = c("echo")
    replies: dict[str, str] = {}

    def send(text: str) -> None:
        replies[text] = echo.send(text)

    threads = [threading.Thread(target=send, args=(str(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {str(number): str(number) for number in range(20)} == replies


def test_many_async_sends_run_together(c: Load) -> None:
    """asyncio.gather keeps their order."""
    echo = c("echo")

    async def run() -> list[str]:
        return await asyncio.gather(*(echo.send_async(str(number)) for number in range(50)))

    assert [str(number) for number in range(50)] == asyncio.run(run())


def test_an_async_handler_replies(py: Load) -> None:
    """handle_message may be `async def`."""
    assert "HELLO" == py(ASYNC).send("hello")


def test_async_messages_of_one_instance_overlap(py: Load, log: EventLog) -> None:
    """A message that waits does not hold up the next."""
    instance = py(ASYNC)
    waiting = instance.start("forever")
    log.wait_for(MessageEvent)
    assert "HELLO" == instance.send("hello")
    waiting.cancel()


def test_a_kept_request_is_answered_later(py: Load, log: EventLog) -> None:
    """The reply reaches whoever waits for it."""
    later = py(LATER)
    first = later.start("one")
    log.wait_for(MessageEvent)
    assert ("now", "late two") == (later.send("two"), first.result(PATIENCE))


def test_start_returns_before_the_reply(py: Load, log: EventLog) -> None:
    """It is not done, and cancelling ends it."""
    reply = py(PATIENT).start("x")
    log.wait_for(MessageEvent)
    assert not reply.done
    assert reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_a_plugin_that_polls_learns_of_the_cancel(py: Load, log: EventLog) -> None:
    """request.status says why."""
    reply = py(PATIENT).start("x")
    log.wait_for(MessageEvent)
    reply.cancel()
    log.wait_for(MessageEvent, lambda event: event.content == f"ends {int(Status.CANCELLED)}")


def test_on_cancel_names_the_request(py: Load, log: EventLog) -> None:
    """A kept request has no handle_message that could poll."""
    reply = py(LATER).start("x")
    log.wait_for(MessageEvent)
    reply.cancel()
    log.wait_for(MessageEvent, lambda event: event.content == "cancelled True")


def test_a_cancelled_request_cancels_the_task_of_its_plugin(py: Load, log: EventLog) -> None:
    """An async handler sees CancelledError."""
    reply = py(ASYNC).start("forever")
    log.wait_for(MessageEvent)
    reply.cancel()
    log.wait_for(MessageEvent, lambda event: event.content == "task ends")


def test_a_cancelled_asyncio_task_cancels_its_request(py: Load, log: EventLog) -> None:
    """On the side of the host."""
    instance = py(ASYNC)

    async def run() -> None:
        task = asyncio.create_task(instance.send_async("forever"))
        await asyncio.to_thread(log.wait_for, MessageEvent)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(run())
    log.wait_for(MessageEvent, lambda event: event.content == "task ends")


def test_cancelling_twice_tells_that_it_had_ended(py: Load, log: EventLog) -> None:
    """The second answer is False."""
    reply = py(PATIENT).start("x")
    log.wait_for(MessageEvent)
    assert (True, False) == (reply.cancel(), reply.cancel())


def test_a_deadline_ends_a_request_that_was_kept(c: Load) -> None:
    """Although the plugin never answers."""
    with pytest.raises(ReplyTimeout, match="in time"):
        c("never_replies").send("x", timeout=0.05)


def test_a_deadline_ends_a_request_whose_plugin_works_on(py: Load, log: EventLog) -> None:
    """send returns, and the plugin learns of it by polling."""
    with pytest.raises(ReplyTimeout):
        py(PATIENT).send("x", timeout=0.05)
    log.wait_for(MessageEvent, lambda event: event.content == f"ends {int(Status.TIMEOUT)}")


def test_a_deadline_counts_while_waiting_for_a_turn(py: Load, log: EventLog) -> None:
    """The second message never reaches the busy plugin."""
    busy = py(PATIENT)
    first = busy.start("x")
    log.wait_for(MessageEvent)
    with pytest.raises(ReplyTimeout):
        busy.send("y", timeout=0.05)
    first.cancel()
    log.wait_for(MessageEvent, lambda event: event.content.startswith("ends"))
    assert 1 == len([event for event in log.of(MessageEvent) if event.content == "begins"])


@pytest.mark.parametrize("attempt", range(20))
def test_a_deadline_of_nothing_ends_at_once(host: Host, c: Load, attempt: int) -> None:
    """Whoever is first, the message or the clock: it ends."""
    echo = c("echo")
    with contextlib.suppress(ReplyTimeout):
        assert "x" == echo.send("x", timeout=0)


def test_waiting_for_a_reply_can_be_shorter_than_the_deadline(py: Load, log: EventLog) -> None:
    """The request goes on."""
    later = py(LATER)
    reply = later.start("one")
    log.wait_for(MessageEvent)
    with pytest.raises(ReplyTimeout, match="within"):
        reply.result(timeout=0.01)
    later.send("two")
    assert "late two" == reply.result(PATIENCE)


def test_ctrl_c_in_send_cancels_the_request(py: Load, log: EventLog) -> None:
    """The signal comes while this thread waits; the plugin learns that nobody does any more."""
    instance = py("""
        import signal, threading, time
        from plugin_interfaces import PluginHandler

        class P(PluginHandler):
            def handle_message(self, message, context):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                while not context.request.cancelled:
                    time.sleep(0.005)
                context.send_message("stopped")
    """)
    with pytest.raises(KeyboardInterrupt):
        instance.send("x", timeout=None)
    log.wait_for(MessageEvent, lambda event: event.content == "stopped")


def test_a_listener_that_would_wait_for_itself_is_refused(c: Load, host: Host) -> None:
    """send on the event thread raises instead of waiting for ever; start is allowed there."""
    error = refused_in_listener(host, c("echo"), lambda echo: echo.send("x"))
    assert "start()" in str(error)


def test_unloading_ends_what_is_open(host: Host, c: Load) -> None:
    """Whoever waits gets an error, not silence."""
    instance = c("never_replies")
    reply = instance.start("x", timeout=None)
    host.unload(instance)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_closing_the_host_ends_what_is_open(host: Host, c: Load) -> None:
    """Also a reply that somebody still waits for."""
    reply = c("never_replies").start("x", timeout=None)
    host.close()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_a_plugins_own_status_is_in_the_error(c: Load) -> None:
    """The code is the plugin's."""
    with pytest.raises(PluginFailed) as caught:
        c("invalid_error").send("x")
    assert -1234 == caught.value.code


def test_no_reply_is_an_error(c: Load) -> None:
    """The text says what the plugin is to do."""
    with pytest.raises(NoReply, match="call request_reply"):
        c("no_reply").send("x")


def test_a_lone_surrogate_is_no_text(c: Load) -> None:
    """The error says where it stands, and nothing was sent."""
    echo = c("echo")
    with pytest.raises(TextError, match="index 3"):
        echo.send("abc\ud800")
    assert [] == echo.history()


def test_the_kinds_of_messages_arrive(py: Load, log: EventLog) -> None:
    """As the words of the crate, in order."""
    py("""
        from plugin_interfaces import MessageKind, PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                for kind in MessageKind:
                    context.send_message(kind.name, kind)
                return ""
    """).send("x")
    assert ["normal", "success", "warning", "error", "info"] == [event.kind for event in log.of(MessageEvent)]


def test_a_message_has_the_payload_of_the_crate(py: Load, log: EventLog) -> None:
    """Its event is `plugin-message`."""
    py(LATER).start("x")
    name, payload = log.wait_for(MessageEvent).to_frontend() or ("", None)
    assert ("plugin-message", "plugin_message", "kept") == (name, payload.message_type, payload.content)


def test_events_of_one_instance_keep_their_order(py: Load, log: EventLog) -> None:
    """Messages, logs, refreshes and events of its own, as they were sent."""
    py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("one")
                context.log(2, "two")
                context.refresh_ui()
                context.send_to_frontend("own", {"three": 3})
                return ""
    """).send("x")
    wanted = (MessageEvent, LogEvent, UiRefreshEvent, FrontendEvent)
    assert list(wanted) == [type(event) for event in log.events if isinstance(event, wanted)]


def test_a_failing_listener_stops_nobody(host: Host, c: Load) -> None:
    """Its error is logged, and the next listener is called."""
    log = EventLog()

    def fails(_: object) -> None:
        raise ValueError("a listener's own fault")

    host.add_listener(fails)
    host.add_listener(log)
    assert "hello" == c("echo").send("hello")
    log.wait_for(RequestEndedEvent)


def test_a_removed_listener_hears_nothing(host: Host, c: Load) -> None:
    """From its removal on."""
    echo = c("echo")
    log = EventLog()
    host.add_listener(log)()
    echo.send("hello")
    assert [] == log.events


def test_a_slow_reader_of_events_is_told_what_it_lost(host: Host, c: Load, log: EventLog) -> None:
    """The newest are kept."""
    echo = c("echo")
    log.wait_for(StateEvent, lambda event: event.state == State.CONNECTED)

    async def run() -> tuple[int, list[str]]:
        async with host.events(limit=3) as events:
            for number in range(10):
                await echo.send_async(str(number))
            # The reply may be here before its event is.
            await asyncio.to_thread(log.wait_for, RequestEndedEvent, lambda event: event.text == "9")
            first = await anext(events)
            assert isinstance(first, EventsLostEvent)
            await events.aclose()
            return first.count, [event.text async for event in events if isinstance(event, RequestEndedEvent)]

    assert (17, ["8", "9"]) == asyncio.run(run())


def test_events_end_with_the_host(host: Host, c: Load) -> None:
    """The iteration is over when the last event was read."""
    c("echo")

    async def run() -> list[str]:
        events = host.events()
        await asyncio.to_thread(host.close)
        return [event.state.name async for event in events if isinstance(event, StateEvent)]

    assert "GONE" == asyncio.run(run())[-1]
