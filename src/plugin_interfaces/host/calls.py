"""Calls of a plugin's entries, made so that whoever waits can leave: an entry may hang.

A call in C cannot be interrupted, so it is left behind on a thread of the workers. Signals reach the main thread alone;
on other threads a call without a time limit needs no thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._abi import Entry, Status
from .._ffi import ErrorBuffer, fast, lib
from ..errors import CallTimeout, StateError
from .workers import Workers, result_of

if TYPE_CHECKING:
    from .instance import Instance

_T = TypeVar("_T")

_OF_THE_BEGINNING: Final = int(Entry.INITIALIZE | Entry.LOAD_STATE | Entry.INIT_UI | Entry.ON_MOUNT)


def _hears_signals() -> bool:
    """Whether Ctrl-C would be heard here. Not inside an entry: the core knows circles of waiting by their threads."""
    return threading.current_thread() is threading.main_thread() and not lib.core_inside_entry()


def leavable(workers: Workers, function: Callable[[], _T]) -> _T:
    """Calls a function that may hang in C; Ctrl-C leaves it."""
    return result_of(workers.submit(function)) if _hears_signals() else function()


class Calls:
    """The calls of one instance's entries. Any thread may use it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._left: tuple[str, Future[Any]] | None = None

    @property
    def busy(self) -> str:
        """Which call was left and has not returned, in words; empty where there is none."""
        left = self._left
        if left is None or left[1].done():
            return ""
        return f"{left[0]} has not returned yet; wait for it, or reload the plugin to give it up"

    def run(self, call: str, function: Callable[[], _T], timeout: float | None = None) -> _T:
        """Calls an entry, and waits for it.

        Errors: CallTimeout after `timeout` seconds; StateError on the thread of the listeners, and while a call that
        was left has not returned; those of the function. Ctrl-C leaves the call too; it goes on in the background.
        """
        self._instance.refuse_on_pump(call, "a thread of your own")
        if busy := self.busy:
            raise StateError(f"plugin {self._instance.id}" + ("" if busy.startswith(call) else f", {call}"), busy)
        if timeout is None and not _hears_signals():
            return function()
        future = self._instance.host.workers.submit(function)
        try:
            return result_of(future, timeout)
        except FutureTimeout:
            if future.done():  # the timeout is the function's own, or it returned just now
                return future.result()
            self._left = (call, future)
            raise CallTimeout(
                f"plugin {self._instance.id}, {call}",
                f"the plugin did not return within {timeout:g} s; reload it to give it up",
            ) from None
        except BaseException:
            if not future.done():
                self._left = (call, future)
            raise


def initialize(workers: Workers, handle: int, state: bytes | None, *, in_python: bool) -> tuple[int, str]:
    """As core_instance_initialize; status and text. Ctrl-C leaves it.

    A plugin `in_python` is called on a thread of Python's. For any other the core has threads of its own, which are had
    without the GIL changing hands; one that has none of the entries that are due is called here.
    """
    result: tuple[int, str]
    if in_python:
        result = leavable(workers, lambda: fast.initialize(handle, state, False))
    else:
        may_hang = bool(lib.core_instance_entries(handle) & _OF_THE_BEGINNING)
        result = fast.initialize(handle, state, may_hang and _hears_signals())
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
