"""Server-sent events, parsed as the HTML standard (section 9.2, "Server-sent events") describes them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_ENDS = ("\r", "\n")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its type, its data lines joined with newlines, and the last id that the stream has named."""

    event: str
    data: str
    id: str


class EventStreamParser:
    """Turns the bytes of a `text/event-stream` into events, wherever the network cuts them.

    Feed it with each piece as it arrives. An event that the stream's end cuts off is dropped, as the standard asks.
    Not for use by several threads at once.
    """

    def __init__(self) -> None:
        # "utf-8-sig" drops one byte order mark at the start; damaged bytes become U+FFFD.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._pieces: list[str] = []
        self._skip_newline = False
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Yields the events that `piece` completes."""
        for line in self._lines(self._decoder.decode(piece)):
            event = self._take_line(line)
            if event is not None:
                yield event

    def _lines(self, text: str) -> Iterator[str]:
        # A CR ends a line at once; an LF that follows it, perhaps in the next piece, belongs to it.
        start = 0
        if self._skip_newline and text:
            self._skip_newline = False
            start = 1 if text[0] == "\n" else 0
        position = start
        while position < len(text):
            character = text[position]
            if character not in _LINE_ENDS:
                position = _next_line_end(text, position)
                continue
            yield "".join((*self._pieces, text[start:position]))
            self._pieces.clear()
            position += 1
            if character == "\r":
                if position == len(text):
                    self._skip_newline = True
                elif text[position] == "\n":
                    position += 1
            start = position
        if start < len(text):
            self._pieces.append(text[start:])

    def _take_line(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._event = value
        elif field == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        if not data:
            return None
        return ServerSentEvent(event=event or "message", data="\n".join(data), id=self._id)


def _next_line_end(text: str, start: int) -> int:
    """The index of the first CR or LF from `start` on, or the length of `text`."""
    found = [index for end in _LINE_ENDS if (index := text.find(end, start)) >= 0]
    return min(found, default=len(text))
