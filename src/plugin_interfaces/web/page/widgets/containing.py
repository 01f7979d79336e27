"""Widgets that hold others, and the question that stands in front of all."""

from __future__ import annotations

from nicegui import ui
from nicegui.element import Element

from ....pluginui import Widget
from .base import Stack, View, named


class _Container(View):
    css = ""

    def build(self, widget: Widget) -> Element:
        self.children = Stack().classes(self.css)
        return self.children

    def refresh(self, widget: Widget) -> None:
        """It has nothing of its own."""

    def enable(self, enabled: bool) -> None:
        """Its children say it for themselves."""


@named("vertical")
class Vertical(_Container):
    """One below the other."""

    css = "w-vertical"


@named("horizontal")
class Horizontal(_Container):
    """Side by side, in a new row where there is no room."""

    css = "w-horizontal"


@named("grid")
class Grid(_Container):
    """In columns."""

    css = "w-grid"

    def refresh(self, widget: Widget) -> None:
        self.element.style(f"--columns: {max(1, widget.columns)}")


@named("collapsing")
class Collapsing(_Container):
    """A part that the person opens and closes; the plugin says only how it is at first."""

    def build(self, widget: Widget) -> Element:
        self.expansion = ui.expansion(widget.label, value=widget.open).props("dense").classes("w-collapsing")
        with self.expansion:
            self.children = Stack().classes("w-vertical")
        return self.expansion

    def refresh(self, widget: Widget) -> None:
        if self.expansion.text != widget.label:
            self.expansion.set_text(widget.label)


@named("tabs")
class Tabs(_Container):
    """Pages of which the plugin draws the present one."""

    def build(self, widget: Widget) -> Element:
        with ui.element("div").classes("w-tabs") as element:
            self.bar = ui.tabs().props("dense no-caps align=left inline-label outside-arrows mobile-arrows")
            self.bar.on_value_change(lambda event: self._turned(event.value))
            self.children = Stack().classes("w-vertical tab-page")
            self.children.props["role"] = "tabpanel"
        self._pages: list[tuple[str, str]] = []
        self.shown = ""
        return element

    def _turned(self, value: object) -> None:
        if isinstance(value, str) and value != self.shown:
            self.shown = value
            self.operate(value)

    def refresh(self, widget: Widget) -> None:
        pages = [(choice.value, choice.label) for choice in widget.choices]
        if pages != self._pages:
            self._pages = pages
            self.bar.clear()
            with self.bar:
                for value, label in pages:
                    ui.tab(value, label=label)
        if self.bar.props.get("aria-label") != widget.label:
            self.bar.props["aria-label"] = widget.label
        if isinstance(widget.value, str) and widget.value != self.shown:
            self.shown = widget.value
            self.bar.set_value(widget.value)


@named("confirm")
class Confirm(View):
    """A question in front of all else, which is answered before anything goes on."""

    def build(self, widget: Widget) -> Element:
        # The dialog stands in front of the page, not in it.
        self.dialog = ui.dialog().props("persistent role=alertdialog")
        with self.dialog, ui.card().classes("w-confirm"):
            self.title = ui.label().classes("confirm-title")
            self.text = ui.label().classes("confirm-text")
            with ui.element("div").classes("confirm-actions"):
                self.no = ui.button(on_click=lambda: self._answer(False)).props("flat no-caps autofocus")
                self.yes = ui.button(on_click=lambda: self._answer(True)).props("unelevated no-caps color=primary")
        self.dialog.open()
        return self.dialog

    def _answer(self, value: bool) -> None:
        self.operate(value)
        self.dialog.close()

    def settle(self) -> None:
        # Still drawn after its answer: the plugin asks again.
        self.refresh(self.widget)
        self.dialog.open()

    def refresh(self, widget: Widget) -> None:
        self.dialog.props["aria-label"] = widget.label
        self.title.set_text(widget.label)
        self.text.set_text(widget.text)
        self.text.set_visibility(bool(widget.text))
        self.yes.set_text(widget.accept or self.panel.texts.yes)
        self.no.set_text(widget.dismiss or self.panel.texts.no)

    def enable(self, enabled: bool) -> None:
        """It is there to be answered."""

    def delete(self) -> None:
        self.dialog.delete()
        super().delete()
