"""A host: finds plugins, loads and unloads them, and tells what they do."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from .._abi import Entry, State
from .._ffi import NULL, ffi, lib
from ..config import value_to_text
from ..errors import (
    ClosedError,
    HistoryError,
    LibraryError,
    LoadError,
    PluginInterfacesError,
    StateError,
    error_from_status,
)
from ..logging import log_error, log_warn
from ..types import EventBatchListener, EventListener
from .calls import end, initialize
from .catalog import Catalog
from .history import HistoryStore
from .instance import Instance
from .loader import load
from .lock import FolderLock
from .pump import Pump
from .reader import EventReader
from .replies import Replies
from .services import fill_services
from .workers import Workers, result_of

HISTORY_FILE: Final = "history.sqlite3"
END_WAIT_MS: Final = 5000
EVENTS_KEPT: Final = 10_000


class Host(Catalog):
    """Plugins and their instances. Any thread may use it. A context manager, with or without `async`; `close` ends it.

    Attributes:
        plugins: what was found in the folders, also what cannot be used, with the reason in `error`.
        app_config: settings of the application, which plugins see behind their own.
        store: the conversations and the saved states.
        keeps_history: whether conversations are kept.
        by_handle: the instances by their PluginHost, also those that have ended, until their last event was delivered.
        state_changes: notified when an instance goes over to another state.
        run_id: the first half of the ids of all messages of this host; no other host has the same.
    """

    def __init__(
        self,
        folders: Iterable[Path | str] = (),
        data_dir: Path | str | None = None,
        app_config: Mapping[str, Any] | None = None,
        *,
        keep_history: bool = True,
        max_text_bytes: int = 16 << 20,
        queue_events: int = 1024,
    ) -> None:
        """Finds the plugins in `folders`; loads none.

        `data_dir` is where conversations and states are kept; without it they are gone with the host. Where
        `keep_history` is False there are no conversations, and a program that has no use for them is quicker; plugins
        that ask for theirs get an empty one. One text may have `max_text_bytes`, and `queue_events` events of one
        instance may wait to be read. Errors: HistoryError.
        """
        super().__init__(folders)
        self.app_config: Mapping[str, Any] = dict(app_config or {})
        self.max_text_bytes = max_text_bytes
        self._lock = threading.RLock()
        self._instances: dict[str, Instance] = {}
        self.by_handle: dict[int, Instance] = {}
        self._leaving: dict[str, Instance] = {}  # by id: that are loaded no more, until their last event was taken
        self.state_changes = threading.Condition()
        self._closed = False
        self._process = os.getpid()
        self._data_lock: FolderLock | None = None
        self.keeps_history = keep_history
        self.run_id: str = uuid4().hex[:16]
        self.store = self._open_store(None if data_dir is None else Path(data_dir))
        self.replies = Replies()
        self.workers = Workers("plugin-interfaces-worker")
        self._userdata = ffi.new_handle(self)
        self._core = self._new_core(max_text_bytes, queue_events)
        self._pump = Pump(self, self._core)
        self._pump.start()
        _open_hosts.add(self)

    def _open_store(self, data_dir: Path | None) -> HistoryStore:
        if data_dir is None:
            return HistoryStore()
        store = HistoryStore(data_dir / HISTORY_FILE)
        self._data_lock = FolderLock(data_dir)
        # Another host may be writing what looks unfinished.
        if self._data_lock.alone and (unfinished := store.recover()):
            log_warn(f"{unfinished} messages were still coming when the last host ended; what had come is kept")
        return store

    def _new_core(self, max_text_bytes: int, queue_events: int) -> Any:
        options = ffi.new("CoreOptions *")
        options.max_text_bytes = max_text_bytes
        options.queue_events = queue_events
        fill_services(options.services, self._userdata)
        core = lib.core_new(options)
        if core == NULL:
            raise MemoryError("no memory is left for a host")
        return core

    def __repr__(self) -> str:
        return f"<Host of {len(self.plugins)} plugins, {len(self._instances)} instances>"

    # ---- plugins ----

    def disable(self, plugin_id: str) -> None:
        """Unloads all instances of a plugin and loads none from now on. Errors: LoadError, ConfigError."""
        self._set_disabled(plugin_id, True)
        for instance in self.instances:
            if instance.plugin_id == plugin_id:
                self.unload(instance)

    # ---- instances ----

    @property
    def instances(self) -> Sequence[Instance]:
        """All that are loaded, in the order of loading."""
        with self._lock:
            return tuple(self._instances.values())

    def instance(self, instance_id: str) -> Instance:
        """The instance with an id. Errors: LoadError."""
        with self._lock:
            try:
                return self._instances[instance_id]
            except KeyError:
                raise LoadError(f"instance {instance_id}", "there is no such instance; load its plugin") from None

    def load(self, plugin_id: str, instance_id: str | None = None) -> Instance:
        """Makes an instance of a plugin, initialized and mounted; `instance_id` None means the plugin's own id.

        A state that it saved before is given back to it. Ctrl-C abandons one that hangs in `initialize` or `on_mount`.
        Errors: LoadError and its kinds; the other plugins go on.
        """
        name = instance_id or plugin_id
        folder = self.find(plugin_id)
        with self._lock:
            self._refuse_closed()
            if name in self._instances:
                raise LoadError(f"instance {name}", "is loaded already; choose another instance id")
            if folder.error is None and folder.manifest is not None:
                folder = self._look_again(folder)
            if folder.error is not None:
                raise folder.error
            if folder.disabled:
                raise LoadError(f"plugin {plugin_id}", "is disabled; enable it first")
            instance = Instance(self, folder, name)
            # Claimed, so that nobody else loads one with this id meanwhile.
            self._instances[name] = instance
        try:
            self._start(instance)
        except BaseException:
            self._drop(instance)
            raise
        return instance

    def _drop(self, instance: Instance) -> None:
        """It is loaded no more; its last event may be on its way, and the next one with its id waits for that."""
        with self._lock:
            if self._instances.get(instance.id) is instance:
                del self._instances[instance.id]
                if instance.handle and not instance.told:
                    self._leaving[instance.id] = instance

    def _start(self, instance: Instance) -> None:
        loaded = load(self._core, instance.folder, instance.metadata)
        instance.attach(loaded)
        with self._lock:
            instance.before = self._leaving.get(instance.id)
            self.by_handle[loaded.handle] = instance
        try:
            state = self.store.load_state(instance.id) if instance.has(Entry.LOAD_STATE) else None
        except BaseException:
            end(self.workers, loaded.handle, END_WAIT_MS)
            instance.detach()
            raise
        try:
            status, text = initialize(instance, state)
            if status < 0:
                end(self.workers, loaded.handle, END_WAIT_MS)
        except BaseException:
            lib.core_instance_abandon(loaded.handle, NULL)
            instance.detach()
            raise
        if status < 0:
            instance.detach()
            raise LibraryError(f"plugin {instance.id}", text, status)

    def load_all(self) -> list[Instance]:
        """Loads one instance of each plugin that is enabled and has none; those that fail are logged."""
        loaded = []
        for folder in list(self.plugins):
            if folder.error is not None or folder.disabled or folder.id in self._instances:
                continue
            try:
                loaded.append(self.load(folder.id))
            except LoadError as error:
                log_error(str(error))
        return loaded

    def unload(self, instance: Instance) -> None:
        """Cancels what it is at, saves its state, disconnects it and ends it.

        An entry that does not return within 5 s is abandoned; with Ctrl-C, at once. The last events may come later.

        Errors: ClosedError where it had ended; PluginInterfacesError where it was abandoned.
        """
        self.replies.cancel_all(instance)
        try:
            self._save_state(instance)
            status, text = end(self.workers, instance.handle, END_WAIT_MS)
        except KeyboardInterrupt:
            lib.core_instance_abandon(instance.handle, NULL)
            raise
        finally:
            if instance.state == State.GONE:
                self._drop(instance)
                instance.detach()
        if status < 0:
            raise error_from_status(status, f"plugin {instance.id}, unload", text)

    def _save_state(self, instance: Instance) -> None:
        if instance.state not in (State.MOUNTED, State.CONNECTED) or not instance.has(Entry.SAVE_STATE):
            return
        # The entry may wait for one that hangs, so it is not waited for any longer than the end itself.
        saving = self.workers.submit(instance.save_state_here)
        try:
            data = result_of(saving, END_WAIT_MS / 1000)
            if data is not None:
                self.store.save_state(instance.id, data)
        except (PluginInterfacesError, TimeoutError) as error:
            log_error(f"the state of {instance.id} was not saved: {error or 'an entry is still running'}")

    def reload(self, instance: Instance) -> Instance:
        """Unloads an instance and loads it from what is on disk now; connected again where it was.

        One that had to be abandoned is loaded anew all the same, and the log tells.

        Errors: those of unload, load and connect; it is unloaded then. StateError on the thread of the listeners.
        """
        instance.refuse_on_pump("reload", "reload_async(), or a thread")
        connected = instance.connected
        try:
            self.unload(instance)
        except ClosedError:
            raise
        except PluginInterfacesError as error:
            if instance.state != State.GONE:
                raise
            log_error(str(error))
        self._replace(self.find(instance.plugin_id))
        fresh = self.load(instance.plugin_id, instance.id)
        if connected:
            fresh.connect()
        return fresh

    async def load_async(self, plugin_id: str, instance_id: str | None = None) -> Instance:
        """As load, without blocking the event loop."""
        return await asyncio.wrap_future(self.workers.submit(self.load, plugin_id, instance_id))

    async def reload_async(self, instance: Instance) -> Instance:
        """As reload, without blocking the event loop."""
        return await asyncio.wrap_future(self.workers.submit(self.reload, instance))

    # ---- events ----

    def add_listener(self, listener: EventListener) -> Callable[[], None]:
        """Calls `listener` with each Event until the function that is returned is called.

        It runs on the host's event thread, and must not block there: all events wait for it. Where an instance is
        loaded again under its id, the events of the old one come before those of the new one.
        """
        return self._pump.add_listener(listener)

    def add_batch_listener(self, listener: EventBatchListener) -> Callable[[], None]:
        """As add_listener, but `listener` is called with a list of the events that have come since its last call, which
        costs less for each where there are many.
        """
        return self._pump.add_batch_listener(listener)

    def events(self, limit: int = EVENTS_KEPT) -> EventReader:
        """All events from now on, as an async iterator. A reader that is slower loses the oldest beyond `limit`, and is
        told how many. To be called where an event loop runs.
        """
        return EventReader(self._pump, limit)

    def on_event_thread(self) -> bool:
        """Whether the caller is on the thread that listeners run on."""
        return self._pump.is_this_thread()

    # ---- called by the host's own modules ----

    def settle(self, instance: Instance) -> None:
        """Before the conversation of an instance is read: what is on its way into it is waited for."""
        self._pump.settle(instance)

    def disconnect_requested(self, instance: Instance) -> None:
        """The plugin asks to be disconnected: in a turn of its own, so not here."""

        def disconnect() -> None:
            with contextlib.suppress(StateError, ClosedError):  # done already
                instance.disconnect_here()

        with contextlib.suppress(ClosedError):
            self.workers.submit(disconnect)

    def state_changed(self, instance: Instance, state: State) -> None:
        """The instance went over to another state; the last one is the end of its events."""
        with self.state_changes:
            self.state_changes.notify_all()
        if state == State.GONE:
            self._pump.settled(instance)
            with self._lock:
                self.by_handle.pop(instance.handle, None)
                if self._leaving.get(instance.id) is instance:
                    del self._leaving[instance.id]

    # ---- the end ----

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ClosedError("host", "the host is closed")

    def close(self) -> None:
        """Unloads all instances and ends the threads. May be called twice. Not on the event thread: StateError.

        Ctrl-C abandons an instance that hangs; the others are unloaded in order, and then it is raised.
        """
        if self.on_event_thread():
            raise StateError("host", "a listener cannot close the host: it runs on the host's own thread")
        with self._lock:
            if self._closed:
                return
            self._closed = True
        _open_hosts.discard(self)
        interrupted = None
        for instance in reversed(self.instances):
            try:
                self.unload(instance)
            except PluginInterfacesError as error:
                log_error(str(error))
            except KeyboardInterrupt as error:
                interrupted = error
        lib.core_close(self._core)
        self._pump.finish()
        self.replies.close()
        self.workers.close()
        lib.core_free(self._core)
        with contextlib.suppress(HistoryError):
            self.store.close()
        if self._data_lock is not None:
            self._data_lock.release()
        if interrupted is not None:
            raise interrupted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.close)

    def config_text(self, key: str) -> str | None:
        """A setting of the application as plugins see it."""
        value = self.app_config.get(key)
        return None if value is None else value_to_text(value)


_open_hosts: weakref.WeakSet[Host] = weakref.WeakSet()


def _close_all() -> None:
    """Plugins are ended in order before the interpreter goes, so that none calls into what is no more."""
    for host in list(_open_hosts):
        # A child made by fork has copies of the hosts, but none of their threads.
        if host._process == os.getpid():
            host.close()


atexit.register(_close_all)
