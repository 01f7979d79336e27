"""Small parts that several panes use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element

__all__ = ["icon_button", "set_text"]


def icon_button(icon: str, name: str, on_click: Callable[[], Awaitable[None] | None] | None = None) -> ui.button:
    """A round button with a picture; its name is for the tooltip and for who cannot see it."""
    button = ui.button(icon=icon, on_click=on_click, color=None).props("flat round dense").classes("icon-button")
    button.props.update({"aria-label": name, "title": name})
    return button


def set_text(element: Element, text: str) -> None:
    """Plain text of an element of any tag."""
    if element._text != text:
        element._text = text
        element.update()
