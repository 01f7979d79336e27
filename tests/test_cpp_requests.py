"""Requests and streams of plugins in C++: kept, moved to threads, dropped, and left in every way."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import pytest

from host_support import PATIENCE, EventLog
from plugin_interfaces.errors import NoReply, PluginFailed, RequestCancelled
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.events import MessageEvent, ReportEvent, StreamEvent

Load = Callable[..., Instance]


# ---- requests ----


def test_a_request_can_move_to_a_thread(cpp: Load) -> None:
    """Which answers it."""
    assert "from a thread: hello" == cpp("request_to_thread").send("hello")


def test_a_thread_can_fail_its_request(cpp: Load) -> None:
    """With a status and a text."""
    with pytest.raises(PluginFailed, match="the thread says no"):
        cpp("request_to_thread").send("fail")


def test_a_request_that_a_thread_drops_fails(cpp: Load) -> None:
    """Nobody waits for ever."""
    with pytest.raises(NoReply, match="dropped the message without an answer"):
        cpp("request_to_thread").send("drop", timeout=None)


def test_a_request_can_be_kept_and_answered_later(cpp: Load, log: EventLog) -> None:
    """As a member of the handler."""
    keeps = cpp("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    assert ("now", "two") == (keeps.send("two"), first.result(PATIENCE))


def test_a_request_that_is_forgotten_fails(cpp: Load, log: EventLog) -> None:
    """When its object goes."""
    keeps = cpp("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    keeps.send("forget")
    with pytest.raises(NoReply, match="dropped the message"):
        first.result(PATIENCE)


def test_a_cancelled_request_is_recognised(cpp: Load, log: EventLog) -> None:
    """By its handle; dropping it then is no second answer."""
    keeps = cpp("request_kept")
    first = keeps.start("one")
    log.wait_for(MessageEvent)
    first.cancel()
    assert log.wait_for(MessageEvent, lambda event: event.content == "cancelled mine")
    assert [] == log.of(ReportEvent)


def test_a_message_without_an_answer_says_what_to_do(cpp: Load) -> None:
    """In terms of C++."""
    with pytest.raises(NoReply, match=r"call request\.reply\(\), or move the request away"):
        cpp("request_kept").send("no answer")


@pytest.mark.parametrize(("timeout", "answer"), [(10, "a deadline"), (None, "no deadline")])
def test_a_request_knows_its_deadline(cpp: Load, timeout: float | None, answer: str) -> None:
    """Or that it has none."""
    assert answer == cpp("request_kept").send("not in time", timeout=timeout)


def test_unloading_ends_a_request_that_is_kept(host: Host, cpp: Load, log: EventLog) -> None:
    """The handler's destructor finds it over."""
    keeps = cpp("request_kept")
    first = keeps.start("one", timeout=None)
    log.wait_for(MessageEvent)
    host.unload(keeps)
    with pytest.raises(RequestCancelled):
        first.result(PATIENCE)


# ---- streams ----


def test_a_stream_can_move_to_a_thread(cpp: Load) -> None:
    """With its request."""
    assert ["one", "two", "three"] == list(cpp("stream_to_thread").stream("one two three"))


def test_unloading_in_the_middle_of_a_stream_stops_it(host: Host, cpp: Load, log: EventLog) -> None:
    """The thread is told, and on_disconnect joins it."""
    endless = cpp("stream_to_thread")
    reply = endless.start("endless", timeout=None)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    host.unload(endless)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    assert "stream_cancel" == log.wait_for(StreamEvent, lambda event: event.type not in _GOING).type


_GOING = ("stream_start", "stream_data")


def test_cancelling_a_stream_stops_its_thread(cpp: Load, log: EventLog) -> None:
    """It says why."""
    endless = cpp("stream_to_thread")
    endless.start("endless", timeout=None)
    endless.cancel_stream(log.wait_for(StreamEvent).stream)
    assert "the request or stream was cancelled" == log.wait_for(MessageEvent).content


@pytest.mark.parametrize(
    ("message", "last", "reason"),
    [
        ("end", "stream_end", ""),
        ("cancel", "stream_cancel", ""),
        ("fail", "stream_end", "no more paper"),
        ("return", "stream_end", "the plugin dropped the stream without ending it"),
        ("assign", "stream_end", "the plugin dropped the stream without ending it"),
        ("throw", "stream_end", "the plugin gave up with an exception"),
    ],
)
def test_a_stream_ends_once_however_it_is_left(cpp: Load, log: EventLog, message: str, last: str, reason: str) -> None:
    """At the latest with its object, and then as failed."""
    cpp("stream_dropped").start(message)
    end = log.wait_for(StreamEvent, lambda event: event.type not in _GOING)
    assert (last, reason, message in ("end", "cancel")) == (end.type, end.reason, end.success)


def test_a_batch_is_sent_as_it_is(cpp: Load) -> None:
    """Each text a chunk."""
    assert ["half", "one", "two", "three"] == list(cpp("stream_dropped").stream("batch"))


@pytest.mark.parametrize(
    ("message", "answer"),
    [("after the end", "ended"), ("empty", "the handle does not name a request or stream of this instance")],
)
def test_a_stream_that_has_ended_answers_with_a_status(cpp: Load, message: str, answer: str) -> None:
    """Also one that never began."""
    assert answer == cpp("stream_dropped").send(message)


# ---- threads that outlive the plugin ----


def test_a_thread_may_outlive_its_plugin(host: Host, cpp: Load, log: EventLog) -> None:
    """With a context, a request and a stream: each call is answered PLUGIN_CLOSED, and nothing else happens."""
    outlives = cpp("outlives")
    reply = outlives.start("x", timeout=None)
    log.wait_for(StreamEvent, lambda event: event.type == "stream_data")
    library = ctypes.CDLL(str(outlives.folder.code))
    host.unload(outlives)
    with pytest.raises(RequestCancelled):
        reply.result(PATIENCE)
    library.go_on.restype = ctypes.c_char_p
    assert b" ".join([b"-6"] * 8) == library.go_on()
