"""A message that was sent and waits for its reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from .._abi import Status
from .._ffi import NULL, lib
from ..errors import PluginFailed, PluginInterfacesError, ReplyTimeout, error_from_status
from .workers import SLICE_SECONDS, result_of

if TYPE_CHECKING:
    from .instance import Instance

_END = None


def _next_of(pieces: SimpleQueue[str | None]) -> str | None:
    """The next piece. In slices, as in `result_of`."""
    while True:
        try:
            return pieces.get(timeout=SLICE_SECONDS)
        except Empty:
            continue


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
        self._chunks: list[str] = []
        # Where an iterator reads along.
        self._readers: list[Callable[[str | None], None]] = []

    def __repr__(self) -> str:
        return f"<PendingReply of {self.instance.id!r}, {'done' if self.done else 'waiting'}>"

    @property
    def done(self) -> bool:
        """Whether it has ended: replied, failed, cancelled, or past its deadline."""
        return self._future.done()

    @property
    def text(self) -> str:
        """What has come so far."""
        return self._future.result() if self.done and not self._future.exception() else "".join(self._chunks)

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
        try:
            return await asyncio.wrap_future(self._future)
        except asyncio.CancelledError:
            self.cancel()
            raise

    def chunks(self) -> Iterator[str]:
        """The reply piece by piece, as it comes; one that is no stream is one piece. Errors at the end, as `result`.

        Leaving the loop early cancels the request.
        """
        self.instance.refuse_on_pump("chunks")
        pieces: SimpleQueue[str | None] = SimpleQueue()
        self.instance.host.replies.read_along(self, pieces.put)
        try:
            while (piece := _next_of(pieces)) is not _END:
                yield piece
            yield from self._rest()
        finally:
            if not self.done:
                self.cancel()

    async def chunks_async(self) -> AsyncIterator[str]:
        """As `chunks`, for asyncio."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[str | None] = asyncio.Queue()

        def put(piece: str | None) -> None:
            try:
                loop.call_soon_threadsafe(pieces.put_nowait, piece)
            except RuntimeError:  # the loop is closed; nobody reads any more
                self.cancel()

        self.instance.host.replies.read_along(self, put)
        try:
            while (piece := await pieces.get()) is not _END:
                yield piece
            for rest in self._rest():
                yield rest
        finally:
            if not self.done:
                self.cancel()

    def _rest(self) -> list[str]:
        """What was not streamed; raises what the request failed with."""
        text = self._future.result()
        return [] if self.streamed or not text else [text]

    # ---- called by the host, on its pump thread ----

    def add_reader(self, put: Callable[[str | None], None]) -> None:
        """Hands over what has come, and then what comes, ending with None."""
        for chunk in self._chunks:
            put(chunk)
        if self.done:
            put(_END)
        else:
            self._readers.append(put)

    def add_chunk(self, chunk: str) -> None:
        """A piece has come."""
        self.streamed = True
        self._chunks.append(chunk)
        for put in self._readers:
            put(chunk)

    def end(self, status: int, text: str) -> None:
        """The request has ended."""
        if self.done:
            return
        if status < 0:
            error = error_from_status(status, f"plugin {self.instance.id}", text)
            if type(error) is PluginInterfacesError:  # a status of the plugin's choice that means nothing here
                error = PluginFailed(error.what, error.message, status)
            self.fail(error)
            return
        self._future.set_result(text or "".join(self._chunks))
        self._tell_readers()

    def fail(self, error: PluginInterfacesError) -> None:
        """It ends with an error."""
        if not self.done:
            self._future.set_exception(error)
            self._tell_readers()

    def _tell_readers(self) -> None:
        readers, self._readers = self._readers, []
        for put in readers:
            put(_END)
