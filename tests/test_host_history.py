"""What is kept of a conversation, also of one whose host was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from host_support import EventLog, Plugins
from plugin_interfaces import Status
from plugin_interfaces.errors import PluginFailed, RequestCancelled
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent, StreamEvent

Load = Callable[..., Instance]

REMEMBERS = """
    from plugin_interfaces import PluginHandler
    class Remembers(PluginHandler):
        def handle_message(self, message, context):
            return "|".join(f"{one.role}:{one.content}" for one in context.history)
"""


def said(instance: Instance, limit: int = 0, before: str | None = None) -> list[tuple[str, str]]:
    """Role and text of each message."""
    return [(message.role, message.content) for message in instance.history(limit, before)]


def test_both_sides_are_there_when_send_returns(c: Load) -> None:
    """The message and its reply, in this order."""
    echo = c("echo")
    echo.send("hello")
    assert [("user", "hello"), ("plugin", "hello")] == said(echo)


def test_the_message_is_there_before_the_plugin_gets_it(py: Load) -> None:
    """get_history inside handle_message has it already."""
    source = """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                return context.get_history()[-1].content
    """
    assert "hello" == py(source).send("hello")


def test_the_conversation_survives_the_host(plugins: Plugins, tmp_path: Path) -> None:
    """Another host on the same data has it."""
    plugins.c("echo")
    with Host([plugins.path], tmp_path / "data") as host:
        echo = host.load("echo")
        echo.connect()
        echo.send("hello")
    with Host([plugins.path], tmp_path / "data") as host:
        assert [("user", "hello"), ("plugin", "hello")] == said(host.load("echo"))


def test_a_page_ends_before_a_message(c: Load) -> None:
    """For scrolling back."""
    echo = c("echo")
    for text in ("one", "two", "three"):
        echo.send(text)
    last = echo.history(2)
    assert [("user", "three"), ("plugin", "three")] == [(one.role, one.content) for one in last]
    assert [("user", "two"), ("plugin", "two")] == said(echo, 2, last[0].id)


def test_each_instance_has_its_own_conversation(host: Host, c: Load) -> None:
    """Also two of one plugin."""
    echo = c("echo")
    other = host.load("echo", "other")
    other.connect()
    echo.send("one")
    other.send("two")
    assert ([("user", "one"), ("plugin", "one")], [("user", "two"), ("plugin", "two")]) == (said(echo), said(other))


def test_a_stream_is_one_message(c: Load) -> None:
    """Its chunks are joined, and the empty reply behind it leaves no trace."""
    words = c("words")
    words.send("one two")
    assert [("user", "one two"), ("plugin", "onetwo")] == said(words)


def test_a_message_without_being_asked_is_kept(py: Load, log: EventLog) -> None:
    """With its kind and the id that its event has."""
    source = """
        from plugin_interfaces import MessageKind, PluginHandler
        class P(PluginHandler):
            def on_connect(self, context):
                context.send_message("careful", MessageKind.WARNING)
    """
    instance = py(source)
    event = log.wait_for(MessageEvent)
    kept = instance.history()[0]
    assert (event.message_id, "careful", "warning") == (kept.id, kept.content, kept.message_type)


def test_a_failure_is_part_of_the_conversation(py: Load) -> None:
    """With the status `error` and the reason."""
    source = """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                raise ValueError("no such thing")
    """
    instance = py(source)
    with pytest.raises(PluginFailed):
        instance.send("x")
    last = instance.history()[-1]
    assert ("error", "ValueError: no such thing") == (last.status, last.content)


def test_what_came_before_a_cancel_is_kept(py: Load, log: EventLog) -> None:
    """With the status `cancelled`."""
    source = """
        import time
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                with context.stream() as stream:
                    stream.send("half")
                    while not context.request.cancelled:
                        time.sleep(0.005)
    """
    instance = py(source)
    reply = instance.start("x")
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result()
    last = instance.history()[-1]
    assert ("half", "cancelled") == (last.content, last.status)


def test_a_stream_that_has_not_ended_can_be_read(py: Load, log: EventLog) -> None:
    """With the status `active`, and `paused` while it is."""
    source = """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def on_connect(self, context):
                self.stream = context.stream()
                self.stream.send("so far")
                self.stream.pause()
    """
    instance = py(source)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_pause")
    last = instance.history()[-1]
    assert ("so far", "paused") == (last.content, last.status)


def test_a_plugin_that_requires_history_gets_it_before_the_message(py: Load) -> None:
    """Without the new message."""
    remembers = py(REMEMBERS, manifest="require_history = true")
    assert ["", "user:one|plugin:"] == [remembers.send("one"), remembers.send("two")]


def test_a_plugin_that_does_not_require_history_gets_none(py: Load) -> None:
    """set_history is not called."""
    remembers = py(REMEMBERS)
    assert ["", ""] == [remembers.send("one"), remembers.send("two")]


def test_get_history_gives_the_newest(py: Load) -> None:
    """So many as asked for, oldest first."""
    source = """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                return " ".join(one.content for one in context.get_history(3))
    """
    instance = py(source)
    instance.send("a")
    assert "a a b" == instance.send("b")


def test_get_history_gives_what_has_come_of_a_stream(py: Load) -> None:
    """While it has not ended."""
    source = """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                if message == "begin":
                    self.stream = context.stream(request=0)
                    self.stream.send("so ")
                    self.stream.send("far")
                    return ""
                return " ".join(f"{one.status}:{one.content}" for one in context.get_history())
    """
    instance = py(source)
    instance.send("begin")
    assert "active:so far" in instance.send("read")


def test_the_export_has_the_names_of_the_crate(c: Load) -> None:
    """As JSON."""
    echo = c("echo")
    echo.send("hello")
    first = json.loads(echo.export_history())[0]
    assert {"id", "type", "status", "content", "pluginId", "role", "createdAt"} == set(first)


def test_a_cleared_conversation_is_empty(c: Load) -> None:
    """And goes on from there."""
    echo = c("echo")
    echo.send("hello")
    echo.clear_history()
    assert [] == echo.history()


# A host in a process of its own: prints "ready" when the listener saw the event that is waited for, and then waits
# for its end.
PROGRAM = """
    import sys, threading
    from plugin_interfaces.host import Host, events

    host = Host([sys.argv[1]], sys.argv[2])
    instance = host.load("plugin")
    instance.connect()

    def listen(event):
        if isinstance(event, events.MessageEvent) or getattr(event, "chunk", "") == "two":
            print("ready", flush=True)

    host.add_listener(listen)
    instance.start("tell me", timeout=None)
    threading.Event().wait()
"""


def kill_when_ready(plugins: Plugins, data: Path) -> None:
    """Runs PROGRAM and kills it with SIGKILL at that point."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(plugins.path), str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "ready\n" == process.stdout.readline()
        finally:
            os.kill(process.pid, signal.SIGKILL)
    assert -signal.SIGKILL == process.returncode


def test_a_message_survives_a_kill_while_its_plugin_works(plugins: Plugins, tmp_path: Path) -> None:
    """It was stored before the plugin got it."""
    plugins.py("""
        import threading
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("begins")
                threading.Event().wait()
    """)
    kill_when_ready(plugins, tmp_path / "data")
    with Host([plugins.path], tmp_path / "data") as host:
        assert [("user", "tell me"), ("plugin", "begins")] == said(host.load("plugin"))


def test_half_a_stream_survives_a_kill(plugins: Plugins, tmp_path: Path) -> None:
    """What a listener saw is kept, marked as an error, and the conversation goes on."""
    plugins.py("""
        import threading
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                if message != "tell me":
                    return "here I am"
                stream = context.stream()
                for chunk in ("one ", "two"):
                    stream.send(chunk)
                threading.Event().wait()
    """)
    kill_when_ready(plugins, tmp_path / "data")
    with Host([plugins.path], tmp_path / "data") as host:
        instance = host.load("plugin")
        instance.connect()
        last = instance.history()[-1]
        assert ("one two", "error", "here I am") == (last.content, last.status, instance.send("again"))


def test_a_second_host_does_not_end_the_streams_of_the_first(plugins: Plugins, py: Load, tmp_path: Path) -> None:
    """Two programs may share one data folder."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                self.stream = context.stream()
                self.stream.send("half")
                return ""
    """)
    instance.send("x")
    with Host([plugins.path], tmp_path / "data"):
        assert "active" == instance.history()[-1].status


def test_a_history_that_cannot_be_written_does_not_stop_replies(host: Host, c: Load) -> None:
    """A reply still arrives where the store failed after the message was sent."""
    echo = c("never_replies")
    reply = echo.start("x", timeout=None)
    host.store.close()
    reply.cancel()
    with pytest.raises(RequestCancelled) as caught:
        reply.result(20)
    assert Status.CANCELLED == caught.value.code
