"""A PluginHandler behind the C table: what the core calls, turned into calls of Python methods.

Each function below is one entry of PluginInterface. No exception leaves it: it becomes a status and a text. The table
owns the handler; both go with the call of `destroy`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, Final, TypeAlias

from ._abi import ABI_VERSION, LogLevel, Status
from ._event_loop import on_loop_thread, start
from ._ffi import NULL, address, fast, ffi, fill_error, lib, text_from_c
from .callbacks import HostCallbacks
from .context import PluginInstanceContext, Request, _current_request
from .errors import ClosedError, PluginInterfacesError, RequestError, StateError
from .handler import PluginHandler, check_handler, overrides
from .symbols import convert_ffi_to_metadata, fill_metadata_ffi, history_from_texts
from .types import CData

# The slots that stay NULL where the handler has no method of its own: the host's default is the better one then.
_OPTIONAL: Final = ("get_metadata", "init_ui", "update_ui", "save_state", "load_state", "get_extension")
_ALWAYS: Final = (
    "destroy",
    "initialize",
    "on_mount",
    "on_dispose",
    "on_connect",
    "on_disconnect",
    "on_cancel",
    "set_history",
)

# The plugins whose `destroy` has not been called, by what their tables have as plugin_ptr.
_alive: dict[int, _Plugin] = {}


class _Plugin:
    """What `plugin_ptr` leads to."""

    def __init__(self, handler: PluginHandler) -> None:
        self.handler = handler
        self.handle: CData = ffi.new_handle(self)
        self.table: CData = ffi.new("PluginInterface *")
        self.context: PluginInstanceContext | None = None
        self.tasks: dict[int, Future[None]] = {}
        self.texts: CData | None = None  # of the metadata that it gave

    def context_of(self, context: CData) -> PluginInstanceContext:
        """The context in Python's form, made with the first call and the same from then on."""
        if self.context is None:
            metadata = convert_ffi_to_metadata(context.metadata)
            callbacks = HostCallbacks(context.callbacks, context.host, metadata.id)
            self.context = PluginInstanceContext(metadata.instance_id or metadata.id, metadata, callbacks)
        return self.context

    def cancel_tasks(self) -> None:
        """Nobody waits for the async methods that still run."""
        for task in list(self.tasks.values()):
            task.cancel()


def create_plugin_interface_from_handler(handler: PluginHandler, what: str = "plugin") -> CData:
    """A `PluginInterface *` around a handler, for the core or any other host.

    Lives until its `destroy` entry is called, whoever holds it. Errors: LoadError where a method cannot be called.
    """
    plugin = _Plugin(check_handler(handler, what))
    table = plugin.table
    table.struct_size = ffi.sizeof("PluginInterface")
    table.abi_version = ABI_VERSION
    table.plugin_ptr = plugin.handle
    for name in (*_ALWAYS, *(name for name in _OPTIONAL if overrides(handler, name))):
        setattr(table, name, getattr(lib, f"py_plugin_{name}"))
    table.handle_message = ffi.addressof(lib, "python_handle_message")
    _alive[address(plugin.handle)] = plugin
    return table


def live_count() -> int:
    """How many handlers have not been destroyed: for leak counts."""
    return len(_alive)


# ---- calling ----


async def _await(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _run(method: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a method; an async one runs on the event loop while this thread waits for it."""
    result = method(*arguments)
    if not inspect.isawaitable(result):
        return result
    if on_loop_thread():
        if inspect.iscoroutine(result):
            result.close()
        raise StateError("event loop", "an async method was called from another one; use the …_async calls there")
    future = start(_await(result))
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def _fail(error: CData, failure: BaseException) -> int:
    """Puts what was raised into a PluginError; returns the status."""
    return fill_error(error, *_status_and_text(failure))


def _status_and_text(failure: BaseException) -> tuple[int, str]:
    if isinstance(failure, PluginInterfacesError) and failure.code < 0:
        return int(failure.code), str(failure)
    if isinstance(failure, KeyboardInterrupt):
        return int(Status.CANCELLED), "interrupted"
    text = str(failure)
    return int(Status.ERROR), f"{type(failure).__name__}: {text}" if text else type(failure).__name__


def _log_failure(plugin: _Plugin, name: str, failure: BaseException) -> None:
    if plugin.context is None or isinstance(failure, PluginInterfacesError):
        return
    last = traceback.extract_tb(failure.__traceback__)[-1:]
    place = (last[0].filename, last[0].lineno or 0) if last else ("", 0)
    text = "".join(traceback.format_exception(failure))
    plugin.context.callbacks.log(LogLevel.DEBUG, f"{name} failed\n{text}", *place)


def _entry(name: str, plugin_ptr: CData, context: CData | None, error: CData, *arguments: Any) -> int:
    """One entry whose method takes `arguments`, and the context as well where one came."""
    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    try:
        if context is not None:
            arguments = (*arguments, plugin.context_of(context))
        _run(getattr(plugin.handler, name), *arguments)
        return int(Status.OK)
    except BaseException as failure:
        _log_failure(plugin, name, failure)
        return _fail(error, failure)


# ---- life cycle ----


@ffi.def_extern()  # type: ignore[untyped-decorator]
def py_plugin_destroy(plugin_ptr: CData) -> None:
    """Lets go of the handler."""
    del _alive[address(plugin_ptr)]


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_get_metadata(plugin_ptr: CData, record: CData, error: CData) -> int:
    """get_metadata."""
    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    try:
        metadata = plugin.handler.get_metadata()
        if metadata is not None:
            plugin.texts = fill_metadata_ffi(record, metadata)
        return int(Status.OK)
    except BaseException as failure:
        return _fail(error, failure)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_initialize(plugin_ptr: CData, context: CData, error: CData) -> int:
    """Initialize."""
    return _entry("initialize", plugin_ptr, context, error)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_on_mount(plugin_ptr: CData, context: CData, error: CData) -> int:
    """on_mount."""
    return _entry("on_mount", plugin_ptr, context, error)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_on_dispose(plugin_ptr: CData, context: CData, error: CData) -> int:
    """on_dispose."""
    return _entry("on_dispose", plugin_ptr, context, error)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_on_connect(plugin_ptr: CData, context: CData, error: CData) -> int:
    """on_connect."""
    return _entry("on_connect", plugin_ptr, context, error)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_on_disconnect(plugin_ptr: CData, context: CData, error: CData) -> int:
    """on_disconnect; the async messages that still run are cancelled after it."""
    status = _entry("on_disconnect", plugin_ptr, context, error)
    ffi.from_handle(plugin_ptr).cancel_tasks()
    return status


# ---- settings UI ----


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_init_ui(plugin_ptr: CData, context: CData, ui: CData, error: CData) -> int:
    """init_ui."""
    from .pluginui import CreationContext, Ui

    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    creation = CreationContext(plugin.context_of(context), dark=bool(ui.flags & lib.PLUGIN_UI_DARK))
    with contextlib.closing(Ui(ui)) as drawing:
        return _entry("init_ui", plugin_ptr, None, error, creation, drawing)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_update_ui(plugin_ptr: CData, context: CData, ui: CData, error: CData) -> int:
    """update_ui."""
    from .pluginui import Context, Ui

    frame = Context(frame_count=ui.frame_count, time=ui.time, dark=bool(ui.flags & lib.PLUGIN_UI_DARK))
    with contextlib.closing(Ui(ui)) as drawing:
        return _entry("update_ui", plugin_ptr, context, error, frame, drawing)


# ---- messages ----


# What src/native/python_messages.c takes: a reply, a status, or a status with the error's text in UTF-8.
_Answer: TypeAlias = "str | int | tuple[int, bytes]"


def _handle_message(plugin_ptr: int, context: int, handle: int, message: str) -> _Answer:
    """handle_message; an async one goes on after this has returned PLUGIN_PENDING."""
    plugin = _alive[plugin_ptr]
    own = plugin.context or plugin.context_of(ffi.cast("PluginInstanceContext *", context))
    request = Request(own.callbacks, handle)
    token = _current_request.set(request)
    try:
        result = plugin.handler.handle_message(message, own)
        if type(result) is str:
            return result
        if inspect.isawaitable(result):
            _answer_later(plugin, request, result)
            return int(Status.PENDING)
        return _conclude(request, result)
    except BaseException as failure:
        return _refusal(plugin, failure)
    finally:
        _current_request.reset(token)


def _refuse(plugin_ptr: int, _: int, handle: int, reply: str) -> _Answer:
    """A reply that has no UTF-8 form: request_reply says why."""
    plugin = _alive[plugin_ptr]
    assert plugin.context is not None
    try:
        plugin.context.callbacks.request_reply(handle, reply)
    except PluginInterfacesError as failure:
        return _refusal(plugin, failure)
    return int(Status.OK)


def _refusal(plugin: _Plugin, failure: BaseException) -> tuple[int, bytes]:
    _log_failure(plugin, "handle_message", failure)
    status, text = _status_and_text(failure)
    return status, text.encode("utf-8", "backslashreplace")


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_handle_message(plugin_ptr: CData, context: CData, handle: int, message: CData, error: CData) -> int:
    """The first message on a thread that Python does not know: from here on it does."""
    return int(lib.python_handle_message(plugin_ptr, context, handle, message, error))


fast.take_messages(_handle_message, _refuse, address(lib.py_plugin_handle_message))


def _conclude(request: Request, result: object) -> int:
    """What handle_message returned, as its status; replies where that is left to do."""
    if isinstance(result, str):
        request.reply(result)
    elif result is not None:
        raise TypeError(f"handle_message returned {type(result).__name__}; it returns str or None")
    elif request.kept:
        return int(Status.PENDING)
    elif request.status == Status.OK:
        request.reply("")
    return int(Status.OK)


def _answer_later(plugin: _Plugin, request: Request, awaitable: Awaitable[Any]) -> None:
    future = start(_answer(plugin, request, awaitable))
    plugin.tasks[request.id] = future
    future.add_done_callback(lambda _: plugin.tasks.pop(request.id, None))


async def _answer(plugin: _Plugin, request: Request, awaitable: Awaitable[Any]) -> None:
    """An async handle_message from its start to the end of its request."""
    try:
        _conclude(request, await awaitable)
    except BaseException as failure:
        _log_failure(plugin, "handle_message", failure)
        status, text = _status_and_text(failure)
        if isinstance(failure, asyncio.CancelledError):
            status, text = int(Status.CANCELLED), "the plugin was cancelled"
        with contextlib.suppress(RequestError, ClosedError):  # it has ended: cancelled, or past its deadline
            request.fail(text, status)
        # Anything else would end the loop that all handlers share.
        if isinstance(failure, asyncio.CancelledError):
            raise


@ffi.def_extern()  # type: ignore[untyped-decorator]
def py_plugin_on_cancel(plugin_ptr: CData, context: CData, request: int, stream: int) -> None:
    """on_cancel; the task of an async message is cancelled before the handler is told."""
    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    task = plugin.tasks.get(request)
    if task is not None:
        task.cancel()
    own = plugin.context_of(context)
    if overrides(plugin.handler, "on_cancel"):
        _entry("on_cancel", plugin_ptr, None, NULL, own, request, stream)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_set_history(plugin_ptr: CData, context: CData, messages: CData, count: int, error: CData) -> int:
    """set_history."""
    history = history_from_texts(fast.history_given(address(messages), count))
    return _entry("set_history", plugin_ptr, context, error, history)


# ---- state and extensions ----


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_save_state(plugin_ptr: CData, context: CData, write: CData, userdata: CData, error: CData) -> int:
    """save_state."""
    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    try:
        data = _run(plugin.handler.save_state, plugin.context_of(context))
        if data is None:
            return int(Status.OK)
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"save_state returned {type(data).__name__}; it returns bytes or None")
        return int(write(userdata, ffi.from_buffer(data), len(data)))
    except BaseException as failure:
        _log_failure(plugin, "save_state", failure)
        return _fail(error, failure)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_plugin_load_state(plugin_ptr: CData, context: CData, data: CData, length: int, error: CData) -> int:
    """load_state."""
    return _entry("load_state", plugin_ptr, context, error, bytes(ffi.buffer(data, length)) if length else b"")


@ffi.def_extern(error=NULL)  # type: ignore[untyped-decorator]
def py_plugin_get_extension(plugin_ptr: CData, name: CData) -> CData:
    """get_extension."""
    plugin: _Plugin = ffi.from_handle(plugin_ptr)
    try:
        found = plugin.handler.get_extension(text_from_c(name))
        return NULL if found is None else found
    except BaseException as failure:
        _log_failure(plugin, "get_extension", failure)
        return NULL
