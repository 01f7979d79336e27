"""The direct way of a message, `fast.send`: what Python is given, and who holds the GIL."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Final

import pytest

from plugin_interfaces import Status
from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import fast, lib
from plugin_interfaces.host import Instance

Load = Callable[..., Instance]

_TIMEOUT_MS: Final = 20_000

# "later" is kept until "go" comes.
MIXED: Final = """
    import asyncio, threading
    from plugin_interfaces import PluginHandler
    class Mixed(PluginHandler):
        def __init__(self):
            self.go = threading.Event()
        def handle_message(self, message, context):
            if message == "fail":
                raise ValueError("as asked")
            if message == "explain":
                return context.request.fail("x" * 4000)
            if message == "go":
                self.go.set()
            return self.later() if message == "later" else message.upper()
        async def later(self):
            await asyncio.to_thread(self.go.wait)
            return "at last"
"""

# Its work is long enough that another thread wants the GIL meanwhile.
COUNTS: Final = """
    from plugin_interfaces import PluginHandler
    class Counts(PluginHandler):
        def handle_message(self, message, context):
            return str(sum(1 for _ in range(int(message))))
"""


def send(instance: Instance, text: str, timeout_ms: int = _TIMEOUT_MS) -> Any:
    """The direct way."""
    return fast.send(instance.handle, text, timeout_ms, Notify.NONE)


def send_the_other_way(instance: Instance, text: str) -> tuple[int, str]:
    """With a request of one's own; status, and reply or error text."""
    request = fast.request_new(instance.handle, text, _TIMEOUT_MS, Notify.NONE)
    try:
        fast.request_run(request, text)
        return fast.request_wait(request, _TIMEOUT_MS)  # type: ignore[no-any-return]
    finally:
        lib.core_request_release(request)


def send_when_quick(instance: Instance, text: str) -> Any:
    """The direct way, after the plugin has shown that it is quick."""
    for _ in range(1000):  # a call is slow where another process has the processor
        reply = send(instance, text)
        if reply is not None:
            return reply
        send_the_other_way(instance, "x")
    pytest.fail("the plugin is not taken for quick")


def in_thread(function: Callable[[], Any]) -> Callable[[], Any]:
    """Starts a thread; what is returned waits for its result."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()

    def result() -> Any:
        thread.join()
        return results[0]

    return result


def test_a_plugin_has_to_show_that_it_is_quick(c: Load) -> None:
    """Until then nothing is done."""
    echo = c("echo")
    assert None is send(echo, "hello")
    assert "hello" == send_when_quick(echo, "hello")


def test_any_text_comes_back_as_it_was(c: Load) -> None:
    """Empty, long, with NUL, and beyond ASCII."""
    echo = c("echo")
    for text in ("", "a\0b", "äöü€😀", "x" * 100_000, "€" * 50_000):
        assert text == send_when_quick(echo, text)


def test_a_failure_is_status_and_text(py: Load) -> None:
    """Of the plugin's."""
    mixed = py(MIXED)
    status, text = send_when_quick(mixed, "fail")
    assert Status.ERROR == status
    assert "as asked" in text


def test_a_long_reason_comes_whole(py: Load) -> None:
    """As long as the core keeps one, whichever way the message went."""
    mixed = py(MIXED)
    assert (Status.ERROR, "x" * 4000) == send_the_other_way(mixed, "explain")
    assert (Status.ERROR, "x" * 4000) == send_when_quick(mixed, "explain")


def test_a_kept_request_is_the_callers(py: Load) -> None:
    """And its reply is waited for elsewhere."""
    mixed = py(MIXED)
    request = send_when_quick(mixed, "later")
    assert isinstance(request, int)
    assert (Status.OK, "GO") == send_the_other_way(mixed, "go")
    assert (Status.OK, "at last") == fast.request_wait(request, _TIMEOUT_MS)
    lib.core_request_release(request)


def test_an_instance_that_is_gone_is_a_failure(c: Load) -> None:
    """Whether it was quick or not."""
    echo = c("echo")
    send_when_quick(echo, "x")
    echo.unload()
    assert Status.CLOSED == send(echo, "hello")[0]
    assert Status.CLOSED == fast.request_new(echo.handle, "hello", _TIMEOUT_MS, Notify.NONE)[0]


def test_a_lone_surrogate_is_an_error_in_python(c: Load) -> None:
    """It has no UTF-8 form."""
    with pytest.raises(UnicodeEncodeError):
        send(c("echo"), "\ud800")


def test_others_run_while_a_plugin_that_promises_nothing_blocks(c: Load) -> None:
    """The byte that it waits for is written by a thread that needs the GIL, once the plugin has it."""
    reads = c("reads")
    begun, begin = os.pipe()
    source, target = os.pipe()

    def write() -> None:
        os.read(begun, 1)
        os.write(target, b"!")

    written = in_thread(write)
    assert "!" == send_when_quick(reads, f"{begin} {source}")
    written()
    for end in (begun, begin, source, target):
        os.close(end)


def test_a_short_plugin_calls_one_in_python(c: Load, py: Load) -> None:
    """Which runs with the GIL that the caller holds, or takes it."""
    py(MIXED, "mixed")
    assert "HELLO" == send(c("short_forward"), "mixed hello")


def test_a_short_plugin_calls_an_async_one(c: Load, py: Load) -> None:
    """Whose reply comes from the event loop's thread, so the GIL is let go of meanwhile."""
    mixed = py(MIXED, "mixed")
    forward = c("short_forward")
    waiting = in_thread(lambda: send(forward, "mixed later"))
    assert (Status.OK, "GO") == send_the_other_way(mixed, "go")
    assert "at last" == waiting()


def test_a_short_plugin_that_is_busy_in_python_holds_up_nobody(c: Load, py: Load) -> None:
    """Who waits for its turn with the GIL lets go of that."""
    py(COUNTS, "counts")
    forward = c("short_forward")
    other = in_thread(lambda: [send_the_other_way(forward, "counts 20000") for _ in range(100)])
    here = [send(forward, "counts 20000") for _ in range(100)]
    assert [(Status.OK, "20000")] * 100 == other()
    assert {"20000", None} >= set(here)
