"""Turns what a host tells into what clients are told, and knows how far they were told of what is still coming."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from .._abi import LogLevel, State, Status
from ..errors import LoadError
from ..host import Host
from ..host.events import (
    DisconnectRequestEvent,
    Event,
    FrontendEvent,
    LogEvent,
    LogsLostEvent,
    MessageEvent,
    ReportEvent,
    RequestEndedEvent,
    RequestStartedEvent,
    StateEvent,
    StreamEvent,
    UiRefreshEvent,
)
from ..metadata import HistoryMessage, MessageRole, MessageStatus, MessageType, time_text
from . import protocol as p
from .failures import error_record, status_name
from .journal import Journal
from .protocol import Message

PREVIEW_LENGTH: Final = 200
_LOGS_KEPT: Final = 500


class _Stream:
    """A stream that has begun, as far as clients were told."""

    __slots__ = ("beginning", "instance_id", "kind", "length", "message_id", "request", "status")

    def __init__(self, event: StreamEvent) -> None:
        self.instance_id = event.instance_id
        self.request = event.request
        self.message_id = event.message_id
        self.kind = event.kind
        self.length = 0
        self.beginning = ""  # as much as a contact's preview shows
        self.status: MessageStatus = "active"


class Conversations:
    """The conversations of a host as clients see them. Any thread may use it; events come on the host's own."""

    def __init__(
        self, host: Host, journal: Journal, added: Callable[[str, Message], None], seen: Callable[[Event], None]
    ) -> None:
        """Listens to the host. On the thread where it happens, `added` is called with each message that is added or
        has ended, and `seen` with each event that may change how a contact is shown.
        """
        self._host = host
        self._journal = journal
        self._added = added
        self._seen = seen
        # Around a batch of changes and its events, so that a page of history is of one moment.
        self._lock = threading.RLock()
        self._streams: dict[int, _Stream] = {}
        self._requests: dict[str, dict[int, bool]] = {}  # those that are open, and whether a stream answers them
        self._logs: dict[str, deque[p.LogLine]] = {}
        self._remove = host.add_batch_listener(self._take)

    def close(self) -> None:
        """Stops listening."""
        self._remove()

    # ---- for commands ----

    def page(self, instance_id: str, limit: int, before: str) -> p.HistoryPage:
        """A page of the history, in which open streams are as far as clients were told. Errors: HistoryError."""
        self.settle(instance_id)
        with self._lock:
            sequence = self._journal.latest
            streams = {
                one.message_id: (handle, one.request, one.length, one.status)
                for handle, one in self._streams.items()
                if one.instance_id == instance_id
            }
        # What is stored is never behind what was told, so there is at least as much.
        found = self._host.store.messages(instance_id, limit + 1, before or None)
        messages = []
        for one in found[-limit:]:
            message = _message(one)
            if one.id in streams:
                handle, request, length, message.status = streams[one.id]
                message.content = one.content[:length]
                message.stream_id, message.request_id = str(handle), str(request or "")
            messages.append(message)
        return p.HistoryPage(sequence=sequence, messages=messages, more=len(found) > limit)

    def settle(self, instance_id: str) -> None:
        """Waits until all that was said so far is in the history. Not on the event thread."""
        with contextlib.suppress(LoadError):
            self._host.settle(self._host.instance(instance_id))

    def newest(self, instance_id: str) -> Message | None:
        """The last message, its text cut as in a contact; None where there is none. Errors: HistoryError."""
        found = self._host.store.messages(instance_id, 1)
        return preview(_message(found[0])) if found else None

    def clear(self, instance_id: str) -> None:
        """Forgets a conversation, and tells. Errors: HistoryError."""
        self.settle(instance_id)
        self._host.store.clear(instance_id)
        self._journal.publish(p.HistoryCleared(instance_id=instance_id))

    def forget(self, instance_id: str) -> None:
        """A contact was removed: what is kept of it here goes too."""
        with self._lock:
            self._logs.pop(instance_id, None)
            self._requests.pop(instance_id, None)

    def logs(self, instance_id: str, limit: int) -> list[p.LogLine]:
        """The newest lines, oldest first."""
        with self._lock:
            kept = self._logs.get(instance_id, ())
            return list(kept)[-limit:] if limit > 0 else []

    def open_requests(self, instance_id: str) -> list[str]:
        """What was sent and has no end yet."""
        with self._lock:
            return [str(request) for request in self._requests.get(instance_id, ())]

    # ---- on the host's event thread ----

    def _take(self, events: Sequence[Event]) -> None:
        added: list[tuple[str, Message]] = []
        with self._lock:
            tell = [told for event in events if (told := self._told(event, added)) is not None]
            # Before clients are told: one may answer at once that all was read.
            for instance_id, message in added:
                self._added(instance_id, message)
            self._journal.publish(*tell)
        for event in events:
            if isinstance(event, StateEvent | DisconnectRequestEvent):
                self._seen(event)

    def _told(self, event: Event, added: list[tuple[str, Message]]) -> p.Event | None:
        """What clients are told of an event; a message that it adds to the conversation, or ends, goes into `added`."""
        plugin_id, instance_id = event.plugin_id, event.instance_id
        match event:
            case StreamEvent():
                return self._stream(event, added)
            case RequestStartedEvent():
                self._requests.setdefault(instance_id, {})[event.request] = False
                message = _new(event, event.message_id, event.text, role="user")
                added.append((instance_id, message))
                return p.RequestStarted(
                    plugin_id=plugin_id, instance_id=instance_id, request_id=str(event.request), message=message
                )
            case RequestEndedEvent():
                return self._ended(event, added)
            case MessageEvent():
                added.append((instance_id, _new(event, event.message_id, event.content, kind=event.kind)))
                return p.PluginMessage(
                    plugin_id=plugin_id,
                    instance_id=instance_id,
                    message_id=event.message_id,
                    content=event.content,
                    timestamp=event.time_ms,
                    kind=event.kind,
                )
            case UiRefreshEvent():
                return p.PluginUiRefreshed(plugin=plugin_id, instance=instance_id)
            case FrontendEvent():
                return p.PluginEvent(
                    plugin_id=plugin_id, instance_id=instance_id, name=event.name, payload=event.payload
                )
            case DisconnectRequestEvent():
                return p.PluginDisconnectRequest(plugin_id=plugin_id, instance_id=instance_id, timestamp=event.time_ms)
            case LogEvent():
                return self._log(event)
            case LogsLostEvent():
                text = f"{event.count} log lines were lost; it logs faster than they are read"
                return _report(event, Status.FULL, "log", text)
            case ReportEvent():
                return _report(event, event.status, event.call, event.text)
            case StateEvent() if event.state == State.GONE:
                # One that was given up may leave streams and requests without an end.
                self._requests.pop(instance_id, None)
                self._streams = {key: one for key, one in self._streams.items() if one.instance_id != instance_id}
        return None

    def _stream(self, event: StreamEvent, added: list[tuple[str, Message]]) -> p.Event | None:
        if event.type == "stream_start":
            self._streams[event.stream] = _Stream(event)
            open_requests = self._requests.get(event.instance_id, {})
            if event.request in open_requests:
                open_requests[event.request] = True
        stream = self._streams.get(event.stream)
        if stream is None:
            return None
        data, stream.status = _stream_data(event, stream.status)
        stream.length += len(event.chunk)
        if len(stream.beginning) < PREVIEW_LENGTH:
            stream.beginning += event.chunk
        if event.type in ("stream_end", "stream_cancel"):
            del self._streams[event.stream]
            message = _new(event, stream.message_id, stream.beginning, kind=stream.kind, status=stream.status)
            added.append((event.instance_id, message))
        return p.PluginStream(
            type=event.type,
            plugin_id=event.plugin_id,
            instance_id=event.instance_id,
            data=data,
            timestamp=event.time_ms,
            message_id=stream.message_id,
            request_id=str(event.request or ""),
        )

    def _ended(self, event: RequestEndedEvent, added: list[tuple[str, Message]]) -> p.Event:
        streamed = self._requests.get(event.instance_id, {}).pop(event.request, False)
        message = error = None
        if event.status < 0:
            error = error_record(event.status, f"plugin {event.instance_id}", event.text, event.instance_id)
            if event.text and not streamed:
                message = _new(event, event.message_id, event.text, kind="error", status="error")
        elif event.text or not streamed:
            message = _new(event, event.message_id, event.text)
        if message is not None:
            added.append((event.instance_id, message))
        return p.RequestEnded(
            plugin_id=event.plugin_id,
            instance_id=event.instance_id,
            request_id=str(event.request),
            status=status_name(event.status),
            message=message,
            error=error,
        )

    def _log(self, event: LogEvent) -> p.Event | None:
        entry = p.LogLine(
            time=event.time_ms, level=_level(event.level), text=event.text, file=event.file, line=event.line
        )
        self._logs.setdefault(event.instance_id, deque(maxlen=_LOGS_KEPT)).append(entry)
        if event.level < LogLevel.WARN:
            return None
        return p.PluginLog(plugin_id=event.plugin_id, instance_id=event.instance_id, entry=entry)


def preview(message: Message) -> Message:
    """A message as a contact shows it."""
    return msgspec.structs.replace(message, content=message.content[:PREVIEW_LENGTH])


def _message(found: HistoryMessage) -> Message:
    return Message(**{field: getattr(found, field) for field in HistoryMessage.__struct_fields__})


def _new(
    event: Event,
    message_id: str,
    text: str,
    *,
    role: MessageRole = "plugin",
    kind: MessageType = "normal",
    status: MessageStatus = "completed",
) -> Message:
    """A message that an event added, as the history has it."""
    return Message(
        id=message_id,
        message_type=kind,
        status=status,
        content=text,
        plugin_id=event.plugin_id,
        role=role,
        created_at=time_text(datetime.fromtimestamp(event.time_ms / 1000, UTC)),
    )


def _report(event: Event, status: int, call: str, text: str) -> p.Event:
    error = error_record(status, f"plugin {event.instance_id}, {call}", text, event.instance_id)
    return p.PluginReport(plugin_id=event.plugin_id, instance_id=event.instance_id, error=error)


def _level(level: int) -> Literal["trace", "debug", "info", "warn", "error"]:
    return LogLevel(level).name.lower()  # type: ignore[return-value]


def _stream_data(event: StreamEvent, status: MessageStatus) -> tuple[p.StreamData, MessageStatus]:
    """The crate's `data` of a step, and how far its message has come by it; `status` is how far it had."""
    stream_id = str(event.stream)
    match event.type:
        case "stream_start":
            return p.StreamData(stream_id=stream_id, message_type=event.kind), status
        case "stream_data":
            return p.StreamData(stream_id=stream_id, chunk=event.chunk, is_final=event.final), status
        case "stream_end":
            data = p.StreamData(stream_id=stream_id, success=event.success, error=event.reason or None)
            return data, "completed" if event.success else "error"
        case "stream_pause":
            return p.StreamData(stream_id=stream_id), "paused"
        case "stream_resume":
            return p.StreamData(stream_id=stream_id), "active"
        case "stream_cancel":
            return p.StreamData(stream_id=stream_id), "cancelled"
