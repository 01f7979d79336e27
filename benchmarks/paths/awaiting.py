"""A message that is awaited, for asyncio."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Awaitable, Callable
from time import perf_counter_ns
from typing import Any, Final

from ..building import compile_c, native
from ..case import Group, Groups, Sampler, calls
from ..hosts import connected, sends, settled

ORDER: Final = 2
TITLE: Final = "await"

_TEXT: Final = "x" * 64
_BLOCKED_US: Final = 200
_AT_ONCE: Final = 100


def _awaits(runner: asyncio.Runner, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Sampler:
    """One after the other, on one event loop."""

    async def work(count: int) -> int:
        begin = perf_counter_ns()
        for _ in range(count):
            await function(*arguments)
        return perf_counter_ns() - begin

    return lambda count: runner.run(work(count))


def _gathers(runner: asyncio.Runner, function: Callable[[str], Awaitable[str]], text: str) -> Sampler:
    """A hundred at once."""

    async def work(count: int) -> int:
        begin = perf_counter_ns()
        for left in range(count, 0, -_AT_ONCE):
            await asyncio.gather(*(function(text) for _ in range(min(left, _AT_ONCE))))
        return perf_counter_ns() - begin

    return lambda count: runner.run(work(count))


async def _in_executor(sleep_us: Callable[[int], Any]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, sleep_us, _BLOCKED_US)


def groups() -> Groups:
    """A plugin that replies at once, and one that blocks for 200 us."""
    with connected("replies_short", "blocks") as (short, blocks), asyncio.Runner() as runner:
        group = Group("declared short, 64 B", "a message")
        group.limit("Instance.send", settled(short, sends(short, _TEXT)))
        group.ours("Instance.send_async", settled(short, _awaits(runner, short.send_async, _TEXT)))
        at_once = _gathers(runner, short.send_async, _TEXT)
        group.ours("Instance.send_async, 100 at once", settled(short, at_once), _AT_ONCE)
        group.target("Instance.send_async", 4)
        yield group

        library = ctypes.CDLL(str(compile_c("peer", native("peer.c"))))
        library.sleep_us.argtypes, library.sleep_us.restype = [ctypes.c_uint64], None
        group = Group(f"one that blocks for {_BLOCKED_US} us", "a message")
        group.limit("run_in_executor of the same C call", _awaits(runner, _in_executor, library.sleep_us))
        group.ours("Instance.send_async", _awaits(runner, blocks.send_async, str(_BLOCKED_US)))
        group.ours("Instance.send", calls(blocks.send, str(_BLOCKED_US)))
        group.target("Instance.send_async", 1.3)
        yield group
