"""Messages as the core packs them for the conversation, many at once, and the rows of the store that they are."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from ..metadata import MessageRole, MessageStatus, MessageType, time_text
from .events import message_id, message_type


class Row(msgspec.Struct, gc=False):
    """A message as it is stored: HistoryMessage, and where it belongs.

    Attributes:
        sequence: its place among all messages.
        request: the one that it belongs to, or 0; for `before_request` of `texts`.
    """

    sequence: int
    id: str
    instance_id: str
    plugin_id: str
    role: MessageRole
    type: MessageType
    status: MessageStatus
    content: str
    created_at: str
    request: int


class Bundle(msgspec.Struct, gc=False):
    """Messages that came one behind the other.

    Attributes:
        first: the place of the first among all messages; 0 where the store is to find it.
        count: how many there are.
        run_id: of the host that kept them; for their ids.
        data: what src/native/bundle.h says.
    """

    first: int
    count: int
    instance_id: str
    plugin_id: str
    run_id: str
    data: bytes

    def rows(self) -> list[Row]:
        """What is in it. Errors: ValueError, where the data is not what it should be."""
        packed = _DECODER.decode(self.data)
        if len(packed) != self.count:
            raise ValueError(f"a bundle of {self.count} has {len(packed)}")
        return [
            Row(
                sequence=place,
                id=message_id(self.run_id, one.sequence),
                instance_id=self.instance_id,
                plugin_id=self.plugin_id,
                role="plugin" if one.who else "user",
                type=message_type(one.kind),
                status="error" if one.failed else "completed",
                content=one.text.decode(errors="replace"),
                created_at=created_at(one.time_ms),
                request=one.request,
            )
            for place, one in enumerate(packed, self.first)
        ]


class _Packed(msgspec.Struct, array_like=True, gc=False):
    sequence: int
    time_ms: int
    request: int
    who: int
    kind: int
    failed: bool
    text: bytes


_DECODER: Final = msgspec.msgpack.Decoder(list[_Packed])


@lru_cache(maxsize=16)
def created_at(time_ms: int) -> str:
    """A time of an event as the conversation has it; many have the same."""
    return time_text(datetime.fromtimestamp(time_ms / 1000, UTC))
