"""Replies that come as streams: read piece by piece, paused, cancelled, failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces.errors import PluginFailed, RequestCancelled, StreamError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent, StreamEvent

Load = Callable[..., Instance]

# Streams the words of the message; the word "wait" waits until it is cancelled, "fail" raises.
WORDS = """
    import time
    from plugin_interfaces import PluginHandler

    class Words(PluginHandler):
        def handle_message(self, message, context):
            with context.stream() as stream:
                for word in message.split():
                    if word == "wait":
                        while not context.request.cancelled:
                            time.sleep(0.005)
                    if word == "fail":
                        raise RuntimeError("the line broke")
                    stream.send(word)
"""

# Sends chunk after chunk, as long as they are taken, and says how that ended.
ENDLESS = """
    from plugin_interfaces import PluginHandler
    from plugin_interfaces.errors import PluginInterfacesError

    class Endless(PluginHandler):
        def handle_message(self, message, context):
            stream = context.stream()
            try:
                while True:
                    stream.send("x")
            except PluginInterfacesError as error:
                context.send_message(type(error).__name__, wait=None)
                raise
"""


def test_the_chunks_come_one_by_one_and_in_order(c: Load) -> None:
    """From a thread of the plugin's, in C."""
    assert ["one", "two", "three"] == list(c("words").stream("one two three"))


def test_the_reply_is_the_joined_chunks(c: Load) -> None:
    """For who does not care that it was a stream."""
    assert "onetwothree" == c("words").send("one two three")


def test_a_reply_without_a_stream_is_one_chunk(c: Load) -> None:
    """So `stream` can be used with any plugin."""
    assert ["hello"] == list(c("echo").stream("hello"))


def test_an_empty_reply_has_no_chunk(c: Load) -> None:
    """Nothing to show."""
    assert [] == list(c("echo").stream(""))


def test_chunks_for_asyncio(py: Load) -> None:
    """An async iterator gives the same."""
    words = py(WORDS)

    async def run() -> list[str]:
        return [chunk async for chunk in words.stream_async("one two three")]

    assert ["one", "two", "three"] == asyncio.run(run())


def test_a_queue_of_a_few_events_slows_the_sender_and_loses_nothing(plugins: Plugins) -> None:
    """Back-pressure: the plugin's thread waits for room."""
    plugins.c("words")
    words = [str(number) for number in range(200)]
    with Host([plugins.path], queue_events=8) as host:
        instance = host.load("words")
        instance.connect()
        assert words == list(instance.stream(" ".join(words)))


def test_leaving_the_loop_cancels_the_request(py: Load, log: EventLog) -> None:
    """The plugin's next chunk is refused."""
    for chunk in py(ENDLESS).stream("x"):
        assert "x" == chunk
        break
    assert "StreamCancelled" == log.wait_for(MessageEvent).content


def test_leaving_an_async_loop_cancels_the_request(py: Load, log: EventLog) -> None:
    """The same for asyncio, when the iterator is closed."""
    endless = py(ENDLESS)

    async def run() -> None:
        chunks = endless.stream_async("x")
        assert "x" == await anext(chunks)
        await chunks.aclose()  # type: ignore[attr-defined]

    asyncio.run(run())
    assert "StreamCancelled" == log.wait_for(MessageEvent).content


def test_what_came_before_a_failure_is_read_before_the_error(py: Load) -> None:
    """The pieces first, then the reason."""
    chunks = py(WORDS).stream("one two fail three")
    assert ["one", "two"] == [next(chunks), next(chunks)]
    with pytest.raises(PluginFailed, match="the line broke"):
        next(chunks)


def test_a_stream_that_fails_tells_listeners_why(py: Load, log: EventLog) -> None:
    """stream_end carries the reason."""
    with pytest.raises(PluginFailed):
        py(WORDS).send("one fail")
    end = log.wait_for(StreamEvent, lambda event: event.type == "stream_end")
    assert (False, "the line broke") == (end.success, end.reason)


def test_the_person_pauses_and_resumes(py: Load, log: EventLog) -> None:
    """No chunk is taken while it is paused; afterwards it goes on."""
    endless = py(ENDLESS)
    reply = endless.start("x")
    stream = log.wait_for(StreamEvent, lambda event: event.type == "stream_data").stream
    endless.pause_stream(stream)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_pause")
    endless.resume_stream(stream)
    resumed = log.wait_for(StreamEvent, lambda event: event.type == "stream_resume")
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data" and event.sequence > resumed.sequence)
    reply.cancel()
    steps = [event.type for event in log.of(StreamEvent)]
    assert "stream_resume" == steps[steps.index("stream_pause") + 1]


def test_the_person_cancels_a_stream(py: Load, log: EventLog) -> None:
    """The sender learns of it, and its message fails."""
    endless = py(ENDLESS)
    reply = endless.start("x")
    endless.cancel_stream(log.wait_for(StreamEvent).stream)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    assert "StreamCancelled" == log.wait_for(MessageEvent).content


def test_cancelling_the_request_cancels_its_stream(py: Load, log: EventLog) -> None:
    """One event tells of each."""
    reply = py(WORDS).start("one wait two")
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    assert ["stream_start", "stream_data", "stream_cancel"] == [event.type for event in log.of(StreamEvent)]


def test_a_stream_that_is_not_there_cannot_be_paused(c: Load) -> None:
    """The error is one of streams."""
    with pytest.raises(StreamError):
        c("echo").pause_stream(12345)


def test_disconnecting_lets_go_a_thread_that_waits_in_a_paused_stream(py: Load, log: EventLog) -> None:
    """So on_disconnect can join it; the message ends as cancelled."""
    instance = py("""
        import threading
        from plugin_interfaces import PluginHandler
        from plugin_interfaces.errors import PluginInterfacesError

        class P(PluginHandler):
            def handle_message(self, message, context):
                self.thread = threading.Thread(target=self.work, args=(context, context.keep_request()))
                self.thread.start()

            def work(self, context, request):
                stream = context.stream(request=request)
                try:
                    while True:
                        stream.send("x")
                except PluginInterfacesError:
                    pass

            def on_disconnect(self, context):
                self.thread.join()
    """)
    reply = instance.start("x", timeout=None)
    instance.pause_stream(log.wait_for(StreamEvent).stream)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_pause")
    instance.disconnect()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)


def test_unloading_does_not_wait_for_an_answer_that_nobody_gets(host: Host, py: Load, log: EventLog) -> None:
    """A handle_message that would stream for ever is cancelled first, and then the state is saved."""
    endless = py(
        ENDLESS
        + """
        def save_state(self, context):
            return b"saved"
    """
    )
    endless.start("x", timeout=None)
    log.wait_for(StreamEvent)
    host.unload(endless)
    assert b"saved" == host.store.load_state("plugin")


def test_chunks_are_numbered_and_the_last_is_marked(py: Load, log: EventLog) -> None:
    """From 0 on, without a gap."""
    py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                with context.stream() as stream:
                    stream.send("a")
                    stream.send_batch(["b", "c"])
                    stream.send("d", final=True)
    """).send("x")
    data = [event for event in log.of(StreamEvent) if event.type == "stream_data"]
    assert [(0, "a", False), (1, "b", False), (2, "c", False), (3, "d", True)] == [
        (event.number, event.chunk, event.final) for event in data
    ]


def test_a_stream_has_the_payloads_of_the_crate(py: Load, log: EventLog) -> None:
    """Its events are `plugin-stream`, with one stream id in all."""
    py(WORDS).send("one")
    payloads = [event.to_frontend() for event in log.of(StreamEvent)]
    names = {payload[0] for payload in payloads if payload is not None}
    steps = [payload[1].type for payload in payloads if payload is not None]
    ids = {payload[1].data.stream_id for payload in payloads if payload is not None}
    assert ({"plugin-stream"}, ["stream_start", "stream_data", "stream_end"], 1) == (names, steps, len(ids))


def test_a_stream_outside_of_any_request_reaches_listeners(py: Load, log: EventLog) -> None:
    """A plugin may speak without being asked."""
    py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def on_connect(self, context):
                with context.stream() as stream:
                    stream.send("good morning")
    """)
    assert "good morning" == log.wait_for(StreamEvent, lambda event: event.type == "stream_data").chunk


def test_async_streams_of_two_instances_interleave(host: Host, py: Load, log: EventLog) -> None:
    """Each reader gets the chunks of its own."""
    source = """
        import asyncio
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            async def handle_message(self, message, context):
                async with context.stream() as stream:
                    for number in range(20):
                        await stream.send_async(f"{message}{number}")
                        await asyncio.sleep(0)
    """
    one, two = py(source, "one"), py(source, "two")

    async def read(instance: Instance, text: str) -> list[str]:
        return [chunk async for chunk in instance.stream_async(text)]

    async def run() -> list[list[str]]:
        return await asyncio.gather(read(one, "a"), read(two, "b"))

    assert [[f"a{number}" for number in range(20)], [f"b{number}" for number in range(20)]] == asyncio.run(run())
