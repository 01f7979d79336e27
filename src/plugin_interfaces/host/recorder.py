"""Writes what happens into the conversation: messages in bundles, as the core packs them, and streams as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from .._abi import EventType
from ..metadata import MessageStatus
from .bundles import Bundle, Row, created_at
from .events import BUNDLE, RawEvent, message_id, message_type
from .history import HistoryStore

if TYPE_CHECKING:
    from .arrivals import Arrival
    from .instance import Instance


class _Stream:
    """A message that streams in.

    Attributes:
        row: where it is not in the store yet.
        sequence: its number in the store.
        pieces: what has come and is not in the store yet.
        status: as it is to be stored; None where that has not changed.
    """

    __slots__ = ("pieces", "row", "sequence", "status")

    def __init__(self, row: Row) -> None:
        self.row: Row | None = row
        self.sequence = row.sequence
        self.pieces: list[str] = []
        self.status: MessageStatus | None = None


class Recorder:
    """Keeps the conversations of one host up to date. Used by the pump thread alone.

    A batch of events is worked through in memory, and what it comes to is written by a few statements: messages that
    are whole as one bundle, the chunks of a stream as one, and a stream that began and ended within the batch as one
    message.
    """

    def __init__(self, store: HistoryStore, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._streams: dict[int, _Stream] = {}
        self._rows: list[Row] = []
        self._bundles: list[Bundle] = []
        self._touched: dict[int, _Stream] = {}
        self._next = 0

    def record(self, arrivals: Iterable[Arrival]) -> None:
        """One batch, in one transaction. Errors: HistoryError; nothing of it is stored then."""
        recorded = [arrival for arrival in arrivals if arrival[1][0] in _STEPS]
        if not recorded:
            return
        if len(recorded) == 1 and recorded[0][1][0] == BUNDLE:
            # The most frequent batch of all; one statement is a transaction of its own.
            self._store.add_bundles([self._bundle_of(*recorded[0], first=0)])
            return
        self._rows, self._bundles, self._touched = [], [], {}
        try:
            with self._store.transaction():
                self._next = self._store.next_sequence()
                for instance, raw in recorded:
                    _STEPS[raw[0]](self, instance, raw)
                self._write()
        except BaseException:
            # What was not stored cannot be added to.
            for handle, stream in self._touched.items():
                if stream.row is not None:
                    self._streams.pop(handle, None)
            raise
        for stream in self._touched.values():
            stream.row = stream.status = None

    def _write(self) -> None:
        for stream in self._touched.values():
            if stream.row is not None:
                stream.row.content = "".join(stream.pieces)
                stream.row.status = stream.status or "active"
        self._store.add_rows(self._rows)
        self._store.add_bundles(self._bundles)
        stored = [stream for stream in self._touched.values() if stream.row is None]
        self._store.append([(stream.sequence, "".join(stream.pieces)) for stream in stored if stream.pieces])
        for status in {stream.status for stream in stored if stream.status is not None}:
            self._store.set_status([stream.sequence for stream in stored if stream.status == status], status)
        for stream in self._touched.values():
            stream.pieces = []

    # ---- a step for each type of event ----

    def _bundle(self, instance: Instance, raw: RawEvent) -> None:
        self._bundles.append(self._bundle_of(instance, raw, self._next))
        self._next += raw[6]

    def _bundle_of(self, instance: Instance, raw: RawEvent, first: int) -> Bundle:
        return Bundle(first, raw[6], instance.id, instance.plugin_id, self._run_id, raw[9])

    def _stream_start(self, instance: Instance, raw: RawEvent) -> None:
        row = Row(
            sequence=self._next,
            id=message_id(self._run_id, raw[1]),
            instance_id=instance.id,
            plugin_id=instance.plugin_id,
            role="plugin",
            type=message_type(raw[7]),
            status="active",
            content="",
            created_at=created_at(raw[2]),
            request=raw[4],
        )
        self._next += 1
        self._rows.append(row)
        self._streams[raw[5]] = self._touched[raw[5]] = _Stream(row)

    def _stream_data(self, _: Instance, raw: RawEvent) -> None:
        stream = self._streams.get(raw[5])
        if stream is not None:
            stream.pieces.extend(raw[9])
            self._touched[raw[5]] = stream

    def _move(self, handle: int, status: MessageStatus, *, ends: bool = False) -> None:
        stream = self._streams.pop(handle, None) if ends else self._streams.get(handle)
        if stream is not None:
            stream.status = status
            self._touched[handle] = stream

    def _stream_end(self, _: Instance, raw: RawEvent) -> None:
        self._move(raw[5], "completed" if raw[7] == 0 else "error", ends=True)

    def _stream_cancel(self, _: Instance, raw: RawEvent) -> None:
        self._move(raw[5], "cancelled", ends=True)

    def _stream_pause(self, _: Instance, raw: RawEvent) -> None:
        self._move(raw[5], "paused")

    def _stream_resume(self, _: Instance, raw: RawEvent) -> None:
        self._move(raw[5], "active")


_STEPS: Final[dict[int, Callable[[Recorder, Instance, RawEvent], None]]] = {
    BUNDLE: Recorder._bundle,
    int(EventType.STREAM_START): Recorder._stream_start,
    int(EventType.STREAM_DATA): Recorder._stream_data,
    int(EventType.STREAM_END): Recorder._stream_end,
    int(EventType.STREAM_PAUSE): Recorder._stream_pause,
    int(EventType.STREAM_RESUME): Recorder._stream_resume,
    int(EventType.STREAM_CANCEL): Recorder._stream_cancel,
}
