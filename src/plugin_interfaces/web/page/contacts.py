"""The left pane: who there is, and the dialogs that add, rename and remove."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from zlib import crc32

from nicegui import background_tasks, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ..failures import CommandFailed
from ..protocol.commands import AddContact, ListPlugins
from ..protocol.records import Contact, Plugin
from ..session import Session
from .bubbles import milliseconds
from .notices import notify
from .texts import Texts

__all__ = ["ContactList", "add_contact", "ask_name", "ask_whether", "avatar_of"]

_INTERVAL: Final = 0.1
_SCRIPT_WORDS: Final = ("search", "no_contacts", "no_contacts_hint", "nothing_found", "title")


class _List(Element, component="contact_list.js"):
    """The list; see contact_list.js."""


class ContactList:
    """Shows the contacts and says which one was chosen; changes are drawn at most ten times a second."""

    def __init__(self, texts: Texts, on_choose: Callable[[str], Awaitable[None]]) -> None:
        self._texts = texts
        self._contacts: dict[str, Contact] = {}
        self._chosen = ""
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._list = _List().classes("contacts-frame")
        words = {word: getattr(texts, word) for word in _SCRIPT_WORDS}
        self._list.props.update({"texts": words, "lang": texts.code})
        self._list.on("ready", self._show)

        async def chosen(event: GenericEventArguments) -> None:
            await on_choose(event.args)

        self._list.on("choose", chosen)
        self._task = background_tasks.create(self._draw(), name="draw the contacts")

    def show(self, contacts: dict[str, Contact], chosen: str) -> None:
        """All of them."""
        self._contacts, self._chosen = contacts, chosen
        self._show()

    def _show(self, _: object = None) -> None:
        self._changed.clear()
        self._list.run_method("show", [self._row(contact) for contact in self._contacts.values()], self._chosen)

    def changed(self, instance_id: str) -> None:
        """A contact is new, or another than before."""
        self._changed.add(instance_id)
        self._wake.set()

    def removed(self, instance_id: str) -> None:
        """A contact is gone."""
        self._changed.discard(instance_id)
        self._list.run_method("remove", instance_id)

    def choose(self, instance_id: str) -> None:
        """This one is shown."""
        self._chosen = instance_id
        self._list.run_method("choose", instance_id)

    def close(self) -> None:
        """The page is gone."""
        self._task.cancel()

    async def _draw(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            rows = [self._row(self._contacts[name]) for name in self._changed if name in self._contacts]
            self._changed.clear()
            if rows:
                self._list.run_method("put", rows)
            await asyncio.sleep(_INTERVAL)

    def _row(self, contact: Contact) -> dict[str, Any]:
        texts = self._texts
        failed = contact.error is not None
        preview = texts.state(contact.state) if contact.last is None else _preview(contact.last.content)
        if contact.error is not None:
            preview = contact.error.message
        return {
            "id": contact.instance_id,
            "name": contact.name,
            "hue": _hue(contact.instance_id),
            "letter": _letter(contact.name),
            "state": "failed" if failed and contact.state != "connected" else contact.state,
            "state_text": texts.state(contact.state),
            "preview": preview,
            "time": milliseconds(contact.last.created_at) if contact.last else 0,
            "unread": contact.unread,
            "unread_text": texts.unread(contact.unread),
            "search": f"{contact.name} {contact.plugin_name} {contact.instance_id}",
        }


def _preview(content: str) -> str:
    return " ".join(content[:200].split())


def _letter(name: str) -> str:
    return name.strip()[:1].upper() or "?"


def _hue(instance_id: str) -> int:
    return crc32(instance_id.encode()) % 360


def avatar_of(contact: Contact, css: str = "") -> Element:
    """The square with the first letter of a contact."""
    with ui.element("span").classes(f"avatar {css}").style(f"--hue: {_hue(contact.instance_id)}") as avatar:
        ui.element("span")._text = _letter(contact.name)
    avatar.props["aria-hidden"] = "true"
    return avatar


# ---- dialogs ----


async def ask_whether(texts: Texts, title: str, text: str, yes: str) -> bool:
    """Asks before something that cannot be undone."""
    with ui.dialog() as dialog, ui.card().classes("dialog"):
        dialog.props["aria-label"] = title
        ui.label(title).classes("dialog-title")
        ui.label(text).classes("confirm-text")
        with ui.element("div").classes("confirm-actions"):
            ui.button(texts.cancel, on_click=lambda: dialog.submit(False)).props("flat no-caps autofocus")
            ui.button(yes, on_click=lambda: dialog.submit(True)).props("unelevated no-caps color=negative")
    answer = await dialog
    dialog.delete()
    return bool(answer)


async def ask_name(texts: Texts, name: str) -> str:
    """Asks for another name; "" where the person thinks better of it."""
    with ui.dialog() as dialog, ui.card().classes("dialog"):
        dialog.props["aria-label"] = texts.rename_title
        ui.label(texts.rename_title).classes("dialog-title")
        field = ui.input(texts.add_name, value=name).props("outlined dense autofocus maxlength=200").classes("w-field")
        field.on("keydown.enter", lambda: dialog.submit(field.value))
        with ui.element("div").classes("confirm-actions"):
            ui.button(texts.cancel, on_click=lambda: dialog.submit("")).props("flat no-caps")
            ui.button(texts.save, on_click=lambda: dialog.submit(field.value)).props("unelevated no-caps color=primary")
    answer = await dialog
    dialog.delete()
    return str(answer or "").strip()


async def add_contact(session: Session, texts: Texts) -> Contact | None:
    """Lets the person pick a plugin and a name, and makes the contact; None where nothing came of it."""
    try:
        plugins = (await session.call(ListPlugins(refresh=True))).plugins
    except CommandFailed as error:
        notify("error", str(error))
        return None
    with ui.dialog() as dialog, ui.card().classes("dialog"):
        picker = _Picker(texts, plugins, dialog.submit)
        dialog.props["aria-label"] = texts.add_title
    plugin_id = await dialog
    name = picker.name
    dialog.delete()
    if not plugin_id:
        return None
    try:
        return await session.call(AddContact(plugin_id=plugin_id, name=name))
    except CommandFailed as error:
        notify("error", str(error))
        return None


class _Picker:
    """What stands in the dialog of `add_contact`."""

    def __init__(self, texts: Texts, plugins: list[Plugin], submit: Callable[[str], None]) -> None:
        self._chosen = ""
        self._buttons: dict[str, Element] = {}
        ui.label(texts.add_title).classes("dialog-title")
        ui.label(texts.add_hint if plugins else texts.add_none).classes("confirm-text")
        choices = ui.element("div").classes("plugin-choices")
        choices.props.update({"role": "radiogroup", "aria-label": texts.add_hint})
        with choices:
            for plugin in plugins:
                self._offer(texts, plugin)
        self._field = ui.input(texts.add_name).props("outlined dense maxlength=200").classes("w-field")
        with ui.element("div").classes("confirm-actions"):
            ui.button(texts.cancel, on_click=lambda: submit("")).props("flat no-caps")
            self._add = ui.button(texts.add, on_click=lambda: submit(self._chosen))
            self._add.props("unelevated no-caps color=primary").disable()

    @property
    def name(self) -> str:
        """What was entered as the contact's name."""
        return (self._field.value or "").strip()

    def _offer(self, texts: Texts, plugin: Plugin) -> None:
        usable = plugin.error is None and plugin.enabled
        button = ui.element("button").classes("plugin-choice")
        button.props.update({"type": "button", "role": "radio", "aria-checked": "false", "disabled": not usable})
        with button:
            hue = _hue(plugin.plugin_id)
            with ui.element("span").classes("avatar small").style(f"--hue: {hue}") as avatar:
                ui.element("span")._text = _letter(plugin.name)
            avatar.props["aria-hidden"] = "true"
            with ui.element("span").classes("text"):
                ui.element("span").classes("name")._text = plugin.name
                if plugin.error is not None:
                    ui.element("span").classes("about wrong")._text = plugin.error.message
                else:
                    about = texts.state_disabled if not plugin.enabled else plugin.description
                    ui.element("span").classes("about")._text = about
        if usable:
            button.on("click", lambda: self._choose(plugin))
            self._buttons[plugin.plugin_id] = button

    def _choose(self, plugin: Plugin) -> None:
        self._chosen = plugin.plugin_id
        for plugin_id, button in self._buttons.items():
            button.props["aria-checked"] = str(plugin_id == self._chosen).lower()
        self._field.props["placeholder"] = plugin.name
        self._field.props["stack-label"] = True
        self._add.enable()
