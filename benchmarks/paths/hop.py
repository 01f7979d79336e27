"""A call from plugin to plugin, and its reply."""

from __future__ import annotations

from typing import Final

from ..case import Group, Groups, told
from ..hosts import connected
from ..limits import limit
from ..peers import callbacks

ORDER: Final = 5
TITLE: Final = "A call from plugin to plugin"

_LENGTH: Final = 64
_THROUGH_PYTHON: Final = "C to C through Python: cffi"


def groups() -> Groups:
    """C and Python, each to each. The plugin that calls takes the time."""
    plugins = ("calls", "calls_python", "replies", "replies_python")
    with connected(*plugins) as (in_c, in_python, *_):
        group = Group(f"{_LENGTH} B", "a call")
        group.limit("C: found by its name, call, strdup, free", limit("hop", _LENGTH))
        group.ours("C to C", told(in_c.send, f"{_LENGTH} replies"))
        group.ours("C to Python", told(in_c.send, f"{_LENGTH} replies_python"))
        group.ours("Python to C", told(in_python.send, f"{_LENGTH} replies"))
        group.ours("Python to Python", told(in_python.send, f"{_LENGTH} replies_python"))
        group.peer(_THROUGH_PYTHON, lambda: callbacks.hop_with_cffi(_LENGTH))
        group.target("C to C", 1.25)
        group.target("C to C", 0.05, _THROUGH_PYTHON)
        yield group
