"""Writes what happens into the conversation: messages, streams as they come, replies, and what went wrong."""

from typing import Final

from ..metadata import HistoryMessage, MessageStatus, new_message_id
from .events import Event, MessageEvent, RequestEndedEvent, StreamEvent
from .history import HistoryStore

RECORDED: Final = (MessageEvent, StreamEvent, RequestEndedEvent)
"""What belongs to a conversation."""


class Recorder:
    """Keeps the conversations of one host up to date. Used by the pump thread alone."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store
        self._streams: dict[int, str] = {}  # the message that a stream fills
        self._streamed: dict[int, list[str]] = {}  # the messages that answered a request as streams

    def record(self, event: Event) -> None:
        """One event, in the order of its instance. Errors: HistoryError."""
        if isinstance(event, StreamEvent):
            self._record_stream(event)
        elif isinstance(event, MessageEvent):
            self._add(event, event.content, message_id=event.message_id, kind=event.kind)
        elif isinstance(event, RequestEndedEvent):
            self._record_end(event)

    def _add(
        self,
        event: Event,
        content: str,
        *,
        message_id: str = "",
        kind: str = "normal",
        status: MessageStatus = "completed",
        request: int = 0,
    ) -> str:
        message = HistoryMessage(
            id=message_id or new_message_id(),
            message_type=kind,  # type: ignore[arg-type]
            status=status,
            content=content,
            plugin_id=event.plugin_id,
            role="plugin",
        )
        self._store.add(event.instance_id, message, request)
        return message.id

    def _record_stream(self, event: StreamEvent) -> None:
        if event.type == "stream_start":
            message = self._add(event, "", kind=event.kind, status="active", request=event.request)
            self._streams[event.stream] = message
            if event.request:
                self._streamed.setdefault(event.request, []).append(message)
            return
        known = self._streams.get(event.stream)
        if known is None:
            return
        if event.type == "stream_data":
            self._store.append(known, event.chunk)
        elif event.type in ("stream_pause", "stream_resume"):
            self._store.set_status(known, "paused" if event.type == "stream_pause" else "active")
        else:
            status: MessageStatus = "completed" if event.success else "error"
            self._store.set_status(known, "cancelled" if event.type == "stream_cancel" else status)
            del self._streams[event.stream]

    def _record_end(self, event: RequestEndedEvent) -> None:
        streamed = self._streamed.pop(event.request, [])
        if event.status >= 0:
            if event.text or not streamed:
                self._add(event, event.text, request=event.request)
        elif not streamed and event.text:
            # Also what went wrong belongs to the conversation.
            self._add(event, event.text, kind="error", status="error", request=event.request)
