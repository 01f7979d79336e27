"""The replies that a host waits for, and the requests that ended not long ago."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .._abi import Notify
from .._ffi import fast, lib
from ..errors import ClosedError, error_from_status
from ..metadata import HistoryMessage, new_message_id
from .history import HistoryStore
from .reply import PendingReply

if TYPE_CHECKING:
    from .instance import Instance

# So many requests that ended are remembered, as long as their texts are no longer than this together.
_ENDED_KEPT: Final = 256
_ENDED_SIZE: Final = 1 << 20


class Replies:
    """Which reply belongs to which request. Any thread may use it; `chunk` and `ended` are the pump's."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: dict[int, PendingReply] = {}
        self._ended: deque[tuple[int, int]] = deque()
        self._ended_size = 0

    def begin(self, instance: Instance, text: str, timeout_ms: int) -> PendingReply:
        """Begins a request, with the message in the history. Errors: ClosedError, HistoryError."""
        message = HistoryMessage(id=new_message_id(), content=text, plugin_id=instance.plugin_id, role="user")
        # The request may end at once, by its deadline: what the pump does about that comes after all of this.
        with self._store.transaction(), self._lock:
            # Never waits: the pump, which makes room, needs the same locks.
            request = fast.request_new(instance.handle, text, timeout_ms, Notify.NOW)
            if isinstance(request, tuple):
                raise error_from_status(request[0], f"plugin {instance.id}, message", request[1])
            try:
                self._store.add(instance.id, message, request)
            except BaseException:
                lib.core_request_release(request)
                raise
            reply = self._waiting[request] = PendingReply(instance, request)
        return reply

    def read_along(self, reply: PendingReply, put: Callable[[str | None], None]) -> None:
        """Lets an iterator read a reply, nothing missed and nothing twice."""
        with self._lock:
            reply.add_reader(put)

    def cancel_all(self, instance: Instance) -> None:
        """Nobody will read what an instance is at."""
        with self._lock:
            replies = [reply for reply in self._waiting.values() if reply.instance is instance]
        for reply in replies:
            reply.cancel()

    def chunk(self, request: int, chunk: str) -> None:
        """A piece of a reply has come."""
        with self._lock:
            reply = self._waiting.get(request)
            if reply is not None:
                reply.add_chunk(chunk)

    def ended(self, request: int, status: int, text: str) -> None:
        """A request has ended.

        It is remembered for a while: a plugin that is still at it shall be told why it is to stop, and one that replies
        twice is to be reported.
        """
        self._ended.append((request, len(text)))
        self._ended_size += len(text)
        while len(self._ended) > _ENDED_KEPT or self._ended_size > _ENDED_SIZE:
            self._forget()
        with self._lock:
            reply = self._waiting.pop(request, None)
            if reply is not None:
                reply.end(status, text)

    def _forget(self) -> None:
        request, size = self._ended.popleft()
        self._ended_size -= size
        lib.core_request_release(request)

    def close(self) -> None:
        """After the pump has ended: whoever still waits gets a ClosedError."""
        with self._lock:
            replies, self._waiting = self._waiting, {}
        for reply in replies.values():
            reply.fail(ClosedError(f"plugin {reply.instance.id}, message", "the host was closed"))
        while self._ended:
            self._forget()
