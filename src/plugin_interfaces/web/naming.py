"""Which message of the history each event of a host stands for."""

from __future__ import annotations

from typing import Any

from ..host import Host
from ..host.events import Event
from ..host.recorder import Recorder


class NamingRecorder(Recorder):
    """Records as Recorder does, and remembers the id of the message that each event added until it is asked for.

    Used by the pump thread alone: an event is recorded first, and then told to the listeners.
    """

    def __init__(self, host: Host) -> None:
        super().__init__(host.store)
        self._names: dict[tuple[str, int], str] = {}

    @classmethod
    def install(cls, host: Host) -> NamingRecorder:
        """Makes a host record with one of these. To be called before the first instance is loaded."""
        recorder = cls(host)
        host._pump._recorder = recorder
        return recorder

    def _add(self, event: Event, content: str, **options: Any) -> str:
        message_id = super()._add(event, content, **options)
        self._names[event.instance_id, event.sequence] = message_id
        return message_id

    def take(self, event: Event) -> str:
        """The id of the message that an event added; empty where it added none. Once for each event."""
        return self._names.pop((event.instance_id, event.sequence), "")
