"""A message that was sent and waits for its reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

from .._abi import Status
from .._ffi import NULL, lib
from ..errors import PluginFailed, PluginInterfacesError, ReplyTimeout, error_from_status
from .backlog import Backlog, TaskBacklog, ThreadBacklog
from .workers import result_of

if TYPE_CHECKING:
    from .instance import Instance


def reply_error(instance_id: str, status: int, text: str) -> PluginInterfacesError:
    """The error for a request that failed."""
    error = error_from_status(status, f"plugin {instance_id}", text)
    if type(error) is PluginInterfacesError:  # a status of the plugin's choice that means nothing here
        return PluginFailed(error.what, error.message, status)
    return error


class PendingReply:
    """The reply to one message, while it comes. Any thread may use it; it can be awaited too.

    Attributes:
        instance: whom the message was sent to.
        request: the handle of the request.
    """

    def __init__(self, instance: Instance, request: int) -> None:
        self.instance = instance
        self.request = request
        self.streamed = False
        self._future: Future[str] = Future()
        # So that a cancelled task cannot cancel it: only the core ends a request.
        self._future.set_running_or_notify_cancel()
        # What has streamed in, where somebody may ask for the text.
        self._pieces: list[str] = []
        self._keeps_text = True
        # Where an iterator reads along.
        self._readers: list[Backlog] = []

    def __repr__(self) -> str:
        return f"<PendingReply of {self.instance.id!r}, {'done' if self.done else 'waiting'}>"

    @property
    def done(self) -> bool:
        """Whether it has ended: replied, failed, cancelled, or past its deadline."""
        return self._future.done()

    @property
    def text(self) -> str:
        """What has come so far."""
        return self._future.result() if self.done and not self._future.exception() else "".join(self._pieces)

    def result(self, timeout: float | None = None) -> str:
        """The reply, waited for at most `timeout` seconds; the request goes on where that is too short.

        A reply that came as a stream is the stream's text. Errors: ReplyTimeout; what the request failed with.
        """
        self.instance.refuse_on_pump("result")
        try:
            return result_of(self._future, timeout)
        except FutureTimeout:
            if self.done:  # the timeout is the request's own, or the reply came just now
                return self._future.result()
            raise ReplyTimeout(f"plugin {self.instance.id}, message", f"no reply within {timeout:g} s") from None

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """The error that it ended with, or None; waits as `result` does."""
        return self._future.exception(timeout)

    def cancel(self) -> bool:
        """The answer is no longer wanted: ends it as cancelled, with its streams. False where it had ended."""
        return bool(lib.core_request_cancel(self.request, NULL) == Status.OK)

    def __await__(self) -> Generator[Any, None, str]:
        return self._wait().__await__()

    async def _wait(self) -> str:
        """A cancelled task cancels the request."""
        if not self.done:
            try:
                await self._awaited()
            except asyncio.CancelledError:
                self.cancel()
                raise
        return self._future.result()

    def _awaited(self) -> asyncio.Future[None]:
        """Done, on this task's loop, when it has ended."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        wakes = self.instance.host.replies.wakes

        def wake() -> None:
            if not ended.done():  # the task may have been cancelled
                ended.set_result(None)

        self._future.add_done_callback(lambda _: wakes.add(loop, wake, lambda: None))
        if self.done:
            wakes.wake()
        return ended

    def chunks(self) -> Iterator[str]:
        """The reply piece by piece, as it comes; one that is no stream is one piece. Errors at the end, as `result`.

        Leaving the loop early cancels the request. A plugin that is more than a million characters ahead waits.
        """
        return self.read(alone=False)

    def chunks_async(self) -> AsyncIterator[str]:
        """As `chunks`, for asyncio."""
        return self.read_async(alone=False)

    # ---- called by the instance; `alone`: nobody else has the reply, so its text is not kept ----

    def read(self, *, alone: bool) -> Iterator[str]:
        """As `chunks`."""
        self.instance.refuse_on_pump("chunks")
        pieces = ThreadBacklog(self)
        self.instance.host.replies.read_along(self, pieces, alone=alone)
        try:
            yield from pieces.read()
            yield from self._rest()
        finally:
            self._leave(pieces)

    async def read_async(self, *, alone: bool) -> AsyncIterator[str]:
        """As `chunks_async`."""
        pieces = TaskBacklog(self)
        self.instance.host.replies.read_along(self, pieces, alone=alone)
        try:
            kept = pieces.kept
            while await pieces.arrive():
                while kept:  # no generator of its own: one costs more than all else here
                    yield kept.popleft()
            for rest in self._rest():
                yield rest
        finally:
            self._leave(pieces)

    def _leave(self, reader: Backlog) -> None:
        """Whoever leaves early wants no more; other readers are not held up by this one."""
        if not self.done:
            self.cancel()
        reader.go_on()

    def _rest(self) -> list[str]:
        """What was not streamed; raises what the request failed with."""
        text = self._future.result()
        return [] if self.streamed or not text else [text]

    # ---- called by the host, on its pump thread ----

    def add_reader(self, reader: Backlog) -> None:
        """Hands over what has come, and then what comes, to the end."""
        if self._pieces:
            reader.put(list(self._pieces), 0)
        if self.done:
            reader.end()
        else:
            self._readers.append(reader)

    def forget_text(self) -> None:
        """Nobody will ask for the text: what is streamed is for the readers alone, of which there is one already."""
        self._keeps_text = False
        self._pieces.clear()

    def add_pieces(self, pieces: list[str], stream: int) -> None:
        """Pieces of a stream have come."""
        self.streamed = True
        if self._keeps_text:
            self._pieces.extend(pieces)
        for reader in self._readers:
            reader.put(pieces, stream)

    def end(self, status: int, text: str) -> None:
        """The request has ended."""
        if self.done:
            return
        if status < 0:
            self.fail(reply_error(self.instance.id, status, text))
            return
        self._future.set_result(text or "".join(self._pieces))
        self._tell_readers()

    def fail(self, error: PluginInterfacesError) -> None:
        """It ends with an error."""
        if not self.done:
            self._future.set_exception(error)
            self._tell_readers()

    def _tell_readers(self) -> None:
        readers, self._readers = self._readers, []
        for reader in readers:
            reader.end()
