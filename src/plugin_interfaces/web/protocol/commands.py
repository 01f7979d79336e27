"""What a client asks for. On the wire a command is an object whose `command` is the class's name in lower case with
hyphens; `id` is the client's own, and its answer has it too.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Generic, Literal, TypeVar

import msgspec

from ...pluginui import Frame
from .records import Contact
from .replies import Config, Contacts, Done, Exported, HistoryPage, Logs, Plugins, Sent, Uploaded

R = TypeVar("R")


def kebab(name: str) -> str:
    """`SendMessage` as `send-message`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Command(
    msgspec.Struct, Generic[R], kw_only=True, frozen=True, tag_field="command", tag=kebab, forbid_unknown_fields=True
):
    """Base of all; `R` is what it is answered with where it does not fail.

    Attributes:
        id: the client's number for the answer.
    """

    ordered: ClassVar[bool] = False
    """Whether its answer tells of a moment between two events, which it names by `sequence`."""

    id: int = 0


class OfContact(Command[R], Generic[R], kw_only=True, frozen=True):
    """A command about one contact."""

    instance_id: str


# ---- plugins ----


class ListPlugins(Command[Plugins], kw_only=True, frozen=True):
    """The plugins there; `refresh` looks at the folders again."""

    refresh: bool = False


class EnablePlugin(Command[Plugins], kw_only=True, frozen=True):
    """Lets a plugin's instances be loaded again, and loads those that are wanted."""

    plugin_id: str


class DisablePlugin(Command[Plugins], kw_only=True, frozen=True):
    """Unloads all instances of a plugin, and loads none from now on."""

    plugin_id: str


class SetPermission(Command[Plugins], kw_only=True, frozen=True):
    """Gives a plugin what it asks for, or takes it; it learns of that when it is loaded the next time."""

    plugin_id: str
    permission: str
    given: bool


# ---- contacts ----


class ListContacts(Command[Contacts], kw_only=True, frozen=True):
    """All contacts."""

    ordered = True


class AddContact(Command[Contact], kw_only=True, frozen=True):
    """Makes an instance of a plugin and loads it. Where it does not load, the command fails and the contact says why.

    Attributes:
        name: what the person calls it; empty: the plugin's name.
        instance_id: its lasting id; empty: one is made.
    """

    plugin_id: str
    name: str = ""
    instance_id: str = ""


class RenameContact(OfContact[Contact], kw_only=True, frozen=True):
    """Gives a contact another name."""

    name: str


class RemoveContact(OfContact[Done], kw_only=True, frozen=True):
    """Unloads an instance and takes it off the contacts; `forget`: with its conversation and uploads."""

    forget: bool = False


class EnableContact(OfContact[Contact], kw_only=True, frozen=True):
    """Loads the instance, now and whenever the server starts."""


class DisableContact(OfContact[Contact], kw_only=True, frozen=True):
    """Unloads the instance until it is enabled again."""


class Connect(OfContact[Contact], kw_only=True, frozen=True):
    """Connects the instance, and loads it before where it is not; it is waited for `timeout` seconds."""

    timeout: float = 30.0


class Disconnect(OfContact[Contact], kw_only=True, frozen=True):
    """Disconnects it; what is open ends as cancelled."""

    timeout: float = 30.0


class Reload(OfContact[Contact], kw_only=True, frozen=True):
    """Unloads it and loads it from what is on disk now; connected again where it was. Gives up one that hangs."""


class MarkRead(OfContact[Contact], kw_only=True, frozen=True):
    """The person has seen the conversation up to its end."""


# ---- conversation ----


class SendMessage(OfContact[Sent], kw_only=True, frozen=True):
    """Sends a message; the reply comes in events.

    Attributes:
        timeout: the request's deadline in seconds; None: none.
    """

    content: str
    timeout: float | None = None


class RetryMessage(OfContact[Sent], kw_only=True, frozen=True):
    """Sends a message of the person's anew: the one with that id, or, where that is a reply, the one before it."""

    message_id: str
    timeout: float | None = None


class StopRequest(OfContact[Done], kw_only=True, frozen=True):
    """The answer is no longer wanted: the request ends as cancelled, with its streams, and the plugin is told."""

    request_id: str


class PauseStream(OfContact[Done], kw_only=True, frozen=True):
    """The person pauses a stream: the plugin's next chunk waits."""

    stream_id: str


class ResumeStream(OfContact[Done], kw_only=True, frozen=True):
    """The person resumes a stream."""

    stream_id: str


class CancelStream(OfContact[Done], kw_only=True, frozen=True):
    """The person ends a stream."""

    stream_id: str


class GetHistory(OfContact[HistoryPage], kw_only=True, frozen=True):
    """The newest messages, at most 500; with `before`, older than the one with that id."""

    ordered = True

    limit: int = 50
    before: str = ""


class ClearHistory(OfContact[Done], kw_only=True, frozen=True):
    """Forgets the conversation."""


class ExportHistory(OfContact[Exported], kw_only=True, frozen=True):
    """The whole conversation as a file."""

    format: Literal["markdown", "json"] = "markdown"


class Upload(OfContact[Uploaded], kw_only=True, frozen=True):
    """Puts a file where the plugin can read it.

    With `widget_id` it becomes the value of that file_pick; without, the plugin, where it accepts such files, is sent a
    message with the file's `file:` URL. In JSON `data` is base64; POST /api/upload takes larger files as they are.
    """

    name: str
    data: bytes
    widget_id: str = ""


class GetLogs(OfContact[Logs], kw_only=True, frozen=True):
    """What the plugin logged lately."""

    limit: int = 200


# ---- settings ----


class GetUi(OfContact[Frame], kw_only=True, frozen=True):
    """Draws the settings: the whole tree, or what changed since the revision `base`. docs/ui.md has the frame."""

    base: int = 0
    dark: bool = False


class UiEvent(OfContact[Frame], kw_only=True, frozen=True):
    """The person did something with a widget; the settings are drawn anew.

    Attributes:
        widget_id: of the widget.
        value: the one that it is to have; None: it was not changed.
        revision: of the frame in which the person saw it.
        base: the revision that the client has.
    """

    widget_id: str
    value: str | bool | int | float | list[str] | None = None
    clicked: bool = False
    submitted: bool = False
    revision: int = 0
    base: int = 0
    dark: bool = False


class GetConfig(OfContact[Config], kw_only=True, frozen=True):
    """The settings that the manifest declares, with the values of this instance."""


class SetConfig(OfContact[Config], kw_only=True, frozen=True):
    """Sets one."""

    key: str
    value: Any


class ResetConfig(OfContact[Config], kw_only=True, frozen=True):
    """Goes back to the default of one."""

    key: str


# ---- the connection ----


class Ping(Command[Done], kw_only=True, frozen=True):
    """Is answered at once."""


COMMANDS: tuple[type[Command[Any]], ...] = (
    *(ListPlugins, EnablePlugin, DisablePlugin, SetPermission),
    *(ListContacts, AddContact, RenameContact, RemoveContact, EnableContact, DisableContact),
    *(Connect, Disconnect, Reload, MarkRead),
    *(SendMessage, RetryMessage, StopRequest, PauseStream, ResumeStream, CancelStream),
    *(GetHistory, ClearHistory, ExportHistory, Upload, GetLogs),
    *(GetUi, UiEvent, GetConfig, SetConfig, ResetConfig, Ping),
)
"""All of them."""
