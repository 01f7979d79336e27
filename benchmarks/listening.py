"""A listener of a host that has chunks sent, and waits for them."""

from __future__ import annotations

import threading
from typing import Final

from plugin_interfaces import Instance
from plugin_interfaces.host.events import Event, StreamEvent

_PATIENCE: Final = 60.0


class ChunkListener:
    """Hears the chunks of one instance of the plugin `chunks`, one by one or in batches, until the last has come.

    Attributes:
        length: of a chunk, in bytes.
    """

    def __init__(self, instance: Instance, length: int) -> None:
        self.length = length
        self._instance = instance
        self._left = 0
        self._done = threading.Event()

    def hear(self, event: Event) -> None:
        """One event."""
        if isinstance(event, StreamEvent) and event.type == "stream_data":
            self._left -= 1
            if self._left == 0:
                self._done.set()

    def hear_batch(self, events: list[Event]) -> None:
        """All that came at once."""
        for event in events:
            self.hear(event)

    def work(self, count: int) -> None:
        """So many chunks."""
        self._left = count
        self._done.clear()
        reply = self._instance.start(f"{count} {self.length}")
        if not self._done.wait(_PATIENCE):
            raise RuntimeError(f"{self._left} chunks of {count} did not come")
        reply.result()
