"""One contact while the server runs: its instance, what is being done with it, and how clients are shown it.

The calls that load, connect and end it may take as long as the plugin likes: they are for threads that may hang.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from .._abi import State, Status
from ..config import ConfigField, UserValues
from ..errors import ClosedError, LoadError, PluginInterfacesError
from ..host import Host, Instance
from ..pluginui import Frame
from .contacts import Record
from .conversations import preview
from .failures import error_of, failure
from .protocol import Contact, ContactState, Error, GetUi, Message, UiEvent

InThread: TypeAlias = Callable[..., Awaitable[Any]]
"""Backend.in_thread."""

UI_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 30.0
_HANGS: Final = "the plugin has not returned yet; wait for it, or reload it to give it up"


class Presence:
    """A contact and its instance. Any thread may use it.

    Attributes:
        record: what is kept of it.
        instance: what is loaded; None while nothing is.
        error: of the last load, connect or disconnect, where that failed.
        unread, last: see Contact.
        removed: the person has taken it off; what is still being loaded for it is ended.
        waits: for its turn to be brought up; nobody has decided about it meanwhile.
    """

    def __init__(self, host: Host, record: Record, changed: Callable[[str], None]) -> None:
        """`changed` is called with the id when the contact is shown in another way from now on."""
        self.record = record
        self.instance: Instance | None = None
        self.error: Error | None = None
        self.unread = 0
        self.last: Message | None = None
        self.removed = False
        self.waits = False
        self._host = host
        self._changed = changed
        self._idle = threading.Condition()
        self._doing: ContactState | None = None
        self._doing_token: object = None
        self._hanging: set[Instance] = set()

    @property
    def id(self) -> str:
        """The instance's id."""
        return self.record.instance_id

    # ---- how it is shown ----

    def state(self) -> ContactState:
        """What clients are shown."""
        doing = self._doing
        connected = self._is(State.CONNECTED)
        if doing is not None and not (doing == "connecting" and connected):
            return doing
        if self._alive() is not None:
            return "connected" if connected else "disconnected"
        if not self.record.enabled:
            return "disabled"
        return "failed" if self.error is not None else "unloaded"

    def contact(self, open_requests: list[str]) -> Contact:
        """As clients are shown it."""
        contact = Contact(
            instance_id=self.id,
            plugin_id=self.record.plugin_id,
            name=self.record.name,
            plugin_name=self.record.plugin_id,
            state=self.state(),
            enabled=self.record.enabled,
            wants_connection=self.record.wants_connection,
            error=self.error,
            unread=self.unread,
            last=self.last,
            open_requests=open_requests,
        )
        with contextlib.suppress(PluginInterfacesError):
            manifest = self._host.find(self.record.plugin_id).required_manifest
            contact.plugin_name, contact.version = manifest.name, manifest.version
            contact.description, contact.accepts = manifest.description, list(manifest.accepts)
        return contact

    def note_message(self, message: Message) -> None:
        """A message was added, or has ended."""
        self.last = preview(message)
        if message.role != "user":
            self.unread += 1
        self._changed(self.id)

    def note_read(self, message_id: str) -> None:
        """The person has seen everything, up to a message."""
        self.unread = 0
        self.record.read = message_id
        self._changed(self.id)

    # ---- its instance ----

    def _alive(self) -> Instance | None:
        instance = self.instance
        return instance if instance is not None and instance.state != State.GONE else None

    def _is(self, state: State) -> bool:
        return self.instance is not None and self.instance.state == state

    def loaded(self) -> Instance:
        """The instance. Errors: CommandFailed, which says why there is none."""
        instance = self._alive()
        if instance is not None:
            return instance
        state = self.state()
        reasons = {
            "disabled": "it is switched off; enable it first",
            "loading": "it is being loaded; wait for that",
            "unloaded": "it is loaded when its turn comes; wait for that"
            if self.waits
            else "it is not loaded; reload it",
            "failed": f"it could not be loaded: {self.error and self.error.message}. Reload it when that is mended",
        }
        raise failure(
            Status.NOT_CONNECTED, f"plugin {self.id}", reasons.get(state, "it is not loaded; reload it"), self.id
        )

    @contextlib.contextmanager
    def _at(
        self,
        doing: ContactState,
        *,
        wait: float | None = None,
        over: bool = False,
        unless: Callable[[], object] = lambda: False,
    ) -> Iterator[None]:
        """While something is done with it.

        What else is done with it is waited for, `wait` seconds. `over`: at once, also where that hangs perhaps.
        `unless`: where this is true by then, nothing is left to do, and nobody is told of it.
        """
        token = object()
        with self._idle:
            if not over and not self._idle.wait_for(lambda: self._doing is None, wait):
                reason = f"it is still {self._doing}; wait for that, or reload it to give it up"
                raise failure(Status.TIMEOUT, f"plugin {self.id}", reason, self.id)
            if not unless():
                self._doing, self._doing_token = doing, token
        self._changed(self.id)
        error = None
        try:
            yield
        except Exception as failed:
            error = error_of(failed, self.id)
            raise
        finally:
            with self._idle:
                # Another one has gone over this one, and tells how it went itself.
                if self._doing_token is token:
                    self._doing = self._doing_token = None
                    self.error = error
                    self._idle.notify_all()
            self._changed(self.id)

    def load(self, timeout: float | None = CONNECT_SECONDS) -> Instance:
        """Loads it where it is not; where that is being done, it is waited for. Errors: LoadError, CommandFailed."""
        instance = self._alive()
        if instance is not None and self._doing != "loading":
            return instance
        with self._at("loading", wait=timeout, unless=lambda: self._alive() or not self._is_wanted()):
            return self._load() if self._alive() is None and self._is_wanted() else self.loaded()

    def _is_wanted(self) -> bool:
        """The person may have decided otherwise while something else was waited for."""
        return self.record.enabled and not self.removed

    def _load(self) -> Instance:
        self.instance = self._host.load(self.record.plugin_id, self.id)
        if not self._is_wanted():
            self._unload()
            reason = "removed" if self.removed else "switched off"
            raise ClosedError(f"plugin {self.id}", f"the contact was {reason} meanwhile")
        return self.instance

    def connect(self, timeout: float | None) -> None:
        """Connects it, and loads it before where it is not. Errors: those of load and Instance.connect."""
        instance = self.load(timeout)
        if instance.connected:
            return
        with self._at("connecting", wait=timeout):
            if not instance.connected:
                instance.connect(timeout)

    def disconnect(self, timeout: float | None) -> None:
        """Disconnects it where it is connected. Errors: those of Instance.disconnect."""
        with self._at("disconnecting", wait=timeout):
            instance = self._alive()
            if instance is not None and instance.connected:
                instance.disconnect(timeout)

    def unload(self) -> None:
        """Ends the instance where there is one; one that hangs is given up. Errors: PluginInterfacesError."""
        with self._at("disconnecting", over=True):
            self._unload()

    def _unload(self) -> None:
        try:
            instance = self._host.instance(self.id)
        except LoadError:
            return
        try:
            self._host.unload(instance)
        except ClosedError:
            pass
        except PluginInterfacesError:
            # Given up, with a report in the log: it is gone all the same.
            if instance.state != State.GONE:
                raise

    def reload(self, timeout: float | None) -> None:
        """Loads it from what is on disk now; connected where it was or is wanted to be. Errors: of load and connect."""
        with self._at("loading", over=True):
            self._unload()
            # It may have been compiled, or mended, since it was found.
            self._host.discover()
            self._load()
        if self.record.wants_connection:
            self.connect(timeout)

    def fields(self) -> Mapping[str, ConfigField]:
        """The settings that the manifest declares. Errors: LoadError."""
        return self._host.find(self.record.plugin_id).required_manifest.config

    def values(self) -> UserValues:
        """The values of them, also while it is not loaded. Errors: LoadError."""
        instance = self._alive()
        if instance is not None:
            return instance.config
        folder = self._host.find(self.record.plugin_id)
        return UserValues(folder.path, self.id, folder.required_manifest)

    async def draw(self, in_thread: InThread, command: GetUi | UiEvent) -> Frame:
        """Draws its settings, after an event where there is one.

        Errors: those of Instance.ui_event, and CommandFailed where the plugin hangs.
        """
        instance = self.loaded()
        # A thread that hangs is left behind once, not once for each time that somebody looks.
        if instance in self._hanging:
            raise failure(Status.INVALID_STATE, f"plugin {self.id}, settings", _HANGS, self.id)
        drawing: asyncio.Future[Frame] = asyncio.ensure_future(in_thread(_draw, instance, command))
        # Whoever asked may have gone by then.
        late = asyncio.get_running_loop().call_later(UI_SECONDS, self._hanging.add, instance)
        drawing.add_done_callback(lambda _: self._returned(instance, drawing, late))
        done, _ = await asyncio.wait([drawing], timeout=UI_SECONDS)
        if not done:
            raise failure(Status.TIMEOUT, f"plugin {self.id}, settings", _HANGS, self.id)
        return drawing.result()

    def _returned(self, instance: Instance, drawing: asyncio.Future[Frame], late: asyncio.TimerHandle) -> None:
        late.cancel()
        self._hanging.discard(instance)
        if not drawing.cancelled():
            drawing.exception()  # perhaps nobody waits for it any more


def _draw(instance: Instance, command: GetUi | UiEvent) -> Frame:
    if isinstance(command, GetUi):
        return instance.ui(command.base, dark=command.dark)
    try:
        number = int(command.widget_id, 16)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 64:
        raise failure(Status.INVALID_ARGUMENT, "widget_id", "it is not the id of a widget", instance.id)
    return instance.ui_event(
        number,
        command.value,
        clicked=command.clicked,
        submitted=command.submitted,
        revision=command.revision,
        base=command.base,
        dark=command.dark,
    )
