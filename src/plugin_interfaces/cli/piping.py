"""`plugin-interfaces chat` where standard input is no terminal: each line of it is a message.

Replies go to standard output as they are, and so does, each in one piece, what the plugin sends by itself.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

from ..errors import PluginInterfacesError
from ..host import Host, Instance
from ..host.events import Event, MessageEvent, StreamEvent
from .console import CommandError, ExitCode, counted, report
from .output import Output

__all__ = ["pipe"]


def pipe(host: Host, instance: Instance, *, timeout: float | None, linger: float) -> int:
    """Until the input ends, then `linger` seconds, and then until the open streams have ended; the exit code."""
    output = Output(by_line=False)
    streams = _Streams(output)

    def show(event: Event) -> None:
        if event.instance_id != instance.id:
            return
        if isinstance(event, MessageEvent):
            output.whole(lambda: print(event.content, flush=True))
        elif isinstance(event, StreamEvent) and not event.request:
            streams.take(event)

    host.add_listener(show)
    try:
        instance.connect(timeout)
    except PluginInterfacesError as error:
        raise CommandError(str(error), code=ExitCode.LOAD_FAILED) from None
    code = ExitCode.OK
    for line in _lines():
        try:
            _write_reply(instance, line, timeout, output)
        except PluginInterfacesError as error:
            report(str(error))
            code = ExitCode.NO_REPLY
    time.sleep(linger)
    return ExitCode.NO_REPLY if streams.finish(instance.id, timeout) else code


def _lines() -> Iterator[str]:
    sys.stdin.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
    return (line.rstrip("\r\n") for line in sys.stdin)


def _write_reply(instance: Instance, line: str, timeout: float | None, output: Output) -> None:
    """The pieces as they come. What no stream brought is one piece; an empty reply is no line."""
    try:
        for piece in instance.stream(line, timeout):
            output.piece(piece)
    finally:
        output.end()


class _Streams:
    """Streams that answer no message: each is kept until it ends, and written whole."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._changed = threading.Condition()
        self._open: dict[int, list[str]] = {}
        self._failed = False

    def take(self, event: StreamEvent) -> None:
        """A step of one of them. On the host's event thread."""
        with self._changed:
            chunks = self._open.setdefault(event.stream, [])
            if event.type == "stream_data":
                chunks.append(event.chunk)
            elif event.type in ("stream_end", "stream_cancel"):
                self._write(self._open.pop(event.stream))
                if event.type == "stream_cancel" or not event.success:
                    why = "was cancelled" if event.type == "stream_cancel" else f"failed: {event.reason}"
                    report(f"plugin {event.instance_id}: a stream {why}")
                    self._failed = True
                self._changed.notify_all()

    def finish(self, instance_id: str, timeout: float | None) -> bool:
        """Waits for those that are open, and writes what has come of the others; whether one did not end well."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._open, timeout):
                report(f"plugin {instance_id}: {counted(len(self._open), 'stream')} did not end within {timeout:g} s")
                self._failed = True
            while self._open:
                self._write(self._open.pop(next(iter(self._open))))
            return self._failed

    def _write(self, chunks: list[str]) -> None:
        text = "".join(chunks)
        if text:
            end = "" if text.endswith("\n") else "\n"
            self._output.whole(lambda: print(text, end=end, flush=True))
