"""The page: three panes, and how what happens reaches them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI, Request
from nicegui import Client, background_tasks, ui
from nicegui import app as nicegui_app
from nicegui.events import GenericEventArguments
from nicegui.language import Language

from ..failures import CommandFailed
from ..protocol.commands import (
    ClearHistory,
    Command,
    Connect,
    DisableContact,
    Disconnect,
    EnableContact,
    ExportHistory,
    ListContacts,
    MarkRead,
    Reload,
    RemoveContact,
    RenameContact,
)
from ..protocol.events import ContactChanged, ContactRemoved, Event, EventsLost, PluginReport, PluginUiRefreshed
from ..protocol.records import Contact
from ..session import Session
from .buttons import icon_button
from .contacts import ContactList, add_contact, ask_name, ask_whether
from .conversation import Conversation
from .header import Header
from .notices import notify
from .settings import SettingsPanel
from .texts import CHINESE, ENGLISH, Texts, texts_for

__all__ = ["mount"]

_LOADED: Final = ("disconnected", "connecting", "connected", "disconnecting")
_TOLD_BY_CONTACT: Final = ("connect", "disconnect", "reload", "enable")  # where they fail, the contact's error says so
_THEMES: Final[dict[str, bool | None]] = {"auto": None, "light": False, "dark": True}
_LANGUAGES: Final[dict[str, Language]] = {"en": "en-US", "zh": "zh-CN"}


def mount(app: FastAPI, open_session: Callable[[], Session]) -> None:
    """Puts the page at `/` of an application; each page that is opened has a session of its own."""
    style = (files(__package__) / "theme.css").read_text("utf-8")
    script = (files(__package__) / "page.js").read_text("utf-8")
    # NiceGUI knows language and theme of a page as a whole; here the browser decides about both.
    looks = {
        (texts.code, theme): ui.page("/", title=texts.title, language=_LANGUAGES[texts.code], dark=dark)
        for texts in (ENGLISH, CHINESE)
        for theme, dark in _THEMES.items()
    }

    @ui.page("/", title=ENGLISH.title)
    async def page(request: Request, client: Client, contact: str = "") -> None:
        texts = texts_for(request.headers.get("accept-language", ""))
        theme = request.cookies.get("theme", "auto")
        client.page = looks[texts.code, theme if theme in _THEMES else "auto"]
        ui.add_css(style)
        ui.add_body_html(f"<script>{script}</script>")
        ui.colors(primary="#4f46e5", negative="#b3261e")
        built = Page(open_session(), texts)
        client.on_connect(lambda: ui.run_javascript("tellLooks()"))
        client.on_delete(built.close)
        await built.open(contact)

    # Nothing here takes so long that a bar at the top would tell anything.
    nicegui_app.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.run_with(
        app, title=ENGLISH.title, favicon="💬", reconnect_timeout=30.0, tailwind=False, show_welcome_message=False
    )


class Page:
    """One browser's page."""

    def __init__(self, session: Session, texts: Texts) -> None:
        self._session = session
        self._texts = texts
        self._contacts: dict[str, Contact] = {}
        self._chosen = ""
        self._loaded = False
        self._seen = False
        self._settings_shown = True
        self._task: asyncio.Task[None] | None = None
        with ui.element("div").classes("shell") as self._shell:
            with ui.element("nav").classes("pane pane-contacts") as nav:
                nav.props["aria-label"] = texts.contacts
                self._build_contacts()
            with ui.element("main").classes("pane pane-chat"):
                self._build_chat()
            with ui.element("aside").classes("pane pane-settings") as aside:
                aside.props["aria-label"] = texts.settings
                self._build_settings()
        self._choose_nobody()
        ui.on("shortcut", self._shortcut)
        ui.on("seen", self._see)
        ui.on("settings", lambda event: self._show_settings(bool(event.args)))
        ui.on("dark", lambda event: self._settings.set_dark(bool(event.args)))

    # ---- layout ----

    def _build_contacts(self) -> None:
        texts = self._texts
        with ui.element("div").classes("pane-head"):
            ui.element("h1").classes("grow")._text = texts.contacts
            icon_button("add", texts.add, self._add).mark("add-contact")
        self._list = ContactList(texts, self._choose)
        with ui.element("div").classes("pane-foot"):
            with icon_button("contrast", texts.theme), ui.menu().props("auto-close"):
                for name, word in (
                    ("auto", texts.theme_auto),
                    ("light", texts.theme_light),
                    ("dark", texts.theme_dark),
                ):
                    ui.menu_item(word, lambda name=name: self._set_theme(name))
            icon_button("keyboard", texts.keys, self._show_keys).classes("keys-button")

    def _build_chat(self) -> None:
        texts = self._texts
        with ui.element("div").classes("hero") as self._hero:
            ui.icon("forum").props["aria-hidden"] = "true"
            ui.label(texts.choose).classes("notice-title")
            ui.label(texts.choose_hint)
        with ui.element("div").classes("chat-frame") as self._chat:
            self._header = Header(texts, self._do, self._back)
            self._conversation = Conversation(self._session, texts)
            veil = ui.element("div").classes("drop-veil")
            veil._text = texts.drop
            veil.props["aria-hidden"] = "true"

    def _build_settings(self) -> None:
        texts = self._texts
        with ui.element("div").classes("pane-head"):
            ui.element("h2").classes("grow")._text = texts.settings
            close = icon_button("close", texts.hide_settings).classes("close-settings")
            close.on("click", js_handler="() => toggleSettings()")
        self._settings = SettingsPanel(self._session, texts)

    def _choose_nobody(self) -> None:
        self._chosen = ""
        self._hero.set_visibility(True)
        self._chat.set_visibility(False)
        self._shell.classes(remove="has-chat")
        self._settings.show("")

    # ---- life ----

    async def open(self, chosen: str) -> None:
        """Shows what there is, and from now on what happens."""
        await self._fetch()
        self._task = background_tasks.create(self._follow(), name="follow the events")
        if chosen in self._contacts:
            await self._choose(chosen)

    async def close(self) -> None:
        """The browser is gone for good."""
        if self._task is not None:
            self._task.cancel()
        self._list.close()
        self._conversation.close()
        self._settings.close()
        self._session.close()

    async def _fetch(self) -> None:
        contacts = (await self._session.call(ListContacts())).contacts
        self._contacts = {contact.instance_id: contact for contact in contacts}
        self._list.show(self._contacts, self._chosen)

    async def _follow(self) -> None:
        async for events in self._session.batches():
            with self._shell:
                for event in events:
                    await self._handle(event)

    async def _handle(self, event: Event) -> None:
        match event:
            case ContactChanged(contact=contact):
                self._contacts[contact.instance_id] = contact
                self._list.changed(contact.instance_id)
                if contact.instance_id == self._chosen:
                    await self._show_contact(contact)
            case ContactRemoved(instance_id=instance_id):
                self._contacts.pop(instance_id, None)
                self._list.removed(instance_id)
                if instance_id == self._chosen:
                    self._choose_nobody()
            case PluginUiRefreshed(instance=instance_id):
                if instance_id == self._chosen and self._settings_shown:
                    self._settings.refresh()
            case PluginReport(error=error):
                if error.instance_id == self._chosen:
                    notify("warning", f"{error.what}: {error.message}")
            case EventsLost():
                await self._fetch()
                self._conversation.reload()
                self._settings.refresh()
                notify("warning", self._texts.lost)
            case _:
                self._conversation.handle(event)

    # ---- which contact ----

    async def _choose(self, instance_id: str) -> None:
        contact = self._contacts.get(instance_id)
        if contact is None:
            return
        if instance_id != self._chosen:
            self._loaded = False
            self._settings.show("")
        self._chosen = instance_id
        self._hero.set_visibility(False)
        self._chat.set_visibility(True)
        self._shell.classes("has-chat")
        self._list.choose(instance_id)
        ui.run_javascript(f"history.replaceState(null, '', '?contact=' + encodeURIComponent({instance_id!r}))")
        await self._show_contact(contact)
        self._conversation.focus()

    async def _show_contact(self, contact: Contact) -> None:
        self._header.show(contact)
        self._conversation.show(contact)
        loaded = contact.state in _LOADED
        if loaded != self._loaded:
            self._loaded = loaded
            self._settings.show(contact.instance_id if loaded and self._settings_shown else "")
        if contact.unread and self._seen:
            await self._do(MarkRead(instance_id=contact.instance_id))

    def _back(self) -> None:
        self._shell.classes(remove="has-chat")
        self._choose_nobody()
        self._list.choose("")
        ui.run_javascript("history.replaceState(null, '', '/')")

    async def _see(self, event: GenericEventArguments) -> None:
        self._seen = bool(event.args)
        contact = self._contacts.get(self._chosen)
        if self._seen and contact is not None and contact.unread:
            await self._do(MarkRead(instance_id=contact.instance_id))

    # ---- what the person does ----

    async def _do(self, command: Command[Any] | str) -> None:
        """Carries out a command, or an entry of the contact's menu; the person is told where it fails."""
        try:
            if isinstance(command, str):
                await self._menu(command, self._contacts[self._chosen])
            else:
                await self._session.call(command)
        except CommandFailed as error:
            if command not in _TOLD_BY_CONTACT:
                notify("error", str(error))

    async def _menu(self, entry: str, contact: Contact) -> None:
        texts, instance_id = self._texts, contact.instance_id
        call = self._session.call
        match entry:
            case "connect":
                await call(Connect(instance_id=instance_id))
            case "disconnect":
                await call(Disconnect(instance_id=instance_id))
            case "reload":
                await call(Reload(instance_id=instance_id))
            case "enable":
                await call(EnableContact(instance_id=instance_id))
            case "disable":
                await call(DisableContact(instance_id=instance_id))
            case "rename":
                if name := await ask_name(texts, contact.name):
                    await call(RenameContact(instance_id=instance_id, name=name))
            case "clear":
                title = texts.clear_title.format(contact.name)
                if await ask_whether(texts, title, texts.clear_text, texts.clear.rstrip("…")):
                    await call(ClearHistory(instance_id=instance_id))
            case "remove":
                title = texts.remove_title.format(contact.name)
                if await ask_whether(texts, title, texts.remove_text, texts.remove.rstrip("…")):
                    await call(RemoveContact(instance_id=instance_id, forget=True))
            case "markdown" | "json":
                file = await call(ExportHistory(instance_id=instance_id, format=entry))
                ui.download.content(file.content, file.name, file.media_type)

    async def _add(self) -> None:
        contact = await add_contact(self._session, self._texts)
        if contact is not None:
            self._contacts[contact.instance_id] = contact
            self._list.changed(contact.instance_id)
            await self._choose(contact.instance_id)

    def _show_settings(self, shown: bool) -> None:
        self._settings_shown = shown
        self._shell.classes("settings-on" if shown else "settings-off", remove="settings-on settings-off")
        self._settings.show(self._chosen if shown and self._loaded else "")

    def _set_theme(self, name: str) -> None:
        age = 60 * 60 * 24 * 365
        ui.run_javascript(
            f"document.cookie = 'theme={name}; path=/; max-age={age}; SameSite=Strict'; location.reload()"
        )

    def _show_keys(self) -> None:
        with ui.dialog(value=True) as dialog, ui.card().classes("dialog"):
            dialog.props["aria-label"] = self._texts.keys
            dialog.on("hide", dialog.delete)
            ui.label(self._texts.keys).classes("dialog-title")
            with ui.element("dl").classes("key-rows"):
                for keys, what in self._texts.keys_rows:
                    with ui.element("dt"):
                        ui.element("kbd")._text = keys
                    ui.element("dd")._text = what
            with ui.element("div").classes("confirm-actions"):
                ui.button(self._texts.close, on_click=dialog.close).props("flat no-caps autofocus")

    async def _shortcut(self, event: GenericEventArguments) -> None:
        if event.args == "stop":
            await self._conversation.stop_last()
        elif event.args == "keys":
            self._show_keys()
