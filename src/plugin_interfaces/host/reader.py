"""The events of a host as an async iterator."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .events import Event, EventsLostEvent

if TYPE_CHECKING:
    from .pump import Pump


class EventReader:
    """All events from the time when it was made, for one asyncio task; `Host.events` makes it.

    Keeps up to `limit` events that were not read yet. A reader that is slower loses the oldest, and an EventsLostEvent
    before the next one says how many. Ends when the host is closed. Stops listening when it is closed or dropped.
    """

    def __init__(self, pump: Pump, limit: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._kept: deque[Event] = deque()
        self._lost = 0
        self._ended = False
        self._arrived = asyncio.Event()
        self._lock = threading.Lock()
        reader = weakref.ref(self)

        def take(events: list[Event]) -> None:
            found = reader()
            if found is None:
                remove()
            else:
                found._take(events)

        def end() -> None:
            found = reader()
            if found is not None:
                found._end()

        remove: Callable[[], None] = pump.add_batch_listener(take, end)
        self._remove = remove

    def _take(self, events: list[Event]) -> None:
        with self._lock:
            wake = not self._kept
            self._kept.extend(events)
            lost = max(len(self._kept) - self._limit, 0)
            for _ in range(lost):
                self._kept.popleft()
            self._lost += lost
        if wake:
            self._wake()

    def _end(self) -> None:
        with self._lock:
            self._ended = True
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._arrived.set)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while True:
            with self._lock:
                if self._kept:
                    if self._lost:
                        lost, self._lost = self._lost, 0
                        first = self._kept[0]
                        return EventsLostEvent(
                            plugin_id="", instance_id="", sequence=0, time_ms=first.time_ms, count=lost
                        )
                    return self._kept.popleft()
                if self._ended:
                    raise StopAsyncIteration
                self._arrived.clear()
            await self._arrived.wait()

    async def aclose(self) -> None:
        """Stops listening; what was kept can still be read. May be called twice."""
        self._remove()
        self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
