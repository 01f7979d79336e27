"""Messages as transcript.js draws them, and the steps that bring what is drawn up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ..protocol.events import PluginMessage, PluginStream, RequestEnded, RequestStarted
from ..protocol.records import Message
from ..protocol.replies import HistoryPage
from .markdown import GrowingText, render

__all__ = ["Bubbles", "Step", "milliseconds"]

Step = list[Any]
"""What `apply` of transcript.js takes: the name of the step and its arguments."""

_OPEN: Final = ("active", "paused")


class Bubbles:
    """One conversation as far as it is open: which messages still grow, and what has not been drawn yet.

    Attributes:
        since: what events up to this sequence tell is known already.
        streams: of the messages that are open, the stream's id.
        requests: the same, the request's id, also of what has no message yet.
    """

    def __init__(self) -> None:
        self.since = 0
        self._since: dict[str, int] = {}  # the same, of messages that were fetched later
        self.streams: dict[str, str] = {}
        self.requests: dict[str, str] = {}
        self._growing: dict[str, GrowingText] = {}
        self._dirty: dict[str, None] = {}
        self._steps: list[Step] = []

    @property
    def waiting(self) -> bool:
        """Whether there is something to draw."""
        return bool(self._steps or self._dirty)

    @property
    def open(self) -> list[str]:
        """The messages that are not finished, oldest first."""
        return list(dict.fromkeys([*self.requests, *self.streams]))

    def take_steps(self) -> list[Step]:
        """What is to be drawn now; a message that grew comes once, however many pieces there were."""
        steps, self._steps = self._steps, []
        for message_id in self._dirty:
            growing = self._growing.get(message_id)
            if growing is not None:
                change = growing.changed()
                steps.append(
                    ["more", message_id, change] if isinstance(change, str) else ["blocks", message_id, *change]
                )
        self._dirty.clear()
        return steps

    # ---- what is there ----

    def of_page(self, page: HistoryPage, requests: Sequence[str]) -> list[dict[str, Any]]:
        """The newest page of the history, and behind it what requests are waited for."""
        self.since = page.sequence
        messages = [self.of_history(message, page.sequence) for message in page.messages]
        answered = set(self.requests.values())
        return messages + [self.wait_for(request) for request in requests if request not in answered]

    def of_history(self, message: Message, sequence: int) -> dict[str, Any]:
        """A message as the history has it after the event `sequence`; one that is open goes on growing."""
        drawn = _draw(message)
        if message.role != "user" and message.status in _OPEN:
            self._growing[message.id] = GrowingText(message.content)
            self._since[message.id] = sequence
            drawn["stream"] = bool(message.stream_id)
            self._note(message.id, message.stream_id, message.request_id)
        return drawn

    def wait_for(self, request_id: str) -> dict[str, Any]:
        """A bubble for a request that nothing has come for yet."""
        message_id = f"request {request_id}"
        self.requests[message_id] = request_id
        now = int(datetime.now().timestamp() * 1000)
        return {"id": message_id, "role": "plugin", "type": "normal", "status": "active", "time": now, "stream": False}

    def _note(self, message_id: str, stream_id: str, request_id: str) -> None:
        if stream_id:
            self.streams[message_id] = stream_id
        if request_id:
            self.requests[message_id] = request_id
            self._stop_waiting(request_id)

    def _stop_waiting(self, request_id: str) -> None:
        if self.requests.pop(f"request {request_id}", None) is not None:
            self._steps.append(["remove", f"request {request_id}"])

    # ---- what happens ----

    def request_started(self, event: RequestStarted) -> None:
        """The person wrote; the plugin is at it."""
        self._steps.append(["add", _draw(event.message)])
        self._steps.append(["add", self.wait_for(event.request_id)])

    def request_ended(self, event: RequestEnded) -> None:
        """The reply came, or none will."""
        self._stop_waiting(event.request_id)
        if event.message is not None:
            self._steps.append(["add", _draw(event.message)])
        elif event.error is not None and event.status != "cancelled":
            self._steps.append(["add", _failure(event)])

    def message(self, event: PluginMessage) -> None:
        """The plugin said something of its own accord."""
        drawn = {
            "id": event.message_id,
            "role": "plugin",
            "type": event.kind,
            "status": "completed",
            "time": event.timestamp,
            "content": event.content,
            "blocks": render(event.content),
        }
        self._steps.append(["add", drawn])

    def stream(self, event: PluginStream) -> None:
        """A step of a stream."""
        message_id = event.message_id
        if event.sequence <= self._since.get(message_id, 0):
            return
        match event.type:
            case "stream_start":
                self._growing[message_id] = GrowingText()
                self._note(message_id, event.data.stream_id, event.request_id)
                drawn = {"id": message_id, "role": "plugin", "type": event.data.message_type or "normal"}
                self._steps.append(["add", {**drawn, "status": "active", "time": event.timestamp, "stream": True}])
            case "stream_data":
                growing = self._growing.get(message_id)
                if growing is not None and event.data.chunk:
                    growing.append(event.data.chunk)
                    self._dirty[message_id] = None
            case "stream_pause":
                self._steps.append(["set", message_id, {"status": "paused"}])
            case "stream_resume":
                self._steps.append(["set", message_id, {"status": "active"}])
            case "stream_end":
                self._end(message_id, "completed" if event.data.success else "error", event.data.error or "")
            case "stream_cancel":
                self._end(message_id, "cancelled", "")

    def _end(self, message_id: str, status: str, reason: str) -> None:
        self.streams.pop(message_id, None)
        self.requests.pop(message_id, None)
        growing = self._growing.pop(message_id, None)
        self._dirty.pop(message_id, None)
        fields: dict[str, Any] = {"status": status, "reason": reason}
        if growing is not None:
            fields["content"] = growing.text
            self._steps.append(["blocks", message_id, *growing.finished()])
        self._steps.append(["set", message_id, fields])


def _draw(message: Message) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "id": message.id,
        "role": message.role,
        "type": message.message_type,
        "status": message.status,
        "time": milliseconds(message.created_at),
        "content": message.content,
    }
    if message.role != "user":
        drawn["blocks"] = render(message.content)
    return drawn


def _failure(event: RequestEnded) -> dict[str, Any]:
    assert event.error is not None
    return {
        "id": f"failure of {event.request_id}",
        "role": "plugin",
        "type": "error",
        "status": "error",
        "time": int(datetime.now().timestamp() * 1000),
        "content": event.error.message,
        "reason": f"{event.error.what}: {event.error.message}",
    }


def milliseconds(created_at: str) -> int:
    """A time of the history as Unix time in milliseconds; 0 for what is none."""
    try:
        return int(datetime.fromisoformat(created_at).timestamp() * 1000)
    except ValueError:
        return 0
