"""Threads for calls that may block: as many as there are such calls, kept for the next one.

They are daemons, so that a plugin whose entry never returns does not keep the program from ending.
"""

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from ..errors import ClosedError

_T = TypeVar("_T")

_numbers = itertools.count(1)

SLICE_SECONDS: Final = 0.25


def result_of(future: Future[_T], timeout: float | None = None) -> _T:
    """What a future's call returns; FutureTimeout after `timeout` seconds where it is not done then.

    It waits in slices: Ctrl-C in the instant before a wait begins does not end that wait, but the next.
    """
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        left = SLICE_SECONDS if until is None else min(SLICE_SECONDS, until - time.monotonic())
        try:
            return future.result(max(left, 0))
        except FutureTimeout:
            if future.done():  # the call's own, or it returned just now
                return future.result()
            if left < SLICE_SECONDS:
                raise


class Workers:
    """A set of threads that grows when all are busy. Any thread may use it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = 0
        self._threads = 0
        self._closed = False

    def submit(self, function: Callable[..., _T], *arguments: Any) -> Future[_T]:
        """Runs a call on a thread of its own; here, where there can be no more threads, as when the program ends.

        Errors: ClosedError after close.
        """
        future: Future[_T] = Future()

        def task() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = function(*arguments)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise ClosedError("host", "the host is closed")
            if found := self._take_thread():
                self._tasks.put(task)
        if not found:
            task()
        return future

    def _take_thread(self) -> bool:
        """Under the lock: a thread that is idle, or a new one; False where none starts any more."""
        if self._idle:
            self._idle -= 1
            return True
        try:
            threading.Thread(target=self._work, name=f"{self._name}-{next(_numbers)}", daemon=True).start()
        except RuntimeError:
            return False
        self._threads += 1
        return True

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
            del task
            with self._lock:
                self._idle += 1

    def close(self) -> None:
        """Lets the threads end when they have done what they are at; waits for none."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._tasks.put(None)
