"""A text that goes to the front end in chunks."""

from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from ._abi import ChunkFlag, StreamStatus
from ._event_loop import refuse_to_block, run_blocking
from .callbacks import HostCallbacks
from .errors import QueueFull, StreamAlreadyEnded, StreamCancelled, StreamPaused

# How long one attempt of send_async waits in a thread: so long may a cancelled task leave that thread behind.
_SLICE_SECONDS: Final = 0.2


class Stream:
    """One stream; PluginInstanceContext.stream() starts it. Any thread may use it.

    As a context manager, with or without `async`, it ends when the block is left: well, as failed by an exception,
    as cancelled by a cancelled task. A stream that has ended by then, or was cancelled, is left as it is.
    """

    __slots__ = ("_callbacks", "id")

    def __init__(self, callbacks: HostCallbacks, handle: int) -> None:
        self._callbacks = callbacks
        self.id = handle

    def __repr__(self) -> str:
        return f"<Stream {self.id:#x}>"

    @property
    def status(self) -> StreamStatus | None:
        """Its state; None where it ended long ago."""
        return self._callbacks.stream_status(self.id)

    def send(self, chunk: str, final: bool = False, wait: float | None = None) -> None:
        """Sends a chunk; waits up to `wait` seconds, None without a limit, while paused or the queue is full.

        Errors: StreamCancelled (stop sending), StreamAlreadyEnded, StreamPaused, QueueFull, InvalidState (after the
        final chunk), TextError; StateError in an async method, which uses send_async.
        """
        if wait != 0:
            refuse_to_block("stream.send", "`await stream.send_async(…)`")
        self._callbacks.stream_data(self.id, chunk, ChunkFlag.FINAL if final else 0, wait)

    async def send_async(self, chunk: str, final: bool = False) -> None:
        """As send, without blocking the event loop; waits as long as it takes."""
        flags = ChunkFlag.FINAL if final else 0
        wait = 0.0
        while True:
            try:
                if wait:
                    await run_blocking(self._callbacks.stream_data, self.id, chunk, flags, wait)
                else:
                    self._callbacks.stream_data(self.id, chunk, flags, 0.0)
                return
            except (StreamPaused, QueueFull):
                wait = _SLICE_SECONDS

    def send_batch(self, chunks: Iterable[str], final: bool = False, wait: float | None = None) -> None:
        """Sends chunks with nothing between them: all are taken, or none. Otherwise as send."""
        if wait != 0:
            refuse_to_block("stream.send_batch", "`wait=0`")
        self._callbacks.stream_batch(self.id, chunks, ChunkFlag.FINAL if final else 0, wait)

    def end(self) -> None:
        """Ends it well."""
        self._callbacks.stream_end(self.id)

    def fail(self, reason: str) -> None:
        """Ends it as failed, with a reason for the person."""
        self._callbacks.stream_end(self.id, False, reason)

    def cancel(self) -> None:
        """Ends it as cancelled."""
        self._callbacks.stream_cancel(self.id)

    def pause(self) -> None:
        """Pauses it: a sender is held back."""
        self._callbacks.stream_pause(self.id)

    def resume(self) -> None:
        """Resumes it."""
        self._callbacks.stream_resume(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.end()
            elif isinstance(error, Exception):
                self.fail(str(error) or type(error).__name__)
            else:
                self.cancel()
        except (StreamAlreadyEnded, StreamCancelled):
            return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)
