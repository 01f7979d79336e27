"""Turns what a host tells into what clients are told, with the messages named as in the history."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from .._abi import LogLevel, State, Status
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
    StateEvent,
    StreamEvent,
    UiRefreshEvent,
)
from ..metadata import HistoryMessage, MessageStatus
from .failures import error_record, status_name
from .journal import Journal
from .naming import NamingRecorder
from .protocol import (
    HistoryCleared,
    HistoryPage,
    LogLine,
    Message,
    PluginDisconnectRequest,
    PluginEvent,
    PluginLog,
    PluginMessage,
    PluginReport,
    PluginStream,
    PluginUiRefreshed,
    RequestEnded,
    RequestStarted,
    StreamData,
)

PREVIEW_LENGTH: Final = 200
_REQUESTS_KEPT: Final = 1024
_LOGS_KEPT: Final = 500


class _Open:
    """A stream that has begun, as far as clients were told."""

    __slots__ = ("beginning", "instance_id", "length", "message_id", "request", "status")

    def __init__(self, event: StreamEvent, message_id: str) -> None:
        self.instance_id = event.instance_id
        self.request = event.request
        self.message_id = message_id
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
        self._names = NamingRecorder.install(host)
        # Around a change and its event, so that a page of history is of one moment.
        self._lock = threading.RLock()
        self._streams: dict[int, _Open] = {}
        self._requests: OrderedDict[int, tuple[str, str]] = OrderedDict()  # instance and message, also of ended ones
        self._open: dict[str, dict[int, None]] = {}
        self._logs: dict[str, deque[LogLine]] = {}
        self._remove = host.add_listener(self._take)

    def close(self) -> None:
        """Stops listening."""
        self._remove()

    # ---- for commands ----

    def page(self, instance_id: str, limit: int, before: str) -> HistoryPage:
        """A page of the history, in which open streams are as far as clients were told. Errors: HistoryError."""
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
        return HistoryPage(sequence=sequence, messages=messages, more=len(found) > limit)

    def newest(self, instance_id: str) -> Message | None:
        """The last message, its text cut as in a contact; None where there is none. Errors: HistoryError."""
        found = self._host.store.messages(instance_id, 1)
        return preview(_message(found[0])) if found else None

    def forget(self, instance_id: str) -> None:
        """A contact was removed: what is kept of it here goes too."""
        with self._lock:
            self._logs.pop(instance_id, None)
            self._open.pop(instance_id, None)

    def clear(self, instance_id: str) -> None:
        """Forgets a conversation, and tells. Errors: HistoryError."""
        self._host.store.clear(instance_id)
        with self._lock:
            self._journal.publish(HistoryCleared(instance_id=instance_id))

    def logs(self, instance_id: str, limit: int) -> list[LogLine]:
        """The newest lines, oldest first."""
        with self._lock:
            kept = self._logs.get(instance_id, ())
            return list(kept)[-limit:] if limit > 0 else []

    def open_requests(self, instance_id: str) -> list[str]:
        """What was sent and has no end yet."""
        with self._lock:
            return [str(request) for request in self._open.get(instance_id, ())]

    def started(self, plugin_id: str, instance_id: str, request: int) -> str:
        """Tells that the person sent a message, where that was not told; the message's id, empty where there is none.

        A message that another plugin sent is none of a conversation.
        """
        with self._lock:
            known = self._requests.get(request)
            if known is not None and known[0] == instance_id:
                return known[1]
            found = self._host.store.message_of_request(instance_id, request)
            self._requests[request] = instance_id, found.id if found else ""
            while len(self._requests) > _REQUESTS_KEPT:
                self._requests.popitem(last=False)
            if found is None:
                return ""
            self._open.setdefault(instance_id, {})[request] = None
            message = _message(found)
            self._journal.publish(
                RequestStarted(plugin_id=plugin_id, instance_id=instance_id, request_id=str(request), message=message)
            )
        self._added(instance_id, message)
        return found.id

    # ---- on the host's event thread ----

    def _take(self, event: Event) -> None:
        if isinstance(event, StreamEvent):
            self._stream(event)
        elif isinstance(event, MessageEvent):
            self._message(event)
        elif isinstance(event, RequestEndedEvent):
            self._ended(event)
        elif isinstance(event, LogEvent):
            self._log(event)
        elif isinstance(event, LogsLostEvent):
            self._report(event, Status.FULL, "log", f"{event.count} log lines were lost; it logs faster than is read")
        elif isinstance(event, ReportEvent):
            self._report(event, event.status, event.call, event.text)
        elif isinstance(event, UiRefreshEvent):
            self._publish(PluginUiRefreshed(plugin=event.plugin_id, instance=event.instance_id))
        elif isinstance(event, FrontendEvent):
            self._publish(
                PluginEvent(
                    plugin_id=event.plugin_id, instance_id=event.instance_id, name=event.name, payload=event.payload
                )
            )
        elif isinstance(event, DisconnectRequestEvent):
            self._publish(
                PluginDisconnectRequest(
                    plugin_id=event.plugin_id, instance_id=event.instance_id, timestamp=event.time_ms
                )
            )
        elif isinstance(event, StateEvent) and event.state == State.GONE:
            self._gone(event.instance_id)
        if isinstance(event, StateEvent | DisconnectRequestEvent):
            self._seen(event)

    def _gone(self, instance_id: str) -> None:
        """An instance that was given up may leave streams and requests without an end."""
        with self._lock:
            self._open.pop(instance_id, None)
            self._streams = {handle: one for handle, one in self._streams.items() if one.instance_id != instance_id}

    def _publish(self, event: object) -> None:
        with self._lock:
            self._journal.publish(event)  # type: ignore[arg-type]

    def _stream(self, event: StreamEvent) -> None:
        if event.type == "stream_start" and event.request:
            self.started(event.plugin_id, event.instance_id, event.request)
        data, status = _stream_data(event)
        ended = None
        with self._lock:
            if event.type == "stream_start":
                # Without a name the history could not keep it; clients are shown it all the same.
                self._streams[event.stream] = _Open(event, self._names.take(event) or f"stream-{event.stream}")
            one = self._streams.get(event.stream)
            if one is None:
                return
            one.length += len(event.chunk)
            if len(one.beginning) < PREVIEW_LENGTH:
                one.beginning += event.chunk
            if status is not None:
                one.status = status
            if event.type in ("stream_end", "stream_cancel"):
                ended = self._streams.pop(event.stream)
            self._journal.publish(
                PluginStream(
                    type=event.type,
                    plugin_id=event.plugin_id,
                    instance_id=event.instance_id,
                    data=data,
                    timestamp=event.time_ms,
                    message_id=one.message_id,
                    request_id=str(event.request or ""),
                )
            )
        if ended is not None:
            self._added(event.instance_id, _new(event, ended.message_id, ended.beginning, status=ended.status))

    def _message(self, event: MessageEvent) -> None:
        self._names.take(event)
        self._publish(
            PluginMessage(
                plugin_id=event.plugin_id,
                instance_id=event.instance_id,
                message_id=event.message_id,
                content=event.content,
                timestamp=event.time_ms,
                kind=event.kind,
            )
        )
        message = _new(event, event.message_id, event.content)
        message.message_type = event.kind
        self._added(event.instance_id, message)

    def _ended(self, event: RequestEndedEvent) -> None:
        told = self.started(event.plugin_id, event.instance_id, event.request)
        name = self._names.take(event)
        message = error = None
        if name:
            message = _new(event, name, event.text)
            if event.status < 0:
                message.message_type, message.status = "error", "error"
        if event.status < 0:
            error = error_record(event.status, f"plugin {event.instance_id}", event.text, event.instance_id)
        with self._lock:
            self._open.get(event.instance_id, {}).pop(event.request, None)
            self._requests[event.request] = event.instance_id, told
            if not told and message is None:
                return
            self._journal.publish(
                RequestEnded(
                    plugin_id=event.plugin_id,
                    instance_id=event.instance_id,
                    request_id=str(event.request),
                    status=status_name(event.status),
                    message=message,
                    error=error,
                )
            )
        if message is not None:
            self._added(event.instance_id, message)

    def _log(self, event: LogEvent) -> None:
        level: Literal["trace", "debug", "info", "warn", "error"] = LogLevel(event.level).name.lower()  # type: ignore[assignment]
        entry = LogLine(time=event.time_ms, level=level, text=event.text, file=event.file, line=event.line)
        with self._lock:
            self._logs.setdefault(event.instance_id, deque(maxlen=_LOGS_KEPT)).append(entry)
            if event.level >= LogLevel.WARN:
                self._journal.publish(PluginLog(plugin_id=event.plugin_id, instance_id=event.instance_id, entry=entry))

    def _report(self, event: Event, status: int, call: str, text: str) -> None:
        error = error_record(status, f"plugin {event.instance_id}, {call}", text, event.instance_id)
        self._publish(PluginReport(plugin_id=event.plugin_id, instance_id=event.instance_id, error=error))


def preview(message: Message) -> Message:
    """A message as a contact shows it."""
    return msgspec.structs.replace(message, content=message.content[:PREVIEW_LENGTH])


def _message(found: HistoryMessage) -> Message:
    return Message(**{field: getattr(found, field) for field in HistoryMessage.__struct_fields__})


def _new(event: Event, message_id: str, text: str, status: MessageStatus = "completed") -> Message:
    """A message that an event added."""
    at = datetime.fromtimestamp(event.time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Message(id=message_id, content=text, plugin_id=event.plugin_id, role="plugin", status=status, created_at=at)


def _stream_data(event: StreamEvent) -> tuple[StreamData, MessageStatus | None]:
    """The crate's `data` of a step, and how far its message has come by it."""
    stream_id = str(event.stream)
    match event.type:
        case "stream_start":
            return StreamData(stream_id=stream_id, message_type=event.kind), None
        case "stream_data":
            return StreamData(stream_id=stream_id, chunk=event.chunk, is_final=event.final), None
        case "stream_end":
            data = StreamData(stream_id=stream_id, success=event.success, error=event.reason or None)
            return data, "completed" if event.success else "error"
        case "stream_pause":
            return StreamData(stream_id=stream_id), "paused"
        case "stream_resume":
            return StreamData(stream_id=stream_id), "active"
        case "stream_cancel":
            return StreamData(stream_id=stream_id), "cancelled"
