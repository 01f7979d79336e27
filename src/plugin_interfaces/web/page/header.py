"""The head of a conversation: who it is with, what can be done about it, and what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from ..protocol.commands import Command
from ..protocol.records import Contact
from .buttons import icon_button, set_text
from .contacts import avatar_of
from .texts import Texts

__all__ = ["Header"]

Do = Callable[[Command[Any] | str], Awaitable[None]]


class Header:
    """Shows one contact at a time. What the person picks is told to `do`, by its name."""

    def __init__(self, texts: Texts, do: Do, on_back: Callable[[], None]) -> None:
        self._texts = texts
        self._do = do
        self._shown: tuple[object, ...] = ()
        self._wish = "connect"
        with ui.element("div").classes("pane-head"):
            icon_button("arrow_back", texts.back, on_back).classes("only-narrow back-button")
            self._avatar = ui.element("span")
            with ui.element("div").classes("head-title grow"):
                self._name = ui.element("h2")
                self._state = ui.element("span").classes("head-state")
            self._state.props["role"] = "status"
            self._connect = ui.button(on_click=lambda: self._do(self._wish)).props("no-caps unelevated dense")
            self._connect.classes("connect-button").mark("connect")
            with icon_button("more_vert", texts.more).classes("more-button"):
                self._menu = ui.menu().props("auto-close")
            settings = icon_button("tune", texts.show_settings).classes("settings-button")
            settings.on("click", js_handler="() => toggleSettings()")
        self._banner = ui.element("div").classes("banner")
        self._banner.props["role"] = "alert"

    def show(self, contact: Contact) -> None:
        """Shows a contact; nothing is touched where nothing of this is new."""
        shown = (contact.instance_id, contact.name, contact.state, contact.enabled, contact.error)
        if shown == self._shown:
            return
        self._shown = shown
        texts = self._texts
        self._avatar.clear()
        with self._avatar:
            avatar_of(contact, "small")
        set_text(self._name, contact.name)
        about = [texts.state(contact.state)]
        if contact.name != contact.plugin_name:
            about.append(contact.plugin_name)
        set_text(self._state, " · ".join(about))
        self._show_connect(contact)
        self._fill_menu(contact)
        self._show_banner(contact)

    def _show_connect(self, contact: Contact) -> None:
        texts = self._texts
        connected = contact.state in ("connected", "disconnecting")
        self._wish = "disconnect" if connected else "connect"
        if contact.state == "disabled":
            self._wish = "enable"
        self._connect.set_text(getattr(texts, self._wish))
        self._connect.props["flat"] = connected
        self._connect.props["color"] = "primary"
        self._connect.set_enabled(contact.state in ("connected", "disconnected", "unloaded", "failed", "disabled"))

    def _fill_menu(self, contact: Contact) -> None:
        texts = self._texts
        self._menu.clear()
        with self._menu:
            self._entry("rename", texts.rename)
            if contact.enabled:
                self._entry("reload", texts.reload)
            self._entry(*(("disable", texts.disable) if contact.enabled else ("enable", texts.enable)))
            ui.separator()
            self._entry("markdown", texts.export_markdown)
            self._entry("json", texts.export_json)
            self._entry("clear", texts.clear)
            ui.separator()
            self._entry("remove", texts.remove)

    def _entry(self, name: str, word: str) -> None:
        ui.menu_item(word, lambda: self._do(name)).mark(f"menu-{name}")

    def _show_banner(self, contact: Contact) -> None:
        self._banner.clear()
        self._banner.set_visibility(contact.error is not None)
        if contact.error is None:
            return
        with self._banner:
            ui.icon("error_outline", size="20px").props["aria-hidden"] = "true"
            with ui.element("span").classes("text"):
                ui.element("span").classes("what")._text = contact.error.what
                ui.element("span")._text = contact.error.message
            if contact.enabled:
                again = "connect" if contact.state == "disconnected" else "reload"
                word = self._texts.try_again
                ui.button(word, on_click=lambda: self._do(again)).props("flat dense no-caps color=negative")
