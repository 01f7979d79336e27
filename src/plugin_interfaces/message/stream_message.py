"""The event `plugin-stream`: a text that comes in chunks.

Each event is a StreamMessageWrapper. Its `type` says which of the four kinds of `data` it carries; the data
itself has no tag, so decode_stream_message() picks the kind by the type.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec

from .._abi import StreamStatus as StreamStatus
from ..metadata import MessageType

StreamEventType: TypeAlias = Literal[
    "stream_start", "stream_data", "stream_end", "stream_pause", "stream_resume", "stream_cancel"
]


class StreamStartData(msgspec.Struct, kw_only=True, frozen=True):
    """A stream begins; `message_type` says how it is shown."""

    stream_id: str
    message_type: MessageType = "normal"


class StreamDataData(msgspec.Struct, kw_only=True, frozen=True):
    """A chunk; `is_final` says that none follows, and the end is still to come."""

    stream_id: str
    chunk: str
    is_final: bool = False


class StreamEndData(msgspec.Struct, kw_only=True, frozen=True):
    """A stream has ended; `error` says why where it failed."""

    stream_id: str
    success: bool
    error: str | None = None


class StreamControlData(msgspec.Struct, kw_only=True, frozen=True):
    """A stream was paused, resumed or cancelled."""

    stream_id: str


StreamMessageData: TypeAlias = StreamStartData | StreamDataData | StreamEndData | StreamControlData

STREAM_EVENTS: Final[Mapping[str, type[StreamMessageData]]] = {
    "stream_start": StreamStartData,
    "stream_data": StreamDataData,
    "stream_end": StreamEndData,
    "stream_pause": StreamControlData,
    "stream_resume": StreamControlData,
    "stream_cancel": StreamControlData,
}
"""The kind of data by the event's type."""


class StreamMessageWrapper(msgspec.Struct, kw_only=True, frozen=True):
    """The payload of `plugin-stream`; `timestamp` is Unix time in milliseconds."""

    type: StreamEventType
    plugin_id: str
    instance_id: str
    data: StreamMessageData
    timestamp: int


class StreamInfo(msgspec.Struct, kw_only=True, frozen=True):
    """What is known of a stream."""

    stream_id: str
    plugin_id: str
    instance_id: str
    status: StreamStatus


class _Envelope(msgspec.Struct):
    type: StreamEventType
    plugin_id: str
    instance_id: str
    data: msgspec.Raw
    timestamp: int


def decode_stream_message(payload: str | bytes | Mapping[str, Any]) -> StreamMessageWrapper:
    """Reads the payload of a `plugin-stream` event. Errors: msgspec.ValidationError, msgspec.DecodeError."""
    data = payload if isinstance(payload, str | bytes) else msgspec.json.encode(payload)
    envelope = msgspec.json.decode(data, type=_Envelope)
    return StreamMessageWrapper(
        type=envelope.type,
        plugin_id=envelope.plugin_id,
        instance_id=envelope.instance_id,
        data=msgspec.json.decode(envelope.data, type=STREAM_EVENTS[envelope.type]),
        timestamp=envelope.timestamp,
    )
