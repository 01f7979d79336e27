"""Plugins that call each other: C and Python alike, in circles, late and not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces import Status
from plugin_interfaces.errors import (
    CycleError,
    NotConnected,
    PluginFailed,
    PluginInterfacesError,
    ReplyTimeout,
    RequestCancelled,
    TextError,
)
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent

Load = Callable[..., Instance]

# Sends "id text" on to the plugin with that id: the counterpart of plugins/forward.c.
FORWARD = """
    from plugin_interfaces import PluginHandler
    class Forward(PluginHandler):
        def handle_message(self, message, context):
            plugin_id, _, text = message.partition(" ")
            return context.call_other_plugin(plugin_id, text)
"""

FORWARD_ASYNC = """
    from plugin_interfaces import PluginHandler
    class Forward(PluginHandler):
        async def handle_message(self, message, context):
            plugin_id, _, text = message.partition(" ")
            return await context.call_other_plugin_async(plugin_id, text)
"""

UPPER = """
    from plugin_interfaces import PluginHandler
    class Upper(PluginHandler):
        def handle_message(self, message, context):
            return message.upper()
"""


def test_c_calls_python(c: Load, py: Load) -> None:
    """Neither asks what the other is written in."""
    py(UPPER, "upper")
    assert "HELLO" == c("forward").send("upper hello")


def test_python_calls_c(c: Load, py: Load) -> None:
    """Through the same table."""
    c("echo")
    assert "hello" == py(FORWARD).send("echo hello")


def test_an_async_plugin_calls_another(c: Load, py: Load) -> None:
    """Without blocking the event loop."""
    c("echo")
    assert "hello" == py(FORWARD_ASYNC).send("echo hello")


def test_an_async_plugin_calls_an_async_plugin(py: Load) -> None:
    """Both on one event loop."""
    py(
        """
        import asyncio
        from plugin_interfaces import PluginHandler
        class Late(PluginHandler):
            async def handle_message(self, message, context):
                await asyncio.sleep(0)
                return message[::-1]
    """,
        "late",
    )
    assert "olleh" == py(FORWARD_ASYNC).send("late hello")


def test_a_long_reply_comes_whole(py: Load) -> None:
    """However much room it needs."""
    py(UPPER, "upper")
    assert "É" * 300_000 == py(FORWARD).send("upper " + "é" * 300_000)


def test_an_empty_reply_is_one(py: Load) -> None:
    """And not none."""
    py(UPPER, "upper")
    assert py(FORWARD).send("upper ") == ""


def test_a_thread_that_python_does_not_know_calls_python(c: Load, py: Load) -> None:
    """A plugin in C made it."""
    py(UPPER, "upper")
    assert "HELLO" == c("call_from_thread").send("1 upper hello")


def test_such_a_thread_keeps_what_is_thread_local(c: Load, py: Load) -> None:
    """From one call to the next, as long as it lives; each thread has its own."""
    py(
        """
        import threading
        from plugin_interfaces import PluginHandler
        class Counts(PluginHandler):
            local = threading.local()
            def handle_message(self, message, context):
                self.local.count = getattr(self.local, "count", 0) + 1
                return str(self.local.count)
    """,
        "counts",
    )
    calls = c("call_from_thread")
    assert ["3", "2"] == [calls.send("3 counts x"), calls.send("2 counts x")]


def test_an_id_that_has_no_utf_8_form_is_named(py: Load) -> None:
    """Where in it, too."""
    caller = py(
        """
        from plugin_interfaces import PluginHandler
        class Calls(PluginHandler):
            def handle_message(self, message, context):
                return context.call_other_plugin("other\\ud800", message)
    """
    )
    with pytest.raises(TextError, match=r"call_other_plugin: U\+D800 at index 5"):
        caller.send("x")


def test_a_chain_of_three(c: Load, py: Load) -> None:
    """C, Python, C."""
    c("echo")
    py(FORWARD, "middle")
    assert "hello" == c("forward").send("middle echo hello")


def test_an_instance_id_names_one_instance(host: Host, c: Load) -> None:
    """Where a plugin has several."""
    c("counts").send("x")
    second = host.load("counts", "second")
    second.connect()
    assert "1" == c("forward").send("second x")


def test_a_plugin_that_is_not_there_is_named(c: Load) -> None:
    """The error of the callback reaches the person."""
    with pytest.raises(PluginInterfacesError, match="nobody") as caught:
        c("forward").send("nobody hello")
    assert Status.NOT_FOUND == caught.value.code


def test_a_plugin_that_is_not_connected_is_told(host: Host, plugins: Plugins, c: Load) -> None:
    """As for a message of the person's."""
    plugins.c("echo")
    host.discover()
    host.load("echo")
    with pytest.raises(NotConnected):
        c("forward").send("echo hello")


def test_the_failure_of_the_other_comes_back(c: Load, py: Load) -> None:
    """With its reason."""
    py(
        """
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                raise OSError("the disk is full")
    """,
        "failing",
    )
    with pytest.raises(PluginFailed, match="the disk is full"):
        c("forward").send("failing x")


def test_a_plugin_that_calls_itself_is_refused(c: Load) -> None:
    """At once, not after a deadline."""
    with pytest.raises(CycleError):
        c("forward").send("forward hello")


def test_a_plugin_that_calls_itself_through_another_is_refused(c: Load, py: Load) -> None:
    """The circle is found whatever languages it runs through."""
    c("forward", "one")
    py(FORWARD, "two")
    with pytest.raises(CycleError):
        py(FORWARD, "start").send("one two one hello")


def test_after_a_circle_was_refused_all_go_on(c: Load, py: Load) -> None:
    """Nothing stays locked."""
    one = c("forward", "one")
    two = py(FORWARD, "two")
    c("echo")
    with pytest.raises(CycleError):
        one.send("two one x")
    assert ("a", "b") == (one.send("two echo a"), two.send("one echo b"))


def test_two_that_call_each_other_at_the_same_time_do_not_deadlock(c: Load, log: EventLog) -> None:
    """One of the two is refused, or they come one after the other; both messages end."""
    c("echo")
    one, two = c("forward", "one"), c("forward", "two")
    replies = [reply for _ in range(20) for reply in (one.start("two echo a"), two.start("one echo b"))]
    errors = [type(reply.exception(PATIENCE)) for reply in replies]
    assert set(errors) <= {type(None), CycleError}


def test_the_deadline_of_the_first_message_holds_for_all(c: Load, py: Load) -> None:
    """The second plugin never answers."""
    c("never_replies")
    with pytest.raises(ReplyTimeout):
        c("forward").send("never_replies x", timeout=0.1)


def test_cancelling_the_first_message_cancels_the_call(c: Load, py: Load, log: EventLog) -> None:
    """Whoever works at the end of the chain learns of it."""
    worker = """
        import time
        from plugin_interfaces import PluginHandler
        class Worker(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("begins")
                while not context.request.cancelled:
                    time.sleep(0.005)
                context.send_message("ends")
    """
    py(worker, "worker")
    reply = c("forward").start("worker x")
    log.wait_for(MessageEvent)
    reply.cancel()
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    log.wait_for(MessageEvent, lambda event: event.content == "ends")
