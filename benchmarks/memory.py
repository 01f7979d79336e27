"""What one more instance takes of the memory; `python -m benchmarks.memory core 1000` finds it in a fresh process."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

from .case import Fact
from .hosts import connect, core_with, host_with
from .machine import ROOT

_WARM: Final = 100  # what the first ones make once for all is not counted
_AT_MOST: Final = 1024

_FIELDS: Final = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _MallocInfo(ctypes.Structure):
    """What mallinfo2 of the GNU C library returns."""

    _fields_: ClassVar = [(name, ctypes.c_size_t) for name in _FIELDS]


def _heap() -> int:
    """Bytes that are allocated by malloc; 0 where the C library does not tell."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return 0
    mallinfo2.restype = _MallocInfo
    found = mallinfo2()
    return int(found.uordblks + found.hblkhd)


def _resident() -> int:
    """Bytes of memory that the process has; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _print_each(make: Callable[[int], object], count: int) -> None:
    """Of the instances behind the first ones: the bytes that each takes of the heap, and of memory."""
    for at in range(_WARM):
        make(at)
    heap, resident = _heap(), _resident()
    for at in range(_WARM, _WARM + count):
        make(at)
    print((_heap() - heap) / count, (_resident() - resident) / count)


def main(what: str, count: int) -> None:
    """Prints what each of so many instances takes."""
    if what == "core":
        with core_with("replies") as load:
            # Else the events that tell of its beginning would count as its own.
            _print_each(lambda at: load(f"instance_{at}").drain(), count)
    else:
        with host_with("replies") as host:
            _print_each(lambda at: connect(host, "replies", f"instance_{at}"), count)


def _of_each(what: str, count: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.memory", what, str(count)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    heap, resident = map(float, done.stdout.split())
    return heap, resident


def memory_of_instances(count: int) -> list[Fact]:
    """One more instance, in the core alone and in a host, and whether the last takes as much as one of the first; what
    the system does not tell is left out.
    """
    few = max(1, count // 10)
    heap, _ = _of_each("core", count)
    whole, resident = _of_each("host", count)
    facts = []
    if resident > 0:
        what = "one more instance, memory of the process with what Python keeps"
        facts.append(Fact(what, resident, "B", at_most=_AT_MOST))
    if heap > 0:
        of_few, _ = _of_each("host", few)
        facts += [
            Fact("one more instance, heap of the core", heap, "B", at_most=_AT_MOST),
            Fact("one more instance, heap of the host with the core", whole, "B"),
            Fact(f"heap of one of {count:,} beside one of {few:,}", whole / of_few, "times", at_most=1.1),
        ]
    return facts


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
