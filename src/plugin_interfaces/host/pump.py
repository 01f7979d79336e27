"""The two threads of a host: one brings the core's events to whoever wants them, one does what is due in the core."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .._ffi import address, fast, lib
from ..logging import emit_plugin_log, log_error
from ..types import CData, EventListener
from .arrivals import Arrivals
from .events import (
    DisconnectRequestEvent,
    Event,
    LogEvent,
    LogsLostEvent,
    RawEvent,
    ReportEvent,
    RequestEndedEvent,
    StateEvent,
    StreamEvent,
)
from .recorder import RECORDED, Recorder

if TYPE_CHECKING:
    from .host import Host

_BATCH: Final = 256
_WAIT_MS: Final = 1000


class Pump:
    """Drains the core on a daemon thread, from `start` until the core is closed and drained."""

    def __init__(self, host: Host, core: CData) -> None:
        self._host = host
        self._core = core
        self._address = address(core)
        self._recorder = Recorder(host.store)
        self._closing = False
        self._listeners: list[tuple[EventListener, Callable[[], None] | None]] = []
        self._arrivals = Arrivals(host)
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._drain, name="plugin-interfaces-events", daemon=True)
        self._ticker = threading.Thread(target=self._tick, name="plugin-interfaces-due", daemon=True)

    def start(self) -> None:
        """Starts both threads."""
        self._thread.start()
        self._ticker.start()

    def finish(self) -> None:
        """After core_close: waits until all events have arrived."""
        self._closing = True
        self._ticker.join()
        if not self.is_this_thread():
            self._thread.join()

    def is_this_thread(self) -> bool:
        """Whether the caller is the thread that events come on, where waiting for an event would be for ever."""
        return threading.current_thread() is self._thread

    def add_listener(self, listener: EventListener, end: Callable[[], None] | None = None) -> Callable[[], None]:
        """Calls `listener` with each event, on the pump's thread, until the function that is returned is called.

        `end` is called after the last event, where that comes first.
        """
        # Each registration is an object of its own: a function may be given twice.
        entry = (listener, end)
        with self._lock:
            self._listeners = [*self._listeners, entry]

        def remove() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not entry]

        return remove

    def _tick(self) -> None:
        while lib.core_tick(self._core, _WAIT_MS):
            pass

    def _drain(self) -> None:
        while True:
            closing = self._closing
            raw = fast.drain(self._address, _BATCH, 0 if closing else _WAIT_MS)
            if raw:
                self._deliver(raw)
            elif closing:
                break
        for _, end in self._listeners:
            if end is not None:
                end()

    def _deliver(self, raw: list[RawEvent]) -> None:
        """One batch: stored first, in one transaction; then shown."""
        events = self._arrivals.take(raw)
        self._store([event for _, event in events])
        for handle, event in events:
            try:
                self._act(handle, event)
            except Exception as error:
                log_error(f"an event of {event.instance_id} could not be handled: {error!r}")
            for listener, _ in self._listeners:
                try:
                    listener(event)
                except Exception as error:
                    log_error(f"a listener failed with {type(error).__name__}: {error}")

    def _store(self, events: list[Event]) -> None:
        kept = [event for event in events if isinstance(event, RECORDED)]
        if not kept:
            return
        try:
            with self._host.store.transaction():
                for event in kept:
                    self._recorder.record(event)
        except Exception as error:
            # The conversation goes on, although it is not kept.
            log_error(f"the conversation could not be stored: {error}")

    def _act(self, handle: int, event: Event) -> None:
        """What the host itself does about an event."""
        if isinstance(event, StreamEvent):
            if event.request and event.type == "stream_data":
                self._host.replies.chunk(event.request, event.chunk)
        elif isinstance(event, RequestEndedEvent):
            self._host.replies.ended(event.request, event.status, event.text)
        elif isinstance(event, LogEvent):
            emit_plugin_log(event.instance_id, event.plugin_id, event.level, event.file, event.line, event.text)
        elif isinstance(event, LogsLostEvent):
            log_error(
                f"plugin {event.instance_id}: {event.count} log lines were lost; it logs faster than they are read"
            )
        elif isinstance(event, ReportEvent):
            log_error(f"plugin {event.instance_id}, {event.call}: {event.text}")
        elif isinstance(event, DisconnectRequestEvent):
            self._host.disconnect_requested(handle)
        elif isinstance(event, StateEvent):
            self._host.state_changed(handle, event.state)
