"""Event loops that are to be woken, each once for all that has come for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeAlias

_Callback: TypeAlias = Callable[[], object]


class Wakes:
    """What is to run on event loops. Any thread may use it.

    To wake a loop is a call of the system, in which the GIL changes hands; so who has something for many tasks adds all
    of it first, and wakes then.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.AbstractEventLoop, list[tuple[_Callback, _Callback]]] = {}

    def add(self, loop: asyncio.AbstractEventLoop, callback: _Callback, gone: _Callback) -> None:
        """With the next `wake`, `callback` is called on the loop's thread; or `gone` by who wakes, if it is closed."""
        with self._lock:
            self._waiting.setdefault(loop, []).append((callback, gone))

    def wake(self) -> None:
        """Wakes all loops for which something was added."""
        if not self._waiting:
            return
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for loop, calls in waiting.items():
            try:
                loop.call_soon_threadsafe(_run, calls)
            except RuntimeError:  # the loop is closed
                for _, gone in calls:
                    gone()


def _run(calls: list[tuple[_Callback, _Callback]]) -> None:
    for callback, _ in calls:
        callback()
