"""A conversation as a file."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..host import HistoryStore
from ..metadata import HistoryMessage
from .contacts import Record
from .protocol import Exported


def export(store: HistoryStore, record: Record, kind: Literal["markdown", "json"]) -> Exported:
    """The whole conversation of a contact. Errors: HistoryError."""
    messages = store.messages(record.instance_id)
    name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in record.name)
    if kind == "json":
        content = msgspec.json.format(msgspec.json.encode(messages), indent=2).decode() + "\n"
        return Exported(name=f"{name}.json", media_type="application/json", content=content)
    return Exported(name=f"{name}.md", media_type="text/markdown", content=_markdown(record, messages))


def _markdown(record: Record, messages: list[HistoryMessage]) -> str:
    parts = [f"# {record.name}\n"]
    for message in messages:
        if message.role == "plugin" and message.status == "completed" and not message.content:
            continue  # a message that was taken, and needed no answer
        who = "You" if message.role == "user" else record.name
        status = "" if message.status == "completed" else f", {message.status}"
        parts.append(f"## {who} ({message.created_at}{status})\n\n{message.content}\n")
    return "\n".join(parts)
