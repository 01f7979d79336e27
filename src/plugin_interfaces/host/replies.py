"""The replies that a host waits for, and the requests that ended not long ago."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from .._abi import Status
from .._ffi import fast, lib
from ..errors import ClosedError
from .backlog import Backlog
from .reply import PendingReply
from .wakes import Wakes

if TYPE_CHECKING:
    from .instance import Instance

# So many requests that ended are remembered, as long as their texts are no longer than this together.
_ENDED_KEPT: Final = 256
_ENDED_SIZE: Final = 1 << 20


class Replies:
    """Which reply belongs to which request.

    A request may have ended before whoever made it has its handle, so a reply is made by who comes first: that one, in
    `of`, or the pump, whose events tell of the request. Any thread may use `of`, `run`, `read_along` and `cancel_all`;
    the rest is the pump's.
    """

    def __init__(self) -> None:
        # Of tasks that wait for replies. Each method wakes for what it has brought; the pump, at the end of a batch.
        self.wakes = Wakes()
        self._lock = threading.Lock()
        self._replies: dict[int, PendingReply] = {}
        self._claimed: set[int] = set()
        self._closed = False
        self._streamed: set[int] = set()
        self._ended: deque[tuple[int, int]] = deque()
        self._ended_size = 0

    def of(self, instance: Instance, request: int) -> PendingReply:
        """The reply to a request, for whoever made that. Once for each."""
        with self._lock:
            reply = self._reply(instance, request)
            if reply.done:
                del self._replies[request]
            elif self._closed:
                del self._replies[request]
                reply.fail(_closed(instance))
            else:
                self._claimed.add(request)
        return reply

    def _reply(self, instance: Instance, request: int) -> PendingReply:
        """Under the lock."""
        reply = self._replies.get(request)
        if reply is None:
            reply = self._replies[request] = PendingReply(instance, request)
        return reply

    def run(self, reply: PendingReply, text: str) -> None:
        """Has the plugin handle the message, on this thread; the reply is there at once where it is all of it."""
        ended = fast.request_run(reply.request, text)
        if ended is not None:
            status, text = (int(Status.OK), ended) if isinstance(ended, str) else ended
            with self._lock:
                reply.end(status, text)
            self.wakes.wake()

    def read_along(self, reply: PendingReply, reader: Backlog, *, alone: bool = False) -> None:
        """Lets an iterator read a reply, nothing missed and nothing twice; `alone`, where nobody else has the reply."""
        with self._lock:
            reply.add_reader(reader)
            if alone:
                reply.forget_text()
        self.wakes.wake()

    def cancel_all(self, instance: Instance) -> None:
        """Nobody will read what an instance is at."""
        with self._lock:
            replies = [reply for reply in self._replies.values() if reply.instance is instance]
        for reply in replies:
            reply.cancel()

    # ---- the pump's ----

    def streamed(self, request: int) -> None:
        """A stream answers this request, which is somebody's; there are others, that plugins make among themselves."""
        self._streamed.add(request)

    def pieces(self, instance: Instance, request: int, stream: int, pieces: list[str]) -> None:
        """Pieces of a reply have come, by one of its streams."""
        if request in self._streamed:
            with self._lock:
                self._reply(instance, request).add_pieces(pieces, stream)

    def ended(self, instance: Instance, request: int, status: int, text: str, *, taken: bool) -> None:
        """A request has ended; `taken`: whoever made it was given that at once.

        It is remembered for a while: a plugin that is still at it shall be told why it is to stop, and one that replies
        twice is to be reported.
        """
        self._streamed.discard(request)
        if taken:
            return
        self._ended.append((request, len(text)))
        self._ended_size += len(text)
        while len(self._ended) > _ENDED_KEPT or self._ended_size > _ENDED_SIZE:
            self._forget()
        with self._lock:
            reply = self._reply(instance, request)
            if request in self._claimed:
                self._claimed.discard(request)
                del self._replies[request]
            reply.end(status, text)

    def _forget(self) -> None:
        request, size = self._ended.popleft()
        self._ended_size -= size
        lib.core_request_release(request)

    def close(self) -> None:
        """After the pump has ended: whoever still waits gets a ClosedError."""
        with self._lock:
            self._closed = True
            replies, self._replies = self._replies, {}
        for reply in replies.values():
            reply.fail(_closed(reply.instance))
        self.wakes.wake()
        while self._ended:
            self._forget()


def _closed(instance: Instance) -> ClosedError:
    return ClosedError(f"plugin {instance.id}, message", "the host was closed")
