"""What the server tells its clients. On the wire an event is an object whose `event` is its name.

The names `plugin-…` and their fields are those of the crate, with a few fields more.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import msgspec

from ...message.stream_message import StreamEventType
from ...metadata import MessageType
from .commands import kebab
from .records import Contact, Error, LogLine, Message, Plugin

PROTOCOL_VERSION = 1


class Event(msgspec.Struct, kw_only=True, tag_field="event", tag=kebab):
    """Base of all.

    Attributes:
        sequence: one more than that of the event before, of all contacts; 0 for what concerns this client alone.
    """

    sequence: int = 0


# ---- to this client alone ----


class Welcome(Event, kw_only=True):
    """The first that a client is told.

    Attributes:
        epoch: of this run of the server; sequences of another epoch mean nothing.
        latest: the sequence of the newest event; the next one that the client gets has a higher one, unless it resumed.
        resumed: what the client missed follows. False: there is a gap; fetch anew what is shown.
    """

    protocol: int = PROTOCOL_VERSION
    epoch: str
    latest: int
    resumed: bool
    server: str = ""


class Reply(Event, kw_only=True):
    """A command was done; `result` is what its description says."""

    id: int
    result: Any


class Failed(Event, kw_only=True):
    """A command failed; `id` is 0 where it could not be read."""

    id: int
    error: Error


class EventsLost(Event, kw_only=True):
    """The client was too slow: `count` events before the next one are gone. Fetch anew what is shown."""

    count: int


# ---- contacts ----


class PluginsChanged(Event, kw_only=True):
    """The plugins there, or what the person decided about them."""

    plugins: list[Plugin]


class ContactChanged(Event, kw_only=True):
    """A contact is new, or as it is now."""

    contact: Contact


class ContactRemoved(Event, kw_only=True):
    """A contact is gone."""

    instance_id: str


# ---- conversation ----


class RequestStarted(Event, kw_only=True):
    """The person has sent a message, from whichever client."""

    plugin_id: str
    instance_id: str
    request_id: str
    message: Message


class RequestEnded(Event, kw_only=True):
    """A message has its reply, or failed.

    Attributes:
        status: the name of the status: "ok", "cancelled", "timeout", …
        message: what was added to the conversation by that; None: nothing, as where streams were the reply.
        error: why it failed.
    """

    plugin_id: str
    instance_id: str
    request_id: str
    status: str
    message: Message | None = None
    error: Error | None = None


class PluginMessage(Event, kw_only=True):
    """The plugin added a message, outside of any reply; `timestamp` is Unix time in milliseconds."""

    message_type: Literal["plugin_message"] = "plugin_message"
    plugin_id: str
    instance_id: str
    message_id: str
    content: str
    timestamp: int
    kind: MessageType = "normal"


class StreamData(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The `data` of plugin-stream; beside `stream_id`, which members it has depends on the `type`.

    Attributes:
        message_type: of stream_start: how the message is shown.
        chunk, is_final: of stream_data; of a final one, the end is still to come.
        success, error: of stream_end; why, where it failed.
    """

    stream_id: str
    message_type: MessageType | None = None
    chunk: str | None = None
    is_final: bool | None = None
    success: bool | None = None
    error: str | None = None


class PluginStream(Event, kw_only=True):
    """A step of a stream.

    Attributes:
        message_id: of the message in the history that the stream fills.
        request_id: of the request that it answers; empty: none.
        timestamp: Unix time in milliseconds.
    """

    type: StreamEventType
    plugin_id: str
    instance_id: str
    data: StreamData
    timestamp: int
    message_id: str
    request_id: str = ""


class PluginUiRefreshed(Event, kw_only=True):
    """The settings are to be drawn anew, by get-ui: the plugin wants it, or some client has changed one.

    Attributes:
        plugin, instance: their ids.
    """

    plugin: str
    instance: str


class PluginDisconnectRequest(Event, kw_only=True):
    """The plugin asks to be disconnected; the server does so."""

    plugin_id: str
    instance_id: str
    timestamp: int


class PluginEvent(Event, kw_only=True):
    """An event of the plugin's own; `payload` is what the plugin says is JSON."""

    plugin_id: str
    instance_id: str
    name: str
    payload: str


class PluginLog(Event, kw_only=True):
    """The plugin logged a warning or an error; get-logs has all lines."""

    plugin_id: str
    instance_id: str
    entry: LogLine


class PluginReport(Event, kw_only=True):
    """The plugin broke a rule, or an entry failed where the life goes on."""

    plugin_id: str
    instance_id: str
    error: Error


class HistoryCleared(Event, kw_only=True):
    """The conversation was forgotten."""

    instance_id: str


AnyEvent: TypeAlias = (
    Welcome
    | Reply
    | Failed
    | EventsLost
    | PluginsChanged
    | ContactChanged
    | ContactRemoved
    | RequestStarted
    | RequestEnded
    | PluginMessage
    | PluginStream
    | PluginUiRefreshed
    | PluginDisconnectRequest
    | PluginEvent
    | PluginLog
    | PluginReport
    | HistoryCleared
)
"""One of them, for a decoder."""

EVENTS: tuple[type[Event], ...] = get_args(AnyEvent)
"""All of them."""
