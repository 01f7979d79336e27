"""Raw events as they come from the core, made typed and put in the order that listeners rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._abi import State
from .._ffi import lib
from .events import Event, RawEvent, StateEvent, make_event

if TYPE_CHECKING:
    from .host import Host


class Arrivals:
    """Holds back what comes too early. Used by the pump thread alone.

    The core keeps a queue for each instance, so it promises nothing about the order between two of them; but an
    instance that is loaded again has the id of the one before it, and for a listener that is one life after the other.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._early: list[RawEvent] = []

    def take(self, raw: list[RawEvent]) -> list[tuple[int, Event]]:
        """What can be delivered now, with the handle of whom it is of.

        Held back are events of an instance that is just being made, until the host knows it, and those of an instance
        whose id another one had before, until that one's last event was taken.
        """
        taken: list[tuple[int, Event]] = []
        waiting = self._early + raw
        while waiting:
            self._early = []
            ended = self._pass(waiting, taken)
            # The last event of one instance may have stood behind the first ones of the next.
            if not ended:
                break
            waiting = self._early
        return taken

    def _pass(self, raw: list[RawEvent], taken: list[tuple[int, Event]]) -> bool:
        """One look at all; whether the last event of an instance was among them."""
        ended = False
        held: set[int] = set()
        for one in raw:
            handle = one[3]
            instance = self._host.instance_of(handle)
            if instance is None:
                if lib.core_instance_state(handle) != State.GONE:
                    self._early.append(one)
                continue
            # Asked once in a pass: what comes behind an event that is held must not overtake it.
            if handle in held or (instance.before is not None and not instance.before.told):
                held.add(handle)
                self._early.append(one)
                continue
            instance.before = None
            event = make_event(one, instance.plugin_id, instance.id)
            if event is not None:
                taken.append((handle, event))
            if isinstance(event, StateEvent) and event.state == State.GONE:
                instance.told = ended = True
        return ended
