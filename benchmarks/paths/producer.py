"""What an event costs the plugin's thread that sends it, while a thread of Python's keeps the GIL busy."""

from __future__ import annotations

from typing import Final

from plugin_interfaces import Instance

from ..case import Group, Groups, Sampler, told
from ..hosts import busy_python, connected, settled
from ..limits import limit
from ..peers import callbacks

ORDER: Final = 4
TITLE: Final = "The sender of an event, while Python is busy"

_LENGTH: Final = 32
_BURST: Final = 256  # has room in the queue at once, so nobody waits
_MOST: Final = 1024
_CALLBACKS: Final = "cffi, a callback for each"


def _pushes(instance: Instance) -> Sampler:
    """Bursts that the plugin takes the time of; between them the host reads what was sent."""
    burst = settled(instance, told(instance.send, str(_LENGTH)))
    return lambda count: sum(burst(min(_BURST, left)) for left in range(count, 0, -_BURST))


def groups() -> Groups:
    """Chunks of 32 bytes."""
    with connected("pushes") as (instance,), busy_python():
        group = Group(f"{_LENGTH} B", "a chunk", most=_MOST)
        group.limit("C: pushed to a queue", limit("push", _LENGTH), _BURST)
        group.ours("stream_data", _pushes(instance), _BURST)
        group.peer(_CALLBACKS, lambda: callbacks.with_cffi(_LENGTH))
        group.target("stream_data", 1.3)
        group.target("stream_data", 0.001, _CALLBACKS)
        yield group
