"""What was told to the clients, numbered, as long as it is kept: each client reads it from where it is.

So a client costs no memory for being slow, and whoever tells waits for none: a client that has fallen behind what is
kept is told how much it lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from .protocol import Event

MAX_EVENTS: Final = 20_000
MAX_BYTES: Final = 32 << 20


class Entry(NamedTuple):
    """An event, and its JSON: encoded once for all clients."""

    event: Event
    data: bytes


class Journal:
    """The newest events of one run of the server. Any thread may use it; `wake_beyond` is for asyncio.

    Attributes:
        epoch: names this run: sequences begin with 1 in each.
    """

    def __init__(self, max_events: int = MAX_EVENTS, max_bytes: int = MAX_BYTES) -> None:
        """Keeps at most so many events, and at most so many bytes of them, but always the newest one."""
        self.epoch = secrets.token_hex(8)
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: list[Entry | None] = []  # those before `_start` are gone
        self._start = 0
        self._bytes = 0
        self._latest = 0
        self._waiting: dict[asyncio.AbstractEventLoop, dict[asyncio.Event, None]] = {}
        self._encoder = msgspec.json.Encoder()

    @property
    def latest(self) -> int:
        """The sequence of the newest event; 0 before the first."""
        return self._latest

    @property
    def oldest(self) -> int:
        """The sequence of the oldest event that is kept; one more than `latest` where there is none."""
        with self._lock:
            return self._oldest()

    def _oldest(self) -> int:
        return self._latest - (len(self._entries) - self._start) + 1

    def publish(self, *events: Event) -> None:
        """Numbers events, which are the journal's from then on, and keeps them. Never waits for a client."""
        with self._lock:
            for event in events:
                event.sequence = self._latest + 1
                entry = Entry(event, self._encoder.encode(event))
                self._latest += 1
                self._entries.append(entry)
                self._bytes += len(entry.data)
            self._forget()
            waiting, self._waiting = self._waiting, {}
        # Once for each loop, however many wait there.
        for loop, ones in waiting.items():
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(_wake, ones)

    def _forget(self) -> None:
        while len(self._entries) - self._start > 1 and (
            len(self._entries) - self._start > self._max_events or self._bytes > self._max_bytes
        ):
            gone = self._entries[self._start]
            assert gone is not None
            self._bytes -= len(gone.data)
            self._entries[self._start] = None
            self._start += 1
        # Moved together only now and then, so that keeping an event costs the same whatever is kept.
        if self._start * 2 > len(self._entries):
            del self._entries[: self._start]
            self._start = 0

    def read(self, after: int, limit: int) -> tuple[int, list[Entry]]:
        """Up to `limit` events behind the one numbered `after`; before them, how many of those are gone."""
        with self._lock:
            first = max(after + 1, self._oldest())
            at = self._start + first - self._oldest()
            found = [entry for entry in self._entries[at : at + limit] if entry is not None]
            return first - after - 1, found

    def wake_beyond(self, sequence: int, woken: asyncio.Event) -> None:
        """Sets `woken` as soon as there is an event with a higher number. From the event loop that waits for it."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._latest <= sequence:
                self._waiting.setdefault(loop, {})[woken] = None
                return
        woken.set()


def _wake(waiting: Iterable[asyncio.Event]) -> None:
    for woken in waiting:
        woken.set()
