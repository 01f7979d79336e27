"""What commands are answered with."""

from __future__ import annotations

import msgspec

from .records import Contact, LogLine, Message, Plugin, Setting


class Done(msgspec.Struct, kw_only=True, frozen=True):
    """It was done; there is nothing to tell."""


class Plugins(msgspec.Struct, kw_only=True):
    """Answers list-plugins: all that were found, also those that cannot be used."""

    plugins: list[Plugin]


class Contacts(msgspec.Struct, kw_only=True):
    """Answers list-contacts, in the order of adding.

    Attributes:
        sequence: the contacts are as the events up to this one have told.
    """

    sequence: int
    contacts: list[Contact]


class Sent(msgspec.Struct, kw_only=True, frozen=True):
    """Answers send-message and retry-message; what becomes of the request, events tell, `request-started` first."""

    request_id: str


class HistoryPage(msgspec.Struct, kw_only=True):
    """Answers get-history, oldest first.

    Attributes:
        sequence: the page has all that events up to this one have told of the conversation. Of what later events tell
            it may have messages, but no chunk of a stream: an event about a message replaces what is there of it.
        more: there are older ones; get them with `before` = the id of the first of these.
    """

    sequence: int
    messages: list[Message]
    more: bool


class Exported(msgspec.Struct, kw_only=True, frozen=True):
    """Answers export-history: a file to save."""

    name: str
    media_type: str
    content: str


class Config(msgspec.Struct, kw_only=True):
    """Answers get-config, set-config and reset-config: the settings as they are now."""

    settings: list[Setting]


class Uploaded(msgspec.Struct, kw_only=True, frozen=True):
    """Answers upload; `path` is where the file lies on the server."""

    path: str


class Logs(msgspec.Struct, kw_only=True):
    """Answers get-logs: the newest lines, oldest first."""

    lines: list[LogLine]
