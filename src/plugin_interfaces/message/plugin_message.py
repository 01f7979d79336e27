"""The event `plugin-message`: a message from a plugin, outside of any reply."""

from typing import Literal

import msgspec

from ..metadata import MessageType


class PluginMessageEvent(msgspec.Struct, kw_only=True, frozen=True):
    """The payload of `plugin-message`.

    Attributes:
        message_id: unique in the history of all instances.
        timestamp: Unix time in milliseconds.
        kind: how the message is shown.
    """

    message_type: Literal["plugin_message"] = "plugin_message"
    plugin_id: str
    instance_id: str
    message_id: str
    content: str
    timestamp: int
    kind: MessageType = "normal"
