"""The threads for calls that may block, and waiting for these calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from host_support import PATIENCE
from plugin_interfaces import State
from plugin_interfaces.errors import ClosedError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.calls import call_entry
from plugin_interfaces.host.workers import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    """A set of threads of its own."""
    workers = Workers("test")
    yield workers
    workers.close()


class LateFuture(Future[str]):
    """A future whose result comes between the first look whether it is done and the second."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def done(self) -> bool:
        """Whether it is done."""
        self._looks += 1
        if self._looks == 2:
            self.set_result("just now")
        return super().done()


def test_a_call_runs_on_another_thread(workers: Workers) -> None:
    """Not on the caller's."""
    assert threading.get_ident() != workers.submit(threading.get_ident).result(PATIENCE)


def test_calls_that_block_do_not_wait_for_each_other(workers: Workers) -> None:
    """Each has a thread."""
    both = threading.Barrier(3)
    calls = [workers.submit(both.wait, PATIENCE) for _ in range(2)]
    both.wait(PATIENCE)
    assert {0, 1, 2} > {call.result(PATIENCE) for call in calls}


def test_where_no_thread_starts_the_call_runs_here(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the interpreter ends, which from Python 3.12 on refuses new threads."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert threading.get_ident() == workers.submit(threading.get_ident).result(PATIENCE)


def test_a_host_ends_its_plugins_where_no_thread_starts(
    host: Host, c: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the thread that there is has not returned."""
    echo = c("echo")
    busy, may_return = threading.Event(), threading.Event()

    def block() -> None:
        busy.set()
        may_return.wait(PATIENCE)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    left = host.workers.submit(block)
    assert busy.wait(PATIENCE)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    host.close()
    may_return.set()
    left.result(PATIENCE)
    assert State.GONE == echo.state


def test_after_close_no_call_is_taken(workers: Workers) -> None:
    """It says why."""
    workers.close()
    with pytest.raises(ClosedError, match="closed"):
        workers.submit(threading.get_ident)


def test_a_call_that_returns_in_the_last_instant_has_its_result(
    host: Host, c: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a timeout."""
    echo = c("echo")
    monkeypatch.setattr(host.workers, "submit", lambda _: LateFuture())
    assert "just now" == call_entry(echo, "connect", lambda: "in time", 0)


def test_a_reply_that_comes_in_the_last_instant_is_the_result(
    c: Callable[..., Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a timeout."""
    reply = c("never_replies").start("hello")
    with monkeypatch.context() as patch:
        patch.setattr(reply, "_future", LateFuture())
        assert "just now" == reply.result(0)
    reply.cancel()
