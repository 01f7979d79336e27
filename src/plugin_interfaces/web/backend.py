"""What all clients share: the host, its contacts and conversations, and what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from .._abi import State, Status
from ..errors import HistoryError, PluginInterfacesError
from ..host import Host
from ..host.discovery import PluginFolder
from ..host.events import DisconnectRequestEvent, Event, StateEvent
from ..logging import log_error
from .contacts import Contacts, Record
from .conversations import Conversations
from .failures import as_text, error_of, failure
from .journal import Journal
from .presence import CONNECT_SECONDS, Presence
from .protocol import Contact, ContactChanged, ContactRemoved, Message, Permission, Plugin, PluginsChanged
from .session import Session
from .uploads import Uploads

_T = TypeVar("_T")

SETTLE_SECONDS: Final = 0.05
BROUGHT_UP_AT_ONCE: Final = 8


class Backend:
    """Serves clients from a host, which stays the caller's. An async context manager; used from one event loop.

    Attributes:
        host: the host.
        journal: what clients are told.
        conversations: the conversations as clients see them.
        data: the folder where contacts and uploads are; None: they are gone with the server.
        uploads: files that clients gave.
    """

    def __init__(self, host: Host, data: Path | None = None, journal: Journal | None = None) -> None:
        """Reads the contacts; loads none. Errors: ConfigError."""
        self.host = host
        self.data = data
        self.journal = journal or Journal()
        self.contacts = Contacts(data)
        self.uploads = Uploads(data)
        self.conversations = Conversations(host, self.journal, self._added, self._seen)
        self._people: dict[str, Presence] = {}
        self._lock = threading.Lock()
        self._dirty: dict[str, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        for record in self.contacts.all():
            self._people[record.instance_id] = self._restore(record)

    def _restore(self, record: Record) -> Presence:
        presence = Presence(self.host, record, self.touch)
        try:
            presence.last = self.conversations.newest(record.instance_id)
            presence.unread = self.host.store.count_after(record.instance_id, record.read)
        except HistoryError as error:  # of this conversation; all others are served
            log_error(str(error))
        return presence

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Begins to load and connect what is wanted; does not wait for it."""
        self._loop = asyncio.get_running_loop()
        if self.contacts.fresh:
            self._meet_all()
        wanted = [presence for presence in self._people.values() if presence.record.enabled]
        # Whoever was talked to last is likely to be talked to next.
        wanted.sort(key=lambda presence: presence.last.created_at if presence.last else "", reverse=True)
        for presence in wanted:
            presence.waits = True
        waiting = iter(wanted)
        for _ in range(BROUGHT_UP_AT_ONCE):
            self.spawn(self._bring_up_each(waiting))
        self._schedule()

    def _meet_all(self) -> None:
        """Who has no contacts yet gets one of each plugin that can be used."""
        for folder in self.host.plugins:
            if folder.error is None and not folder.disabled and folder.manifest is not None:
                self.add(Record(instance_id=folder.id, plugin_id=folder.id, name=folder.manifest.name))

    async def _bring_up_each(self, waiting: Iterator[Presence]) -> None:
        for presence in waiting:
            if presence.waits:
                # One that hangs does not hold up those behind it for ever.
                await asyncio.wait([self.bring_up(presence)], timeout=CONNECT_SECONDS)

    def attend(self, presence: Presence) -> None:
        """Somebody looks at a contact: it need not wait for its turn."""
        if presence.waits:
            self.bring_up(presence)

    def bring_up(self, presence: Presence) -> asyncio.Task[None]:
        """Begins to load a contact, and to connect it where that is wanted."""
        presence.waits = False
        return self.spawn(self._bring_up(presence, connect=presence.record.wants_connection))

    async def _bring_up(self, presence: Presence, *, connect: bool) -> None:
        # What failed is told by the contact itself.
        with contextlib.suppress(Exception):
            if connect:
                await self.in_thread(presence.connect, CONNECT_SECONDS)
            else:
                await self.in_thread(presence.load)

    async def close(self) -> None:
        """Stops serving; the instances stay with the host."""
        self.conversations.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._flush()
        await asyncio.to_thread(self._save)
        self.uploads.close()
        self.contacts.close()

    def session(self, after: int | None = None, epoch: str = "") -> Session:
        """A new client: from now on, or from behind the event `after` of the epoch, where that can still be had."""
        return Session(self, after, epoch)

    # ---- for commands ----

    async def in_thread(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Runs a call that may block on a thread of its own."""
        return await asyncio.wrap_future(self.host.workers.submit(function, *arguments))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs a coroutine beside, until it ends or the backend is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def presence(self, instance_id: str) -> Presence:
        """The contact with an id. Errors: CommandFailed."""
        try:
            return self._people[instance_id]
        except KeyError:
            raise failure(
                Status.NOT_FOUND, f"contact {instance_id}", "there is no such contact; list them anew", instance_id
            ) from None

    def people(self) -> list[Presence]:
        """All contacts, in the order of adding."""
        return [self._people[record.instance_id] for record in self.contacts.all()]

    def contact(self, presence: Presence) -> Contact:
        """A contact as clients are shown it."""
        return presence.contact(self.conversations.open_requests(presence.id))

    def add(self, record: Record) -> Presence:
        """Adds a contact, and tells. Errors: CommandFailed where its id is taken."""
        if not self.contacts.add(record):
            raise failure(
                Status.INVALID_ARGUMENT, f"contact {record.instance_id}", "there is one with this id; choose another"
            )
        # A conversation from before, as in a terminal, counts as read.
        newest = self.conversations.newest(record.instance_id)
        record.read = newest.id if newest else ""
        presence = self._people[record.instance_id] = self._restore(record)
        self.keep(presence)
        return presence

    def remove(self, instance_id: str) -> None:
        """Takes a contact off, and tells."""
        self.contacts.remove(instance_id)
        if presence := self._people.pop(instance_id, None):
            presence.removed = True
        self.conversations.forget(instance_id)
        self.journal.publish(ContactRemoved(instance_id=instance_id))
        self._schedule()

    def plugins(self) -> list[Plugin]:
        """All plugins as clients are shown them."""
        return [_plugin(folder) for folder in self.host.plugins]

    def tell_plugins(self) -> list[Plugin]:
        """Tells all clients of the plugins."""
        plugins = self.plugins()
        self.journal.publish(PluginsChanged(plugins=plugins))
        return plugins

    # ---- what has changed ----

    def touch(self, instance_id: str) -> None:
        """A contact is shown in another way from now on: clients are told a moment later. From any thread."""
        with self._lock:
            waits = bool(self._dirty)
            self._dirty[instance_id] = None
        if not waits and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._schedule)

    def keep(self, presence: Presence) -> None:
        """What is kept of a contact has changed: it is saved, and clients are told, a moment later."""
        self.contacts.changed()
        self.touch(presence.id)

    def _schedule(self) -> None:
        if self._flushing is None or self._flushing.done():
            self._flushing = self.spawn(self._settle())

    async def _settle(self) -> None:
        """Changes come in crowds, as while it streams: the last of a crowd is told."""
        while True:
            self._flush()
            await self.in_thread(self._save)
            await asyncio.sleep(SETTLE_SECONDS)
            if not self._dirty:
                return

    def _flush(self) -> None:
        with self._lock:
            dirty, self._dirty = self._dirty, {}
        for instance_id in dirty:
            presence = self._people.get(instance_id)
            if presence is not None:
                self.journal.publish(ContactChanged(contact=self.contact(presence)))

    def _save(self) -> None:
        try:
            self.contacts.save()
        except PluginInterfacesError as error:
            log_error(str(error))

    def _added(self, instance_id: str, message: Message) -> None:
        presence = self._people.get(instance_id)
        if presence is not None:
            presence.note_message(message)

    def _seen(self, event: Event) -> None:
        presence = self._people.get(event.instance_id)
        if presence is None:
            return
        if isinstance(event, DisconnectRequestEvent):
            presence.record.wants_connection = False
            self.contacts.changed()
        if isinstance(event, StateEvent) and event.state == State.CONNECTED:
            presence.error = None
        self.touch(event.instance_id)


def _plugin(folder: PluginFolder) -> Plugin:
    error = None if folder.error is None else error_of(folder.error)
    manifest = folder.manifest
    if manifest is None:
        name = as_text(folder.id)
        return Plugin(plugin_id=name, name=name, enabled=not folder.disabled, error=error)
    return Plugin(
        plugin_id=manifest.id,
        name=manifest.name,
        version=manifest.version,
        description=manifest.description,
        author=manifest.author or "",
        category=manifest.category,
        tags=list(manifest.tags),
        enabled=not folder.disabled,
        permissions=[Permission(name=name, given=name not in folder.denied) for name in manifest.permissions],
        error=error,
    )
