"""What plugins send to the front end, as it reads it: messages and streams."""

from .plugin_message import PluginMessageEvent
from .stream_message import (
    STREAM_EVENTS,
    StreamControlData,
    StreamDataData,
    StreamEndData,
    StreamInfo,
    StreamMessageData,
    StreamMessageWrapper,
    StreamStartData,
    StreamStatus,
    decode_stream_message,
)

__all__ = [
    "STREAM_EVENTS",
    "PluginMessageEvent",
    "StreamControlData",
    "StreamDataData",
    "StreamEndData",
    "StreamInfo",
    "StreamMessageData",
    "StreamMessageWrapper",
    "StreamStartData",
    "StreamStatus",
    "decode_stream_message",
]
