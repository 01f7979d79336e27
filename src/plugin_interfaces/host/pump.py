"""The two threads of a host: one brings the core's events to whoever wants them, one does what is due in the core."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from .._abi import EventType, LogLevel, RequestFlag, State
from .._ffi import address, fast, lib
from ..logging import emit_plugin_log, log_error
from ..types import CData, EventBatchListener, EventListener
from .arrivals import Arrival, Arrivals
from .events import WANT_BUNDLES, WANT_EVENTS, Event, RawEvent, last_sequence, make_events
from .recorder import Recorder

if TYPE_CHECKING:
    from .host import Host
    from .instance import Instance

_BATCH: Final = 512
_WAIT_MS: Final = 1000
# How long a read of the conversation waits for what is on its way into it; a listener that blocks may hold that up.
_SETTLE_SECONDS: Final = 5.0
_ALL: Final = 2**64

_STREAM_DATA: Final = int(EventType.STREAM_DATA)
_TAKEN: Final = int(RequestFlag.TAKEN)
_TOLD: Final = int(RequestFlag.TOLD)

# Those of replies that stream in, by request: whose, by which stream, and what.
_Pieces: TypeAlias = "dict[int, tuple[Instance, int, list[str]]]"


class _Listener(NamedTuple):
    """One registration: an object of its own, for a function may be given twice."""

    take: Callable[[Any], None]
    end: Callable[[], None] | None
    batches: bool


class Pump:
    """Drains the core on a daemon thread, from `start` until the core is closed and drained."""

    def __init__(self, host: Host, core: CData) -> None:
        self._host = host
        self._core = core
        self._address = address(core)
        self._recorder = Recorder(host.store, host.run_id) if host.keeps_history else None
        self._closing = False
        self._listeners: list[_Listener] = []
        self._arrivals = Arrivals(host)
        # One byte, which the drain looks at when it has events.
        self._wanted = bytearray(1)
        self._lock = threading.Lock()
        self._settled = threading.Condition()
        self._settling = 0
        self._ended = False
        self._thread = threading.Thread(target=self._drain, name="plugin-interfaces-events", daemon=True)
        self._ticker = threading.Thread(target=self._tick, name="plugin-interfaces-due", daemon=True)
        self._tell_wanted()

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
        return self._add(_Listener(listener, end, batches=False))

    def add_batch_listener(
        self, listener: EventBatchListener, end: Callable[[], None] | None = None
    ) -> Callable[[], None]:
        """The same with a list of the events that have come since the last call."""
        return self._add(_Listener(listener, end, batches=True))

    def _add(self, entry: _Listener) -> Callable[[], None]:
        with self._lock:
            self._listeners = [*self._listeners, entry]
            self._tell_wanted()

        def remove() -> None:
            with self._lock:
                self._listeners = [other for other in self._listeners if other is not entry]
                self._tell_wanted()

        return remove

    def _tell_wanted(self) -> None:
        """Nobody hears of a message that was answered at once where nobody wants to know."""
        wanted = (WANT_BUNDLES if self._recorder is not None else 0) | (WANT_EVENTS if self._listeners else 0)
        self._wanted[0] = wanted
        lib.core_tell_requests(self._core, int(wanted != 0))

    def settle(self, instance: Instance) -> None:
        """Waits until all that the core has taken of an instance so far is in the conversation."""
        if self._recorder is None or not instance.handle or self.is_this_thread():
            return
        # One that has ended is settled with its last event.
        wanted = lib.core_instance_sequence(instance.handle) if instance.state != State.GONE else _ALL
        if instance.stored >= wanted:
            return
        with self._settled:
            self._settling += 1
            try:
                self._settled.wait_for(lambda: instance.stored >= wanted or self._ended, _SETTLE_SECONDS)
            finally:
                self._settling -= 1

    def _tick(self) -> None:
        while lib.core_tick(self._core, _WAIT_MS):
            pass

    def _drain(self) -> None:
        while True:
            closing = self._closing
            drained = fast.drain(self._address, _BATCH, 0 if closing else _WAIT_MS, self._wanted)
            if drained is not None:
                told, raw = drained
                self._deliver(raw, self._listeners if told else [])
            elif closing:
                break
        with self._settled:
            self._ended = True
            self._settled.notify_all()
        for listener in self._listeners:
            if listener.end is not None:
                listener.end()

    def _deliver(self, raw: list[RawEvent], listeners: list[_Listener]) -> None:
        """One batch: stored first; then shown."""
        arrived = self._arrivals.take(raw)
        if self._recorder is not None:
            self._record(self._recorder, arrived)
        if not listeners:
            self._act(arrived, None, [])
            return
        run_id = self._host.run_id
        events = [make_events(one, instance.plugin_id, instance.id, run_id) for instance, one in arrived]
        whole = list(chain.from_iterable(events))
        for listener in listeners:
            if listener.batches:
                try:
                    listener.take(whole)
                except Exception as error:
                    _report_listener(error)
        self._act(arrived, events, [listener.take for listener in listeners if not listener.batches])

    def _record(self, recorder: Recorder, arrived: list[Arrival]) -> None:
        try:
            recorder.record(arrived)
        except Exception as error:
            # The conversation goes on, although it is not kept.
            log_error(f"the conversation could not be stored: {error}")
        for instance, raw in arrived:
            instance.stored = max(instance.stored, last_sequence(raw))
        if self._settling:
            with self._settled:
                self._settled.notify_all()

    def settled(self, instance: Instance) -> None:
        """The last event of an instance was delivered."""
        with self._settled:
            instance.stored = _ALL
            self._settled.notify_all()

    def _act(
        self, arrived: list[Arrival], events: list[list[Event]] | None, takers: list[Callable[[Any], None]]
    ) -> None:
        """Event by event: what the host itself does about it, then the listeners."""
        pieces: _Pieces = {}
        for index, (instance, raw) in enumerate(arrived):
            kind = raw[0]
            if kind == _STREAM_DATA:
                found = pieces.get(raw[4])
                if found is not None and found[1] == raw[5]:
                    found[2].extend(raw[9])
                elif raw[4]:
                    if found is not None:  # streams of one request that take turns
                        self._host.replies.pieces(found[0], raw[4], found[1], found[2])
                    pieces[raw[4]] = (instance, raw[5], raw[9])
            elif (action := _ACTIONS.get(kind)) is not None:
                self._hand_on(pieces)
                try:
                    action(self._host, instance, raw)
                except Exception as error:
                    log_error(f"an event of {instance.id} could not be handled: {error!r}")
            if takers and events is not None:
                self._host.replies.wakes.wake()  # a listener may take its time
                for event in events[index]:
                    for take in takers:
                        try:
                            take(event)
                        except Exception as error:
                            _report_listener(error)
        self._hand_on(pieces)
        self._host.replies.wakes.wake()

    def _hand_on(self, pieces: _Pieces) -> None:
        for request, (instance, stream, texts) in pieces.items():
            self._host.replies.pieces(instance, request, stream, texts)
        pieces.clear()


def _report_listener(error: Exception) -> None:
    log_error(f"a listener failed with {type(error).__name__}: {error}")


# ---- what the host itself does about an event ----


def _stream_start(host: Host, _: Instance, raw: RawEvent) -> None:
    if raw[6] & _TOLD:
        host.replies.streamed(raw[4])


def _request_ended(host: Host, instance: Instance, raw: RawEvent) -> None:
    host.replies.ended(instance, raw[4], raw[7], raw[9], taken=bool(raw[6] & _TAKEN))


def _log(_: Host, instance: Instance, raw: RawEvent) -> None:
    emit_plugin_log(instance.id, instance.plugin_id, min(raw[7], LogLevel.ERROR), raw[8], raw[6], raw[9])


def _logs_lost(_: Host, instance: Instance, raw: RawEvent) -> None:
    log_error(f"plugin {instance.id}: {raw[6]} log lines were lost; it logs faster than they are read")


def _report(_: Host, instance: Instance, raw: RawEvent) -> None:
    log_error(f"plugin {instance.id}, {raw[8]}: {raw[9]}")


def _disconnect_request(host: Host, instance: Instance, _: RawEvent) -> None:
    host.disconnect_requested(instance)


def _state(host: Host, instance: Instance, raw: RawEvent) -> None:
    host.state_changed(instance, State(raw[7]))


_ACTIONS: Final[dict[int, Callable[[Host, Instance, RawEvent], None]]] = {
    int(EventType.STREAM_START): _stream_start,
    int(EventType.REQUEST_ENDED): _request_ended,
    int(EventType.LOG): _log,
    int(EventType.LOGS_LOST): _logs_lost,
    int(EventType.REPORT): _report,
    int(EventType.DISCONNECT_REQUEST): _disconnect_request,
    int(EventType.STATE): _state,
}
