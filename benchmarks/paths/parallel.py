"""Two threads, each with an instance of its own that works for a millisecond."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from ..case import Group, Groups, Sampler, calls, once
from ..hosts import connect, host_with
from ..limits import limit

ORDER: Final = 7
TITLE: Final = "Two threads"

_WORK_NS: Final = 1_000_000
_LEAST: Final = 100  # the system takes some milliseconds to give the threads a processor each


def _rounds_for(nanoseconds: int) -> int:
    """How many rounds of the plugin's work take so long, at best, on this machine."""
    rounds = 10_000
    sample = limit("work_alone", rounds)
    fastest = min(sample(10) / 10 for _ in range(10))
    return int(rounds * nanoseconds / fastest)


def _by_two(first: Callable[[str], Any], second: Callable[[str], Any], text: str) -> Sampler:
    def work(count: int) -> None:
        other = threading.Thread(target=_repeat, args=(second, text, count // 2))
        other.start()
        _repeat(first, text, count - count // 2)
        other.join()

    return once(work)


def _repeat(function: Callable[[str], Any], text: str, count: int) -> None:
    for _ in range(count):
        function(text)


def groups() -> Groups:
    """A plugin in C, called by one thread and by two."""
    rounds = _rounds_for(_WORK_NS)
    text = str(rounds)
    with host_with("works") as host:
        first, second = connect(host, "works"), connect(host, "works", "second")
        group = Group("1 ms of work", "a message")
        group.limit("C: two threads", limit("work", rounds), _LEAST)
        group.ours("two threads, Instance.send", _by_two(first.send, second.send, text), _LEAST)
        group.ours("one thread, Instance.send", calls(first.send, text), _LEAST)
        group.target("two threads, Instance.send", 1 / 1.9, "one thread, Instance.send")
        yield group
