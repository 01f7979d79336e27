"""A message and its reply, text to text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from plugin_interfaces._abi import Notify
from plugin_interfaces._ffi import fast, lib

from ..case import Group, Groups, Sampler, calls
from ..hosts import connected
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


def _direct(handle: int, text: str) -> Reply:
    """The core's way of a message, once the plugin has shown that it is quick."""
    while fast.send(handle, text, _TIMEOUT_MS, Notify.NONE) is None:
        request = fast.request_new(handle, text, _TIMEOUT_MS, Notify.NONE)
        fast.request_run(request, text)
        lib.core_request_release(request)
    return lambda text: fast.send(handle, text, _TIMEOUT_MS, Notify.NONE)


def groups() -> Groups:
    """64 bytes, and 4 KiB."""
    with connected("replies", "replies_short") as (blocking, short):
        for size, name in ((64, "64 B"), (4096, "4 KiB")):
            text = "x" * size
            group = Group(name, "a message")
            group.limit("C: call, strdup, free", limit("message", text.encode()))
            for title, instance in (("", blocking), (", declared short", short)):
                group.ours(f"Instance.send{title}", calls(_checked(instance.send, text), text))
                group.ours(f"the core{title}", calls(_direct(instance.handle, text), text))
            group.peer("the crate", partial(crate, "message", size))
            for peer, make in _PEERS.items():
                group.peer(peer, partial(_peer, make, text))
            _aim(group, size)
            yield group


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
