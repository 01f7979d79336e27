"""The middle pane: the conversation with one contact."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any, Final

from nicegui import background_tasks, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments, UploadEventArguments

from ..failures import CommandFailed
from ..protocol.commands import (
    CancelStream,
    Command,
    GetHistory,
    ListContacts,
    PauseStream,
    ResumeStream,
    RetryMessage,
    SendMessage,
    StopRequest,
    Upload,
)
from ..protocol.events import (
    Event,
    HistoryCleared,
    PluginMessage,
    PluginStream,
    RequestEnded,
    RequestStarted,
)
from ..protocol.records import Contact
from ..security import MAX_BODY_BYTES
from ..session import Session
from .bubbles import Bubbles
from .markdown import prepare
from .notices import notify
from .texts import Texts

__all__ = ["Conversation"]

_PAGE: Final = 50
_INTERVAL: Final = 1 / 30
_LONGEST: Final = 0.25  # what waits after a long text was rendered at once is little
_SHARE: Final = 4  # rendering may take one part of the time in so many, and the page is left one part of what it takes
_SCRIPT_WORDS: Final = (
    *("conversation", "empty", "beginning", "loading", "today", "to_end", "you", "plugin", "message", "send", "attach"),
    *("copy", "copied", "retry", "pause", "resume", "stop", "is_active", "is_paused", "is_error", "is_cancelled"),
)


class Transcript(Element, component="transcript.js"):
    """The messages; see transcript.js."""


class Composer(Element, component="composer.js"):
    """Where a message is written; see composer.js."""


class Conversation:
    """Shows one conversation at a time, and draws what comes at most 30 times a second.

    A page that is slower than its events is sent no more until it has drawn what it has: what comes meanwhile is put
    together.
    """

    def __init__(self, session: Session, texts: Texts) -> None:
        self._session = session
        self._texts = texts
        self._contact: Contact | None = None
        self._bubbles = Bubbles()
        self._held: list[Event] | None = None
        self._wake = asyncio.Event()
        words = {word: getattr(texts, word) for word in _SCRIPT_WORDS}

        self._transcript = Transcript()
        self._transcript.props.update({"texts": words, "lang": texts.code})
        self._transcript.on("ready", self.reload)
        self._transcript.on("older", self._older)
        self._transcript.on("act", self._act)
        self._uploader = ui.upload(
            auto_upload=True, multiple=True, max_file_size=MAX_BODY_BYTES, on_upload=self._uploaded
        ).classes("hidden-upload")
        with ui.element("div").classes("composer-frame"):
            self._composer = Composer()
        self._composer.props.update({"texts": words, "uploader": self._uploader.id, "contact": "", "ready": False})
        self._composer.on("send", self._send)
        self._task = background_tasks.create(self._draw(), name="draw a conversation")

    # ---- which contact ----

    def show(self, contact: Contact) -> None:
        """From now on the conversation with this contact; the same one again where it has changed."""
        before, self._contact = self._contact, contact
        ready = contact.state == "connected"
        hint = (self._texts.write_to if ready else self._texts.connect_first).format(contact.name)
        props = {
            "contact": contact.instance_id,
            "ready": ready,
            "hint": hint,
            "accepts": ",".join(contact.accepts) or None,
        }
        if any(self._composer.props.get(name) != value for name, value in props.items()):
            with self._composer.props.suspend_updates():
                self._composer.props.update(props)
            self._composer.update()
            self._uploader.props["accept"] = props["accepts"]
        if before is None or before.instance_id != contact.instance_id:
            self.reload()

    def close(self) -> None:
        """The page is gone."""
        self._task.cancel()

    def focus(self) -> None:
        """Puts the caret into the message field."""
        self._composer.run_method("focus")

    def reload(self, _: object = None) -> None:
        """Fetches what is shown anew."""
        if self._contact is None:
            return
        self._held = []
        self._bubbles = Bubbles()
        work = self._load(self._bubbles, self._contact.instance_id)
        background_tasks.create(work, name="load a conversation")

    async def _load(self, bubbles: Bubbles, instance_id: str) -> None:
        try:
            page = await self._session.call(GetHistory(instance_id=instance_id, limit=_PAGE))
            # What the page knows of the contact may be older than the history.
            contacts = (await self._session.call(ListContacts())).contacts
        except CommandFailed as error:
            self._tell(error)
            shown = {"messages": [], "more": False, "empty": str(error)}
        else:
            requests = next((one.open_requests for one in contacts if one.instance_id == instance_id), [])
            await prepare([message.content for message in page.messages])
            messages = bubbles.of_page(page, requests)
            shown = {"messages": messages, "more": page.more, "empty": self._texts.empty}
        if bubbles is not self._bubbles:
            return
        self._transcript.run_method("reset", shown)
        self._let_go()

    async def _older(self, event: GenericEventArguments) -> None:
        if self._contact is None or self._held is not None:
            return
        instance_id, bubbles = self._contact.instance_id, self._bubbles
        self._held = []
        try:
            page = await self._session.call(GetHistory(instance_id=instance_id, limit=_PAGE, before=event.args or ""))
        except CommandFailed as error:
            self._tell(error)
            page = None
        if bubbles is not self._bubbles:
            return
        if page is not None:
            await prepare([message.content for message in page.messages])
            messages = [bubbles.of_history(message, page.sequence) for message in page.messages]
            self._transcript.run_method("older", {"messages": messages, "more": page.more})
        self._let_go()

    def _let_go(self) -> None:
        """What happened while a page of the history was fetched."""
        held, self._held = self._held or [], None
        for event in held:
            self.handle(event)

    # ---- events ----

    def handle(self, event: Event) -> None:
        """Takes an event of the conversation that is shown; others are no business of this pane."""
        instance_id = getattr(event, "instance_id", None)
        if self._contact is None or instance_id != self._contact.instance_id:
            return
        if self._held is not None:
            self._held.append(event)
        else:
            self._take(event)

    def _take(self, event: Event) -> None:
        if event.sequence <= self._bubbles.since:
            return
        match event:
            case RequestStarted():
                self._bubbles.request_started(event)
            case RequestEnded():
                self._bubbles.request_ended(event)
            case PluginMessage():
                self._bubbles.message(event)
            case PluginStream():
                self._bubbles.stream(event)
            case HistoryCleared():
                self.reload()
        self._wake.set()

    async def _draw(self) -> None:
        client = self._transcript.client
        while True:
            await self._wake.wait()
            self._wake.clear()
            begin, used = time.monotonic(), time.thread_time()
            steps = self._bubbles.take_steps()
            # Its own work alone: that others hold it up is no reason to draw less often.
            cost = time.thread_time() - used
            if steps:
                try:
                    await self._transcript.run_method("apply", steps, timeout=10)
                except TimeoutError:
                    # The page is gone for now; when it is back, it gets all anew.
                    with contextlib.suppress(TimeoutError):
                        await client.connected(timeout=60)
                    self.reload()
            took = time.monotonic() - begin
            await asyncio.sleep(
                max(_INTERVAL - took, min(cost * _SHARE, _LONGEST) - took, min(took / _SHARE, _LONGEST))
            )
            if self._bubbles.waiting:
                self._wake.set()

    # ---- what the person does ----

    async def _send(self, event: GenericEventArguments) -> None:
        if self._contact is not None:
            await self._call(SendMessage(instance_id=self._contact.instance_id, content=event.args))

    async def _act(self, event: GenericEventArguments) -> None:
        name, message_id = event.args
        await self.act(name, message_id)

    async def act(self, name: str, message_id: str) -> None:
        """Does to a message what its button says: retry, pause, resume or stop."""
        if self._contact is None:
            return
        instance_id = self._contact.instance_id
        stream_id = self._bubbles.streams.get(message_id, "")
        request_id = self._bubbles.requests.get(message_id, "")
        command: Command[Any] | None = None
        if name == "retry":
            command = RetryMessage(instance_id=instance_id, message_id=message_id)
        elif name == "stop" and request_id:
            command = StopRequest(instance_id=instance_id, request_id=request_id)
        elif stream_id:
            kinds = {"stop": CancelStream, "pause": PauseStream, "resume": ResumeStream}
            command = kinds[name](instance_id=instance_id, stream_id=stream_id)
        if command is not None:
            await self._call(command)

    async def stop_last(self) -> None:
        """Stops what came last and is not finished."""
        if self._bubbles.open:
            await self.act("stop", self._bubbles.open[-1])

    async def _uploaded(self, event: UploadEventArguments) -> None:
        if self._contact is None:
            return
        data = await event.file.read()
        await self._call(Upload(instance_id=self._contact.instance_id, name=event.file.name, data=data))
        self._uploader.reset()

    async def _call(self, command: Command[Any]) -> None:
        try:
            await self._session.call(command)
        except CommandFailed as error:
            self._tell(error)

    def _tell(self, error: CommandFailed) -> None:
        with self._transcript:
            notify("error", str(error))
