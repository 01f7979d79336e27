"""What a plugin's methods are given: requests, streams and calls, by the crate's names and by ours."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugin_interfaces.errors import PluginFailed, RequestCancelled
from plugin_interfaces.host import Host, Instance

HEAD = """
import asyncio, threading
from plugin_interfaces import *

class Plugin(PluginHandler):
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Makes a plugin with the methods given, connected, in one host with an `echo`."""
    with Host(data_dir=tmp_path / "data") as host:
        host._folders = [tmp_path]

        def make(methods: str, plugin_id: str = "plugin") -> Instance:
            folder = tmp_path / plugin_id
            folder.mkdir()
            (folder / "config.toml").write_text(f'[plugin]\nid = "{plugin_id}"\nname = "P"\nversion = "1"\n')
            (folder / "plugin.py").write_text(HEAD + methods)
            host.discover()
            instance = host.load(plugin_id)
            instance.connect()
            return instance

        yield make


def test_a_plugin_without_methods_echoes(start: Callable[..., Instance]) -> None:
    """With its name."""
    assert "Echo from P: hi" == start("    pass\n").send("hi")


def test_the_stream_calls_of_the_crate(start: Callable[..., Instance]) -> None:
    """Start, data, batch, final, end; the reply is the joined text."""
    plugin = start("""
    def handle_message(self, message, context):
        stream = context.send_message_stream_start()
        context.send_message_stream(stream, "a")
        context.send_message_stream_batch(stream, ["b", "c"])
        assert [stream] == context.list_active_streams()
        context.send_message_stream(stream, "d", True)
        assert context.get_stream_status(stream) == StreamStatus.FINALIZING
        context.send_message_stream_end(stream, True, None)
        assert context.get_stream_status(stream) == StreamStatus.COMPLETED
""")
    assert "abcd" == plugin.send("x")


def test_a_stream_that_fails_keeps_what_came(start: Callable[..., Instance]) -> None:
    """The exception ends stream and request."""
    plugin = start("""
    def handle_message(self, message, context):
        with context.stream() as stream:
            stream.send("half")
            raise ValueError("broken")
""")
    with pytest.raises(PluginFailed, match="ValueError: broken"):
        plugin.send("x")
    assert ("half", "error") == (plugin.history()[-1].content, plugin.history()[-1].status)


def test_a_kept_request_is_answered_from_a_thread(start: Callable[..., Instance]) -> None:
    """After handle_message has returned."""
    plugin = start("""
    def handle_message(self, message, context):
        request = context.keep_request()
        threading.Thread(target=request.reply, args=("later",)).start()
""")
    assert "later" == plugin.send("x")


def test_an_async_method_is_cancelled_with_its_request(start: Callable[..., Instance]) -> None:
    """It sees CancelledError, and on_cancel follows."""
    plugin = start("""
    async def handle_message(self, message, context):
        context.send_message("waiting")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            context.send_message("stopped")
            raise
""")
    reply = plugin.start("x")
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(20)


def test_messages_overlap_in_an_async_plugin(start: Callable[..., Instance]) -> None:
    """The second is handled while the first waits for it."""
    plugin = start("""
    def initialize(self, context):
        self.arrived = asyncio.Event()

    async def handle_message(self, message, context):
        if message == "first":
            await self.arrived.wait()
        else:
            self.arrived.set()
        return message
""")
    first = plugin.start("first")
    assert "second" == plugin.send("second")
    assert "first" == first.result(20)


def test_an_async_plugin_calls_another(start: Callable[..., Instance]) -> None:
    """Without blocking the loop that both may share."""
    start("    async def handle_message(self, message, context):\n        return message.upper()\n", "other")
    plugin = start("""
    async def handle_message(self, message, context):
        return await context.call_other_plugin_async("other", message)
""")
    assert "HELLO" == plugin.send("hello")


def test_a_blocking_call_in_an_async_method_is_refused(start: Callable[..., Instance]) -> None:
    """It would hold up every async method; the error names the one to use."""
    start("    pass\n", "other")
    plugin = start("""
    async def handle_message(self, message, context):
        return context.call_other_plugin("other", message)
""")
    with pytest.raises(Exception, match="call_other_plugin_async"):
        plugin.send("hello")


def test_the_request_tells_how_long_is_left(start: Callable[..., Instance]) -> None:
    """And whether the answer is wanted."""
    plugin = start("""
    def handle_message(self, message, context):
        return f"{0 < context.request.remaining <= 30} {context.request.cancelled}"
""")
    assert "True False" == plugin.send("x", timeout=30)


def test_the_history_is_the_conversation(start: Callable[..., Instance]) -> None:
    """As the store has it."""
    plugin = start("""
    def handle_message(self, message, context):
        return ",".join(past.role for past in context.get_history())
""")
    plugin.send("one")
    assert "user,plugin,user" == plugin.send("two")
