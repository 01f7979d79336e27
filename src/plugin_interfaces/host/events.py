"""What a host tells its listeners.

`to_frontend` gives an event in the crate's form.
"""

from itertools import count
from typing import Any, Final, TypeAlias

import msgspec

from .._abi import ChunkFlag, EventType, LogLevel, MessageKind, State
from ..message import PluginMessageEvent
from ..message.stream_message import (
    StreamControlData,
    StreamDataData,
    StreamEndData,
    StreamEventType,
    StreamMessageData,
    StreamMessageWrapper,
    StreamStartData,
)
from ..metadata import MESSAGE_TYPES, MessageType

RawEvent: TypeAlias = tuple[int, int, int, int, int, int, int, int, str, Any]
"""As `fast.drain` gives it: type, sequence, time_ms, host, request, stream, number, value, name, text.

The text is a str; for STREAM_DATA it is a list of them, a run of chunks with the sequence and the number of the first
and the value of the last; for BUNDLE it is the bytes of a bundle, and the number is that of its messages.
"""

# The type of what stands for messages that are whole, as they go into the conversation.
BUNDLE: Final = 0
# What a drain is to bring besides what the host acts on: all that listeners may want; bundles.
WANT_EVENTS: Final = 1
WANT_BUNDLES: Final = 2

# As int: comparing with a member of an enumeration takes three times as long.
_STREAM_DATA: Final = int(EventType.STREAM_DATA)
_FINAL: Final = int(ChunkFlag.FINAL)


def message_id(run_id: str, sequence: int) -> str:
    """The id that a message has which an event brought: made of the host's `run_id` and the event's sequence number."""
    return f"{run_id}{sequence:016x}"


class Event(msgspec.Struct, frozen=True, gc=False):
    """Base of all. Events do not change: all listeners share them.

    Attributes:
        plugin_id, instance_id: whose event it is.
        sequence: grows within one instance in the order in which the host accepted its events.
        time_ms: Unix time in milliseconds.
    """

    plugin_id: str
    instance_id: str
    sequence: int
    time_ms: int

    def to_frontend(self) -> tuple[str, Any] | None:
        """The event's name and its payload as the crate has them; None for events that no front end gets."""
        return None


class MessageEvent(Event, kw_only=True, frozen=True, gc=False):
    """A message that the instance added to its conversation, outside of any reply; `message_id` is its id there."""

    content: str
    kind: MessageType
    message_id: str

    def to_frontend(self) -> tuple[str, Any] | None:
        """`plugin-message`."""
        return "plugin-message", PluginMessageEvent(
            plugin_id=self.plugin_id,
            instance_id=self.instance_id,
            message_id=self.message_id,
            content=self.content,
            timestamp=self.time_ms,
            kind=self.kind,
        )


class StreamEvent(Event, frozen=True, gc=False):
    """A step of a stream.

    Attributes:
        stream: its handle; request: the one that it answers, or 0.
        chunk, number, final: of stream_data.
        success, reason: of stream_end.
        kind, message_id: of stream_start; the id that its message has in the conversation.
    """

    stream: int
    request: int
    type: StreamEventType
    chunk: str = ""
    number: int = 0
    final: bool = False
    success: bool = True
    reason: str = ""
    kind: MessageType = "normal"
    message_id: str = ""

    def to_frontend(self) -> tuple[str, Any] | None:
        """`plugin-stream`."""
        stream_id = str(self.stream)
        data: StreamMessageData
        if self.type == "stream_start":
            data = StreamStartData(stream_id=stream_id, message_type=self.kind)
        elif self.type == "stream_data":
            data = StreamDataData(stream_id=stream_id, chunk=self.chunk, is_final=self.final)
        elif self.type == "stream_end":
            data = StreamEndData(stream_id=stream_id, success=self.success, error=self.reason or None)
        else:
            data = StreamControlData(stream_id=stream_id)
        return "plugin-stream", StreamMessageWrapper(
            type=self.type,
            plugin_id=self.plugin_id,
            instance_id=self.instance_id,
            data=data,
            timestamp=self.time_ms,
        )


class FrontendEvent(Event, kw_only=True, frozen=True, gc=False):
    """An event of the plugin's own; `payload` is what the plugin said is JSON."""

    name: str
    payload: str

    def to_frontend(self) -> tuple[str, Any] | None:
        """Under the plugin's own name."""
        return self.name, self.payload


class LogEvent(Event, kw_only=True, frozen=True, gc=False):
    """A log line; it is in the standard library's logging too."""

    level: int
    text: str
    file: str
    line: int


class LogsLostEvent(Event, kw_only=True, frozen=True, gc=False):
    """So many log lines and reports found no room in the queue."""

    count: int


class UiRefreshEvent(Event, kw_only=True, frozen=True, gc=False):
    """The settings are to be drawn anew."""

    def to_frontend(self) -> tuple[str, Any] | None:
        """`plugin-ui-refreshed`."""
        return "plugin-ui-refreshed", {"plugin": self.plugin_id, "instance": self.instance_id}


class DisconnectRequestEvent(Event, kw_only=True, frozen=True, gc=False):
    """The plugin asks to be disconnected; the host does so."""

    def to_frontend(self) -> tuple[str, Any] | None:
        """`plugin-disconnect-request`."""
        return "plugin-disconnect-request", {"plugin_id": self.plugin_id, "instance_id": self.instance_id}


class RequestStartedEvent(Event, kw_only=True, frozen=True, gc=False):
    """A message was sent to the instance, whoever sent it; `message_id` is its id in the conversation."""

    request: int
    text: str
    message_id: str


class RequestEndedEvent(Event, kw_only=True, frozen=True, gc=False):
    """A message has its reply, or failed with a status below zero and a reason.

    `message_id` is the id in the conversation, where the text is kept there: a reply that was streamed has none.
    """

    request: int
    status: int
    text: str
    message_id: str


class ReportEvent(Event, kw_only=True, frozen=True, gc=False):
    """The plugin broke a rule, or an entry failed where the life cycle goes on.

    Attributes:
        call: the entry or the callback.
        text: what happened and what to do.
    """

    status: int
    call: str
    text: str


class StateEvent(Event, kw_only=True, frozen=True, gc=False):
    """The instance went over to another state of its life."""

    state: State


class EventsLostEvent(Event, kw_only=True, frozen=True, gc=False):
    """The reader of `Host.events` was slower than the plugins: so many events were dropped before this one."""

    count: int


_STREAM_STEPS: Final[dict[int, StreamEventType]] = {
    EventType.STREAM_PAUSE: "stream_pause",
    EventType.STREAM_RESUME: "stream_resume",
    EventType.STREAM_CANCEL: "stream_cancel",
}


def message_type(kind: int) -> MessageType:
    """The word of a PLUGIN_MESSAGE_… value; an unknown one counts as normal."""
    return MESSAGE_TYPES[kind] if 0 <= kind < len(MESSAGE_TYPES) else MESSAGE_TYPES[MessageKind.NORMAL]


def last_sequence(raw: RawEvent) -> int:
    """The sequence number of the last event that a raw one stands for."""
    return raw[1] + len(raw[9]) - 1 if raw[0] == _STREAM_DATA else raw[1]


def make_events(raw: RawEvent, plugin_id: str, instance_id: str, run_id: str) -> list[Event]:
    """What a raw event tells listeners, typed. `run_id` is the host's, for ids of messages."""
    if raw[0] == _STREAM_DATA:
        return _chunks(raw, plugin_id, instance_id)
    event = _make_event(raw, plugin_id, instance_id, run_id)
    return [] if event is None else [event]


def _chunks(raw: RawEvent, plugin_id: str, instance_id: str) -> list[Event]:
    """A run of chunks; by position and without a call for each, since there are many."""
    _, first, time_ms, _, request, stream, number, value, _, texts = raw
    events: list[Event] = [
        StreamEvent(plugin_id, instance_id, sequence, time_ms, stream, request, "stream_data", text, place)
        for sequence, place, text in zip(count(first), count(number), texts, strict=False)
    ]
    if value & _FINAL:
        events[-1] = msgspec.structs.replace(events[-1], final=True)
    return events


def _make_event(raw: RawEvent, plugin_id: str, instance_id: str, run_id: str) -> Event | None:
    """Any other; None for a type that is not known, or that no listener gets."""
    kind, sequence, time_ms, _, request, stream, number, value, name, text = raw
    base: dict[str, Any] = {
        "plugin_id": plugin_id,
        "instance_id": instance_id,
        "sequence": sequence,
        "time_ms": time_ms,
    }
    match kind:
        case EventType.REQUEST_STARTED:
            return RequestStartedEvent(**base, request=request, text=text, message_id=message_id(run_id, sequence))
        case EventType.REQUEST_ENDED:
            message = message_id(run_id, sequence)
            return RequestEndedEvent(**base, request=request, status=value, text=text, message_id=message)
        case EventType.STREAM_START:
            return StreamEvent(
                **base,
                stream=stream,
                request=request,
                type="stream_start",
                kind=message_type(value),
                message_id=message_id(run_id, sequence),
            )
        case EventType.STREAM_END:
            return StreamEvent(
                **base, stream=stream, request=request, type="stream_end", success=value == 0, reason=text
            )
        case EventType.STREAM_PAUSE | EventType.STREAM_RESUME | EventType.STREAM_CANCEL:
            return StreamEvent(**base, stream=stream, request=request, type=_STREAM_STEPS[kind])
        case EventType.MESSAGE:
            return MessageEvent(**base, content=text, kind=message_type(value), message_id=message_id(run_id, sequence))
        case EventType.FRONTEND:
            return FrontendEvent(**base, name=name, payload=text)
        case EventType.LOG:
            return LogEvent(**base, level=min(value, LogLevel.ERROR), text=text, file=name, line=number)
        case EventType.LOGS_LOST:
            return LogsLostEvent(**base, count=number)
        case EventType.UI_REFRESH:
            return UiRefreshEvent(**base)
        case EventType.DISCONNECT_REQUEST:
            return DisconnectRequestEvent(**base)
        case EventType.REPORT:
            return ReportEvent(**base, status=value, call=name, text=text)
        case EventType.STATE:
            return StateEvent(**base, state=State(value))
    return None
