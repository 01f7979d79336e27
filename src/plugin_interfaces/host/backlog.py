"""What has come of a reply and was not read yet: it is bounded, and a plugin that sends more waits for who reads."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from .._ffi import NULL, lib
from .workers import SLICE_SECONDS

if TYPE_CHECKING:
    from .reply import PendingReply

# Characters that wait for a reader; each piece counts for some more, since it is an object.
_MOST: Final = 1 << 20
_PIECE: Final = 64


class Backlog(ABC):
    """The pieces of one reply for one reader. `put` and `end` are of one thread at a time, the rest is the reader's.

    A stream that has put more than a million characters into it is held, so the plugin waits as for a full queue; it
    goes on when all of them were read.
    """

    def __init__(self, reply: PendingReply) -> None:
        self._host = reply.instance.handle
        self._size = 0
        self._held: set[int] = set()

    def put(self, pieces: list[str], stream: int) -> None:
        """Some have come. A `stream` of 0 has ended, or is not known."""
        self._size += sum(map(len, pieces)) + _PIECE * len(pieces)
        if self._size > _MOST and stream and stream not in self._held:
            lib.core_stream_hold(self._host, stream, 1, NULL)
            # Only now: a reader that goes on at this moment would let go of what is held a moment later.
            self._held.add(stream)
        # Behind that: whoever has taken these goes on some time, and finds it.
        self._take(pieces)

    def end(self) -> None:
        """No more will come."""
        self._take(None)

    @abstractmethod
    def _take(self, pieces: list[str] | None) -> None:
        """Hands on what has come; None at the end."""

    def go_on(self) -> None:
        """All was read."""
        self._size = 0
        while self._held:
            lib.core_stream_hold(self._host, self._held.pop(), 0, NULL)


class ThreadBacklog(Backlog):
    """For a thread that waits."""

    def __init__(self, reply: PendingReply) -> None:
        super().__init__(reply)
        self._arrivals: SimpleQueue[list[str] | None] = SimpleQueue()

    def _take(self, pieces: list[str] | None) -> None:
        self._arrivals.put(pieces)

    def read(self) -> Iterator[str]:
        """All pieces to the end."""
        while (pieces := self._next()) is not None:
            yield from pieces

    def _next(self) -> list[str] | None:
        """In slices, as `result_of` waits."""
        while True:
            if self._arrivals.empty():
                self.go_on()
            try:
                return self._arrivals.get(timeout=SLICE_SECONDS)
            except Empty:
                continue


class TaskBacklog(Backlog):
    """For a task of asyncio; it is woken once for all that comes before it runs.

    Attributes:
        kept: what has come and was not read; the reader takes it from the left.
    """

    def __init__(self, reply: PendingReply) -> None:
        super().__init__(reply)
        self.kept: deque[str] = deque()
        self._loop = asyncio.get_running_loop()
        self._wakes = reply.instance.host.replies.wakes
        self._gone = reply.cancel
        self._ended = False
        self._waking = False
        self._arrived = asyncio.Event()

    def _take(self, pieces: list[str] | None) -> None:
        if pieces is None:
            self._ended = True
        else:
            self.kept.extend(pieces)
        if not self._waking:
            self._waking = True
            self._wakes.add(self._loop, self._wake, self._gone)

    def _wake(self) -> None:
        self._waking = False
        self._arrived.set()

    async def arrive(self) -> bool:
        """Waits until there are some in `kept`; False at the end."""
        while not self.kept:
            self.go_on()
            if self._ended:
                return bool(self.kept)
            await self._arrived.wait()
            self._arrived.clear()
        return True
