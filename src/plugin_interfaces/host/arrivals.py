"""Raw events as they come from the core, put in the order that listeners rely on, each with whom it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from .._abi import EventType, State
from .._ffi import lib
from .events import RawEvent

if TYPE_CHECKING:
    from .host import Host
    from .instance import Instance

Arrival: TypeAlias = "tuple[Instance, RawEvent]"

_STATE: Final = int(EventType.STATE)
_GONE: Final = int(State.GONE)


class Arrivals:
    """Holds back what comes too early. Used by the pump thread alone.

    The core keeps a queue for each instance, so it promises nothing about the order between two of them; but an
    instance that is loaded again has the id of the one before it, and for a listener that is one life after the other.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._early: list[RawEvent] = []

    def take(self, raw: list[RawEvent]) -> list[Arrival]:
        """What can be delivered now.

        Held back are events of an instance that is just being made, until the host knows it, and those of an instance
        whose id another one had before, until that one's last event was taken.
        """
        taken: list[Arrival] = []
        waiting = self._early + raw if self._early else raw
        while waiting:
            self._early = []
            ended = self._pass(waiting, taken)
            # The last event of one instance may have stood behind the first ones of the next.
            if not ended:
                break
            waiting = self._early
        return taken

    def _pass(self, raw: list[RawEvent], taken: list[Arrival]) -> bool:
        """One look at all; whether the last event of an instance was among them."""
        ended = False
        held: set[int] = set()
        by_handle = self._host.by_handle
        for one in raw:
            handle = one[3]
            instance = by_handle.get(handle)
            if instance is None:
                if lib.core_instance_state(handle) != State.GONE:
                    self._early.append(one)
                continue
            # Asked once in a pass: what comes behind an event that is held must not overtake it.
            if instance.before is not None:
                if handle in held or not instance.before.told:
                    held.add(handle)
                    self._early.append(one)
                    continue
                instance.before = None
            taken.append((instance, one))
            if one[0] == _STATE and one[7] == _GONE:
                instance.told = ended = True
        return ended
