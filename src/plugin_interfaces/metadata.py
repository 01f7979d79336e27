"""What is known of a plugin and of one instance of it, and the messages of a conversation.

Plain data: nothing here touches the native core, so these types can be used and tested without a built extension. How
they are passed to C is the business of `_ffi`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import msgspec

__all__ = [
    "MESSAGE_ROLES",
    "MESSAGE_STATUSES",
    "MESSAGE_TYPES",
    "HistoryMessage",
    "MessageRole",
    "MessageStatus",
    "MessageType",
    "PluginMetadata",
    "time_text",
    "utc_now",
]

MessageRole: TypeAlias = Literal["user", "plugin", "system"]
"""Who said it."""

MessageStatus: TypeAlias = Literal["completed", "active", "paused", "error", "cancelled"]
"""How far a message has come: `active` and `paused` are streams that have not ended."""

MessageType: TypeAlias = Literal["normal", "success", "warning", "error", "info"]
"""How a message is shown; the words of the PLUGIN_MESSAGE_… values of the header, in their order."""

MESSAGE_ROLES: Final[tuple[MessageRole, ...]] = ("user", "plugin", "system")
MESSAGE_STATUSES: Final[tuple[MessageStatus, ...]] = ("completed", "active", "paused", "error", "cancelled")
MESSAGE_TYPES: Final[tuple[MessageType, ...]] = ("normal", "success", "warning", "error", "info")


class PluginMetadata(msgspec.Struct, kw_only=True):
    """A plugin, and where `instance_id` is given, one instance of it.

    Attributes:
        id: the plugin's id, unique among all plugins of a host.
        name: what a person reads.
        config_path: of its `config.toml`; empty where there is none.
        disabled: listed, but not loaded.
        require_history: the plugin gets the conversation before each message.
        library_path: of the shared library or the Python module.
        instance_id: unique among all instances of the host and stable over restarts.
        permissions: of those that the manifest asks for, the ones that the person gave.
    """

    id: str
    name: str
    description: str = ""
    version: str = ""
    config_path: str = ""
    disabled: bool = False
    require_history: bool = False
    author: str | None = None
    library_path: str | None = None
    instance_id: str | None = None
    permissions: tuple[str, ...] = ()

    def for_instance(self, instance_id: str) -> PluginMetadata:
        """The same plugin, as the instance `instance_id`; this object stays as it is."""
        return msgspec.structs.replace(self, instance_id=instance_id)


class HistoryMessage(msgspec.Struct, kw_only=True):
    """One message of a conversation; its JSON has the names `type`, `pluginId` and `createdAt`.

    Attributes:
        id: unique in the history of all instances.
        message_type: one of MESSAGE_TYPES.
        status: one of MESSAGE_STATUSES.
        plugin_id: the plugin that the conversation is with, also in messages of the person.
        role: one of MESSAGE_ROLES.
        created_at: RFC 3339, UTC.
    """

    id: str
    message_type: MessageType = msgspec.field(name="type", default="normal")
    status: MessageStatus = "completed"
    content: str
    plugin_id: str = msgspec.field(name="pluginId")
    role: MessageRole
    created_at: str = msgspec.field(name="createdAt", default_factory=lambda: utc_now())


def time_text(time: datetime) -> str:
    """A time in UTC as the history writes it: RFC 3339 with milliseconds, so that texts sort as times do."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> str:
    """The present time, as `time_text` writes it."""
    return time_text(datetime.now(UTC))
