"""One instance of a plugin, as hosts and front ends use it."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._abi import WAIT_FOREVER, Entry, Feature, Notify, State, Status
from .._ffi import ErrorBuffer, Receiver, fast, lib, surrogate_error
from ..config import UserValues
from ..errors import (
    ClosedError,
    NotPermitted,
    PluginFailed,
    PluginInterfacesError,
    StateError,
    error_from_status,
    stream_error_from_status,
)
from ..metadata import HistoryMessage, PluginMetadata
from ..pluginui import Frame, UiValue, Widget
from .calls import LeftCall, busy, call_entry
from .loader import Loaded, forget_module
from .reply import PendingReply, reply_error
from .settings import Settings

if TYPE_CHECKING:
    from .discovery import PluginFolder
    from .host import Host

_T = TypeVar("_T")

DEFAULT_TIMEOUT: Final = 60.0
_DEFAULT_MS: Final = 60_000

# Who waits for a reply can wait for room in the queue; an event loop, or a listener, can not.
_WAIT: Final = int(Notify.WAIT)
_NOW: Final = int(Notify.NOW)
_send: Final = fast.send  # a look-up less for each message
_SHORT_CALLS: Final = int(Feature.SHORT_CALLS)
_making: Final = threading.Lock()


def _milliseconds(timeout: float | None) -> int:
    """Seconds as the core takes them."""
    return WAIT_FOREVER if timeout is None else max(0, min(round(timeout * 1000), WAIT_FOREVER - 1))


class Instance:
    """A plugin that was loaded; `Host.load` makes it. Any thread may use it; methods ending in `_async` suit asyncio.

    After it was unloaded every call raises ClosedError.

    Attributes:
        id: the instance's, unique among all instances of the host and stable over restarts.
        plugin_id: of the plugin that it is one of.
        folder: where the plugin lives.
        handle: its PluginHost; 0 until it is made.
        left: the call of an entry that was left and may not have returned: see calls.py.
    """

    # There may be thousands, so each is small, and what few of them need is made when it is asked for.
    __slots__ = (
        "__weakref__",
        "_config",
        "_denied",
        "_entries",
        "_module",
        "_settings",
        "_short",
        "before",
        "folder",
        "handle",
        "host",
        "id",
        "left",
        "plugin_id",
        "stored",
        "told",
    )

    def __init__(self, host: Host, folder: PluginFolder, instance_id: str) -> None:
        self.host = host
        self.folder = folder
        self.id = instance_id
        self.plugin_id = folder.id
        self.handle = 0
        self.left: LeftCall | None = None
        # For the order of events: which instance had this id before, and whether its own last event was delivered.
        self.before: Instance | None = None
        self.told = False
        # The sequence number of the last event that is in the conversation, where it belongs there.
        self.stored = 0
        self._denied = folder.denied  # as long as it lives, whatever the person decides meanwhile
        self._module = ""
        self._entries = 0
        self._short = False
        self._config: UserValues | None = None
        self._settings: Settings | None = None

    def __repr__(self) -> str:
        return f"<Instance {self.id!r} of plugin {self.plugin_id!r}, {self.state.name.lower()}>"

    def attach(self, loaded: Loaded) -> None:
        """Called by the host: this is what was loaded."""
        self.handle = loaded.handle
        self._module = loaded.module
        self._entries, features = fast.instance_offers(loaded.handle)
        self._short = bool(features & _SHORT_CALLS)

    def detach(self) -> None:
        """Called by the host: the instance has ended."""
        forget_module(self._module)

    @property
    def metadata(self) -> PluginMetadata:
        """What is known of it, and what it was told of itself."""
        return self.folder.required_manifest.metadata(self.id, self.folder.code, self._denied)

    @property
    def config(self) -> UserValues:
        """Its settings."""
        config = self._config
        if config is None:
            # Two threads may make one each: what is set is in the file, and so in both.
            config = self._config = UserValues(self.folder.path, self.id, self.folder.required_manifest)
        return config

    def _what(self, call: str) -> str:
        return f"plugin {self.id}, {call}"

    def refuse_on_pump(self, call: str, instead: str = "start(), or a thread") -> None:
        """Raises StateError on the thread of the listeners, where waiting for an event would be for ever."""
        if self.host.on_event_thread():
            raise StateError(
                self._what(call), f"a listener must not wait: events come on its own thread. Use {instead}"
            )

    # ---- life ----

    @property
    def state(self) -> State:
        """Where in its life it is."""
        return State(lib.core_instance_state(self.handle))

    @property
    def connected(self) -> bool:
        """Whether it takes messages."""
        return self.state == State.CONNECTED

    def has(self, entry: Entry) -> bool:
        """Whether the plugin has an entry of its own."""
        return bool(self._entries & int(entry))

    def connect(self, timeout: float | None = None) -> None:
        """Connects it. Ctrl-C leaves a plugin that hangs, and so does `timeout` in seconds, where None is none.

        Errors: PluginFailed (the plugin says why), NotPermitted, StateError (also while a call that was left has not
        returned, and on the thread of the listeners), CallTimeout, ClosedError.
        """
        call_entry(self, "connect", self._connect, timeout)

    def _connect(self) -> None:
        with ErrorBuffer() as error:
            status = lib.core_instance_connect(self.handle, error.c)
            if status < 0:
                raise self._entry_error(status, "connect", error.text)

    def disconnect(self, timeout: float | None = None) -> None:
        """Disconnects it; what is open ends as cancelled. Errors: StateError, CallTimeout, ClosedError, as connect."""
        call_entry(self, "disconnect", self.disconnect_here, timeout)

    def disconnect_here(self) -> None:
        """Called by the host: disconnects on this thread, as long as it takes. Errors: StateError, ClosedError."""
        with ErrorBuffer() as error:
            status = lib.core_instance_disconnect(self.handle, error.c)
            if status < 0:
                raise self._entry_error(status, "disconnect", error.text)

    def _entry_error(self, status: int, call: str, text: str) -> Exception:
        # The core's text begins with the call, or the entry, where the reason is about that.
        what = f"plugin {self.id}" if text.startswith((call, f"on_{call}")) else self._what(call)
        error = error_from_status(status, what, text)
        if isinstance(error, StateError | ClosedError | NotPermitted | PluginFailed):
            return error
        return PluginFailed(what, text or error.message, status)

    def wait_for_state(self, name: str | State, timeout: float | None = None) -> None:
        """Waits until it is in a state, such as "mounted". Errors: TimeoutError."""
        wanted = State[name.upper()] if isinstance(name, str) else name
        self.refuse_on_pump("wait_for_state", "a thread of your own")
        with self.host.state_changes:
            if not self.host.state_changes.wait_for(lambda: self.state == wanted, timeout):
                raise TimeoutError(f"{self.id} is {self.state.name.lower()}, not {wanted.name.lower()}")

    def unload(self) -> None:
        """As Host.unload."""
        self.host.unload(self)

    # ---- messages ----

    def start(self, text: str, timeout: float | None = DEFAULT_TIMEOUT) -> PendingReply:
        """Sends a message and returns at once; the reply comes in what is returned.

        `timeout` in seconds is the request's deadline, None means none. Errors: NotConnected, ClosedError, TextError;
        later ones are raised by the reply.
        """
        try:
            request = fast.request_new(self.handle, text, _milliseconds(timeout), _NOW)
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("message"), error) from None
        if isinstance(request, tuple):
            raise self._refused(*request)
        reply = self.host.replies.of(self, request)
        try:
            self.host.workers.submit(self.host.replies.run, reply, text)
        except BaseException:
            reply.cancel()
            raise
        return reply

    def _refused(self, status: int, text: str) -> PluginInterfacesError:
        """Why a message was not sent."""
        if status == Status.NOT_CONNECTED:
            text = busy(self) or text
        return error_from_status(status, self._what("message"), text)

    def send(self, text: str, timeout: float | None = DEFAULT_TIMEOUT) -> str:
        """Sends a message and waits for the reply; one that comes as a stream is the stream's text.

        A plugin that has answered quickly so far is called on this thread: should it hang, so does this call, until it
        returns. `start(text).result()` never does. Ctrl-C, like any exception, cancels the request.

        Errors: RequestError and its kinds, NotPermitted, ClosedError, TextError.
        """
        # Written out, for this is the way that is taken most: see docs/performance.md.
        milliseconds = _DEFAULT_MS if timeout is DEFAULT_TIMEOUT else _milliseconds(timeout)
        try:
            sent = _send(self.handle, text, milliseconds, _WAIT)
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("message"), error) from None
        if type(sent) is str:
            return sent
        self.refuse_on_pump("send")
        reply = self._reply_of(sent, text, timeout)
        try:
            return reply.result()
        except BaseException:
            if not reply.done:
                reply.cancel()
            raise

    def _reply_of(self, sent: tuple[int, str] | int | None, text: str, timeout: float | None) -> PendingReply:
        """What comes of a message to which `fast.send` brought no reply."""
        if sent is None:
            return self.start(text, timeout)
        if isinstance(sent, int):
            return self.host.replies.of(self, sent)
        raise self._refused(*sent) if sent[0] == Status.NOT_CONNECTED else reply_error(self.id, *sent)

    async def send_async(self, text: str, timeout: float | None = DEFAULT_TIMEOUT) -> str:
        """As send; cancelling the task cancels the request.

        Only a plugin that has promised short calls is called on the event loop's thread.
        """
        if not self._short:
            return await self.start(text, timeout)
        try:
            sent = _send(self.handle, text, _milliseconds(timeout), _NOW)
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("message"), error) from None
        return sent if type(sent) is str else await self._reply_of(sent, text, timeout)

    def stream(self, text: str, timeout: float | None = DEFAULT_TIMEOUT) -> Iterator[str]:
        """Sends a message and yields the reply piece by piece; leaving the loop early cancels the request.

        A plugin that is more than a million characters ahead of the reader waits.
        """
        return self.start(text, timeout).read(alone=True)

    def stream_async(self, text: str, timeout: float | None = DEFAULT_TIMEOUT) -> AsyncIterator[str]:
        """As stream, for asyncio."""
        return self.start(text, timeout).read_async(alone=True)

    # ---- streams ----

    def pause_stream(self, stream: int) -> None:
        """The person pauses a stream. Errors: StreamError and its kinds."""
        self._move("pause", stream)

    def resume_stream(self, stream: int) -> None:
        """The person resumes a stream. Errors: StreamError and its kinds."""
        self._move("resume", stream)

    def cancel_stream(self, stream: int) -> None:
        """The person cancels a stream. Errors: StreamError and its kinds."""
        self._move("cancel", stream)

    def _move(self, step: str, stream: int) -> None:
        with ErrorBuffer() as error:
            status = getattr(lib, f"core_stream_{step}")(self.handle, stream, error.c)
            if status < 0:
                raise stream_error_from_status(status, self._what(f"stream {step}"), error.text)

    # ---- settings UI ----

    def _drawing(self) -> Settings:
        settings = self._settings
        if settings is None:
            with _making:  # it knows what was drawn last, so there is one
                settings = self._settings = self._settings or Settings(self)
        return settings

    def ui(self, base: int = 0, *, dark: bool = False) -> Frame:
        """Draws the settings: the whole tree, or what changed since the revision `base` where that is the last one.

        A plugin that draws none has a form made from its manifest. Ctrl-C leaves one that hangs, as in `connect`.
        Errors: UiError, StateError, ClosedError, ConfigError.
        """
        return self._drawing().draw(base, dark=dark)

    def ui_event(
        self,
        widget: Widget | str | int,
        value: UiValue | None = None,
        *,
        clicked: bool = False,
        submitted: bool = False,
        revision: int = 0,
        base: int = 0,
        dark: bool = False,
    ) -> Frame:
        """Tells the plugin what the person did with a widget, and draws the settings anew.

        A `value` is the one that the widget is to have: of a multi_select the list of what is chosen, of a confirm True
        for accepted and False for dismissed. Errors: UiError (no such widget, a value that it cannot have), and those
        of `ui`.
        """
        return self._drawing().tell(
            widget,
            value,
            clicked=clicked,
            submitted=submitted,
            revision=revision,
            base=base,
            dark=dark,
        )

    # ---- history and state ----

    def history(self, limit: int = 0, before: str | None = None) -> list[HistoryMessage]:
        """The newest `limit` messages, oldest first, 0 for all; with `before`, older than the message with that id.

        Errors: HistoryError.
        """
        self.host.settle(self)
        return self.host.store.messages(self.id, limit, before)

    def clear_history(self) -> None:
        """Forgets the conversation. Errors: HistoryError."""
        self.host.settle(self)
        self.host.store.clear(self.id)

    def export_history(self) -> str:
        """The conversation as JSON."""
        import msgspec

        return json.dumps(msgspec.to_builtins(self.history()), ensure_ascii=False, indent=2)

    def save_state(self) -> bytes | None:
        """What the plugin wants to find again; None where it keeps nothing. Errors: PluginFailed, StateError, …"""
        return call_entry(self, "save_state", self.save_state_here)

    def save_state_here(self) -> bytes | None:
        """Called by the host: as save_state, on this thread, as long as it takes."""
        written = Receiver()
        with ErrorBuffer() as error:
            status = lib.core_instance_save_state(self.handle, lib.py_write_bytes, written.userdata, error.c)
            if status == Status.UNSUPPORTED:
                return None
            if status < 0:
                raise self._entry_error(status, "save_state", error.text)
        return b"".join(written.items) if written.items else None

    # ---- for asyncio ----

    async def _in_thread(self, function: Callable[..., _T], *arguments: Any) -> _T:
        return await asyncio.wrap_future(self.host.workers.submit(function, *arguments))

    async def connect_async(self, timeout: float | None = None) -> None:
        """As connect, without blocking the event loop."""
        await self._in_thread(self.connect, timeout)

    async def disconnect_async(self, timeout: float | None = None) -> None:
        """As disconnect, without blocking the event loop."""
        await self._in_thread(self.disconnect, timeout)

    async def wait_for_state_async(self, name: str | State, timeout: float | None = None) -> None:
        """As wait_for_state, without blocking the event loop."""
        await self._in_thread(self.wait_for_state, name, timeout)

    async def ui_async(self, base: int = 0, *, dark: bool = False) -> Frame:
        """As ui, without blocking the event loop."""
        return await self._in_thread(functools.partial(self.ui, base, dark=dark))

    async def ui_event_async(self, widget: Widget | str | int, value: UiValue | None = None, **options: Any) -> Frame:
        """As ui_event, without blocking the event loop."""
        return await self._in_thread(functools.partial(self.ui_event, widget, value, **options))

    async def history_async(self, limit: int = 0, before: str | None = None) -> list[HistoryMessage]:
        """As history, without blocking the event loop."""
        return await self._in_thread(self.history, limit, before)

    async def unload_async(self) -> None:
        """As unload, without blocking the event loop."""
        await self._in_thread(self.unload)
