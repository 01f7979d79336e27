"""What commands, replies and events are made of. Handles travel as texts: JSON numbers in browsers have 53 bits."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from ...metadata import HistoryMessage

ContactState: TypeAlias = Literal[
    "disabled", "unloaded", "loading", "disconnected", "connecting", "connected", "disconnecting", "failed"
]
"""`disabled`: the person has switched it off. `unloaded`: it waits to be loaded. `disconnected`: it is loaded and takes
no messages. `failed`: it could not be loaded; the error of the contact says why."""

SettingType: TypeAlias = Literal["string", "integer", "number", "boolean", "choice"]


class Error(msgspec.Struct, kw_only=True, frozen=True):
    """What went wrong, for a person to read.

    Attributes:
        what: the plugin and the call, as in "plugin echo, connect".
        message: what happened and what to do.
        status: the name of the status in lower case, as in "not_connected"; "plugin_status" for a plugin's own.
        code: its number.
        instance_id: of the contact that it is about, where it is about one.
    """

    what: str
    message: str
    status: str
    code: int
    instance_id: str = ""


class Message(HistoryMessage, kw_only=True):
    """One message of a conversation, as the history keeps it.

    Attributes:
        stream_id: of a message whose stream is open: for pause-stream, resume-stream and cancel-stream.
        request_id: of a message that answers a request which is open: for stop-request.
    """

    stream_id: str = msgspec.field(name="streamId", default="")
    request_id: str = msgspec.field(name="requestId", default="")


class Contact(msgspec.Struct, kw_only=True):
    """An instance of a plugin that the person has.

    Attributes:
        name: what the person calls it.
        enabled: it is loaded when the server starts.
        wants_connection: it is connected when it is loaded.
        error: why it is not as wanted: the last load, connect or disconnect failed.
        unread: messages of the plugin that came since mark-read.
        last: the newest message, its text cut to the first 200 characters.
        accepts: endings of files that upload takes for it, such as ".txt"; empty: none.
        open_requests: what was sent to it and has no end yet.
    """

    instance_id: str
    plugin_id: str
    name: str
    plugin_name: str
    version: str = ""
    description: str = ""
    state: ContactState
    enabled: bool = True
    wants_connection: bool = False
    error: Error | None = None
    unread: int = 0
    last: Message | None = None
    accepts: list[str] = []
    open_requests: list[str] = []


class Permission(msgspec.Struct, kw_only=True, frozen=True):
    """What a plugin asks for, and whether the person gives it."""

    name: str
    given: bool


class Plugin(msgspec.Struct, kw_only=True):
    """A plugin that was found; add-contact makes an instance of one without an error.

    Attributes:
        error: why it cannot be used.
        enabled: its instances may be loaded.
    """

    plugin_id: str
    name: str
    version: str = ""
    description: str = ""
    author: str = ""
    category: str = ""
    tags: list[str] = []
    enabled: bool = True
    permissions: list[Permission] = []
    error: Error | None = None


class Setting(msgspec.Struct, kw_only=True):
    """One `[config.<key>]` of a plugin, with the value of an instance.

    Attributes:
        value: None where the setting is secret: it does not travel.
        filled: there is a value that is not empty.
    """

    key: str
    type: SettingType
    title: str = ""
    description: str = ""
    value: Any = None
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: list[Any] = []
    secret: bool = False
    filled: bool = False


class LogLine(msgspec.Struct, kw_only=True, frozen=True):
    """A line that a plugin logged; `time` is Unix time in milliseconds."""

    time: int
    level: Literal["trace", "debug", "info", "warn", "error"]
    text: str
    file: str = ""
    line: int = 0
