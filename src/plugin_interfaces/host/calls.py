"""Calls of a plugin's entries, made so that whoever waits can leave: an entry may hang.

A call in C cannot be interrupted, so it is left behind on a thread of the workers. Signals reach the main thread alone;
on other threads a call without a time limit needs no thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from .._abi import Entry, Status
from .._ffi import ErrorBuffer, fast, lib
from ..errors import CallTimeout, StateError
from .workers import Workers, result_of

if TYPE_CHECKING:
    from .instance import Instance

_T = TypeVar("_T")

LeftCall: TypeAlias = "tuple[str, Future[Any]]"
"""A call of an entry that nobody waits for any more: its name, and what tells when it has returned."""

_OF_THE_BEGINNING: Final = Entry.INITIALIZE | Entry.LOAD_STATE | Entry.INIT_UI | Entry.ON_MOUNT


def _hears_signals() -> bool:
    """Whether Ctrl-C would be heard here. Not inside an entry: the core knows circles of waiting by their threads."""
    return threading.get_ident() == threading.main_thread().ident and not lib.core_inside_entry()


def leavable(workers: Workers, function: Callable[[], _T]) -> _T:
    """Calls a function that may hang in C; Ctrl-C leaves it."""
    return result_of(workers.submit(function)) if _hears_signals() else function()


def busy(instance: Instance) -> str:
    """Which call of an entry was left and has not returned, in words; empty where there is none."""
    left = instance.left
    if left is None or left[1].done():
        return ""
    return f"{left[0]} has not returned yet; wait for it, or reload the plugin to give it up"


def call_entry(instance: Instance, call: str, function: Callable[[], _T], timeout: float | None = None) -> _T:
    """Calls an entry of an instance, and waits for it. Any thread may do so.

    Errors: CallTimeout after `timeout` seconds; StateError on the thread of the listeners, and while a call that was
    left has not returned; those of the function. Ctrl-C leaves the call too; it goes on in the background.
    """
    instance.refuse_on_pump(call, "a thread of your own")
    if left := busy(instance):
        raise StateError(f"plugin {instance.id}" + ("" if left.startswith(call) else f", {call}"), left)
    if timeout is None and not _hears_signals():
        return function()
    future = instance.host.workers.submit(function)
    try:
        return result_of(future, timeout)
    except FutureTimeout:
        if future.done():  # the timeout is the function's own, or it returned just now
            return future.result()
        instance.left = (call, future)
        raise CallTimeout(
            f"plugin {instance.id}, {call}",
            f"the plugin did not return within {timeout:g} s; reload it to give it up",
        ) from None
    except BaseException:
        if not future.done():
            instance.left = (call, future)
        raise


def initialize(instance: Instance, state: bytes | None) -> tuple[int, str]:
    """As core_instance_initialize; status and text. Ctrl-C leaves it.

    A plugin in Python is called on a thread of Python's. For any other the core has threads of its own, which are had
    without the GIL changing hands; one that has none of the entries that are due is called here.
    """
    handle = instance.handle
    result: tuple[int, str]
    if instance.folder.kind == "python":
        result = leavable(instance.host.workers, lambda: fast.initialize(handle, state, False))
    else:
        result = fast.initialize(handle, state, instance.has(_OF_THE_BEGINNING) and _hears_signals())
    return result


def end(workers: Workers, handle: int, wait_ms: int) -> tuple[int, str]:
    """As core_instance_end, and abandons the instance also where an entry of its end hangs as long; status and text."""
    if lib.core_inside_entry():
        return _end(handle, wait_ms)
    ending = workers.submit(_end, handle, wait_ms)
    try:
        return result_of(ending, 2 * wait_ms / 1000)
    except FutureTimeout:
        abandoned = _abandon(handle)
        # Closed: it has come to its end just now.
        return ending.result() if abandoned[0] == Status.CLOSED else abandoned


def _end(handle: int, wait_ms: int) -> tuple[int, str]:
    with ErrorBuffer() as error:
        return lib.core_instance_end(handle, wait_ms, error.c), error.text


def _abandon(handle: int) -> tuple[int, str]:
    with ErrorBuffer() as error:
        return lib.core_instance_abandon(handle, error.c), error.text
