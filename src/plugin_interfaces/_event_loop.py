"""The one event loop on which the `async def` methods of all handlers run, on a daemon thread of its own."""

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from .errors import StateError

THREAD_NAME: Final = "plugin-interfaces-asyncio"

_T = TypeVar("_T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
_closed = False


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop; its thread is started with the first call. Errors: StateError while the interpreter exits."""
    global _loop, _thread
    with _lock:
        if _closed:
            raise StateError("event loop", "the interpreter is exiting; no async method can run any more")
        if _loop is None:
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name=THREAD_NAME, daemon=True)
            _thread.start()
        return _loop


def on_loop_thread() -> bool:
    """Whether the caller is on the loop's thread, where nothing may block."""
    return _thread is not None and _thread.ident == threading.get_ident()


def refuse_to_block(what: str, instead: str) -> None:
    """Raises StateError on the loop's thread: a call that blocks there would hold up every async method."""
    if on_loop_thread():
        raise StateError(what, f"this call blocks the event loop of all async methods; use {instead}")


def start(coroutine: Coroutine[Any, Any, _T]) -> Future[_T]:
    """Runs a coroutine on the loop, in a copy of the caller's context variables."""
    try:
        return asyncio.run_coroutine_threadsafe(coroutine, running_loop())
    except BaseException:
        coroutine.close()
        raise


def _stop() -> None:
    """Ends the thread in an orderly way, so that no task is left half done while modules are torn down."""
    global _closed
    with _lock:
        _closed = True
        loop, thread = _loop, _thread
    if loop is None or thread is None:
        return
    asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=2)


# The hosts close at exit too, and their plugins need the loop then: registered first, this runs last.
atexit.register(_stop)


async def run_blocking(function: Callable[..., _T], *arguments: Any) -> _T:
    """Runs a call that blocks in a thread, and waits for it without blocking the loop."""
    return await asyncio.to_thread(function, *arguments)
