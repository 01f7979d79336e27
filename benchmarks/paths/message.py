"""A message and its reply, text to text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles
from time import perf_counter_ns
from typing import Final

from plugin_interfaces import Instance
from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import fast, lib

from ..case import Fact, Group, Groups, Sampler, calls
from ..hosts import busy_python, connected, sends, settled, stored
from ..limits import limit
from ..peers.answers import (
    Reply,
    plain_method,
    with_cffi_abi,
    with_cffi_api,
    with_ctypes,
    with_nanobind,
    with_pluggy,
    with_pybind11,
)
from ..peers.crate import crate
from ..peers.sandboxes import with_extism, with_wasmtime

ORDER: Final = 1
TITLE: Final = "A message and its reply"

_TIMEOUT_MS: Final = 60_000
_CFFI: Final = ("cffi, API mode", "cffi, ABI mode")
_PEERS: Final[dict[str, Callable[[], Reply]]] = {
    "nanobind": with_nanobind,
    "nanobind, GIL kept": partial(with_nanobind, "reply_with_gil"),
    "pybind11": with_pybind11,
    "pybind11, GIL kept": partial(with_pybind11, "reply_with_gil"),
    "cffi, API mode": with_cffi_api,
    "cffi, ABI mode": with_cffi_abi,
    "ctypes": with_ctypes,
    "pluggy": with_pluggy,
    "a method in Python": plain_method,
    "wasmtime": with_wasmtime,
    "extism": with_extism,
}


def _peer(make: Callable[[], Reply], text: str) -> Sampler:
    return calls(_checked(make(), text), text)


def _checked(reply: Reply, text: str) -> Reply:
    if reply(text) != text:
        raise RuntimeError("a peer replies with another text")
    return reply


def _core(handle: int, text: str) -> Sampler:
    """The core's direct way of a message, which it takes once the plugin has shown that it is quick."""
    arguments = (handle, text, _TIMEOUT_MS, int(Notify.NONE))
    direct = calls(fast.send, *arguments)

    def sample(count: int) -> int:
        while True:
            while fast.send(*arguments) != text:
                request = fast.request_new(*arguments)
                fast.request_run(request, text)
                lib.core_request_release(request)
            taken = direct(count)
            # One that is not quick any more is not sent to: nothing was measured then.
            if fast.send(*arguments) == text:
                return taken

    return sample


def groups() -> Groups:
    """64 bytes, and 4 KiB."""
    with (
        connected("replies", "replies_short") as (blocking, short),
        connected("replies", on_disk=True) as (on_disk,),
        connected("replies", keep_history=False) as (without,),
    ):
        for size, name in ((64, "64 B"), (4096, "4 KiB")):
            text = "x" * size
            for instance in (blocking, short, on_disk, without):
                _checked(instance.send, text)
            group = Group(name, "a message")
            group.limit("C: call, strdup, free", limit("message", text.encode()))
            group.ours("Instance.send, no history", sends(without, text))
            for title, instance in ((", history on disk", on_disk), ("", blocking)):
                group.ours(f"Instance.send{title}, until stored", stored(instance, sends(instance, text)))
                group.ours(f"Instance.send{title}", settled(instance, sends(instance, text)))
            group.ours("Instance.send, declared short", settled(short, sends(short, text)))
            for title, instance in (("", blocking), (", declared short", short)):
                group.ours(f"the core{title}", _core(instance.handle, text))
            group.peer("the crate", partial(crate, "message", size))
            for peer, make in _PEERS.items():
                group.peer(peer, partial(_peer, make, text))
            _aim(group, size)
            if size == 64:
                group.facts += _beside_a_busy_thread(blocking, short, text)
            yield group


def _beside_a_busy_thread(blocking: Instance, short: Instance, text: str) -> Iterator[Fact]:
    with busy_python():
        yield Fact("beside a busy Python thread, p99: declared short", _p99_us(short.send, text), "us", at_most=5)
        yield Fact("beside a busy Python thread, p99: Instance.send", _p99_us(blocking.send, text), "us")


def _p99_us(reply: Reply, text: str) -> float:
    """Of 20,000 calls, or as many as half a second has room for."""
    taken: list[int] = []
    end = perf_counter_ns() + 500_000_000
    while len(taken) < 20_000 and perf_counter_ns() < end:
        begin = perf_counter_ns()
        reply(text)
        taken.append(perf_counter_ns() - begin)
    return quantiles(taken, n=100)[-1] / 1000


def _aim(group: Group, size: int) -> None:
    send, short = "Instance.send", "Instance.send, declared short"
    if size == 64:
        group.target("the core", 7)
        group.target(send, 9)
        group.target(send, 1.0, "the crate")
        group.target(send, 0.75, "nanobind")
        group.target(send, 0.45, "pybind11")
        group.target(send, 0.3, *_CFFI)
        group.target(send, 0.1, "ctypes")
        group.target(send, 0.1, "pluggy")
        group.target("the core, declared short", 5)
        group.target(short, 0.7, "the crate")
        group.target(short, 0.6, "nanobind, GIL kept")
    else:
        group.target(send, 4.8)
        group.target(send, 0.15, "the crate")
        group.target(send, 0.95, "nanobind")
