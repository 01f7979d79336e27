"""Streams that answer no message, in a terminal: a plugin may begin one at any time, also while the person types.

What is written above a prompt must be whole lines: the prompt draws over the rest. So lines go up as they become whole,
and the beginning of the next one grows in the toolbar below the prompt.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..host.events import StreamEvent
from .console import MESSAGE_STYLES, stdout, styled
from .output import Output

__all__ = ["Streams"]


class _Growing:
    """One stream that has not ended."""

    def __init__(self, number: int, kind: str = "normal") -> None:
        self.number = number
        self.style = MESSAGE_STYLES.get(kind, "")
        self.tail = ""  # of a line that is not whole yet
        self.marked = False  # with its number, where it is not alone
        self.paused = False

    @property
    def mark(self) -> str:
        """What stands before each of its lines."""
        return f"[{self.number}] " if self.marked else ""


class Streams:
    """The streams of one conversation. `take` is called on the host's event thread, the rest on the person's."""

    def __init__(self, output: Output, changed: Callable[[], None]) -> None:
        """`changed` is called when `tails` has changed, on the thread that changed it."""
        self._output = output
        self._changed = changed
        self._open: dict[int, _Growing] = {}  # by handle, oldest first

    def take(self, event: StreamEvent) -> None:
        """A step of a stream without a request."""
        with self._output.lock:
            growing = self._open.get(event.stream) or self._begin(event)
            if event.type == "stream_data":
                growing.tail += event.chunk
                self._write_lines(growing)
            elif event.type in ("stream_pause", "stream_resume"):
                growing.paused = event.type == "stream_pause"
            elif event.type in ("stream_end", "stream_cancel"):
                self._end(event.stream, self._outcome(event))
        self._changed()

    def newest(self) -> int | None:
        """The handle of the stream that began last, of those that are open."""
        with self._output.lock:
            return next(reversed(self._open), None)

    def tails(self) -> list[str]:
        """A line for each open stream: what has come of the line that is not whole."""
        with self._output.lock:
            return [
                f"{growing.mark}{growing.tail or '…'}{' (paused)' if growing.paused else ''}"
                for growing in self._open.values()
            ]

    def leave(self) -> None:
        """The person turns to something else: what has come of the open streams is written, and no more."""
        with self._output.lock:
            for handle in list(self._open):
                self._end(handle, None)
        self._changed()

    def _begin(self, event: StreamEvent) -> _Growing:
        taken = {growing.number for growing in self._open.values()}
        number = next(number for number in range(1, len(taken) + 2) if number not in taken)
        growing = self._open[event.stream] = _Growing(number, event.kind)
        if len(self._open) > 1:
            for each in self._open.values():
                each.marked = True
        return growing

    def _end(self, handle: int, outcome: Text | None) -> None:
        growing = self._open.pop(handle)
        if growing.tail:
            self._write(growing, growing.tail)
        if outcome is not None:
            self._output.whole(lambda: stdout().print(styled(growing.mark, "dim"), outcome, sep=""))

    def _outcome(self, event: StreamEvent) -> Text | None:
        """What there is to say of an end, besides that it is one."""
        if event.type == "stream_cancel":
            return styled("cancelled", "yellow")
        return None if event.success else styled(f"failed: {event.reason or 'the plugin does not say why'}", "red")

    def _write_lines(self, growing: _Growing) -> None:
        """What is whole: up to a line feed, or as much as fills the toolbar."""
        *lines, growing.tail = growing.tail.split("\n")
        for line in lines:
            self._write(growing, line.removesuffix("\r"))
        width = max(shutil.get_terminal_size().columns - cell_len(growing.mark) - 1, 20)
        while cell_len(growing.tail) > width:
            line, growing.tail = _broken(growing.tail, width)
            self._write(growing, line)

    def _write(self, growing: _Growing, line: str) -> None:
        text = Text.assemble((growing.mark, "dim"), styled(line, growing.style))
        self._output.whole(lambda: stdout().print(text))


def _broken(text: str, width: int) -> tuple[str, str]:
    """A line of at most `width` cells and the rest: at the last space, or where it has none, where it is full."""
    full = len(set_cell_size(text, width))
    while cell_len(text[:full]) > width:
        full -= 1
    space = text.rfind(" ", 1, full + 1)
    return (text[:space], text[space + 1 :]) if space > 0 else (text[:full], text[full:])
