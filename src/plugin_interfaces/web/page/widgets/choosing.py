"""Widgets that are pressed, switched or chosen from."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from ....pluginui import Widget
from .base import View, named

_FILTERED_FROM: Final = 12
_ROWS_PER_PAGE: Final = 25


@named("button")
class Button(View):
    """A button."""

    def build(self, widget: Widget) -> Element:
        self.button = ui.button(widget.label, on_click=lambda: self.operate(clicked=True))
        return self.button.props("no-caps unelevated outline color=primary").classes("w-button")

    def refresh(self, widget: Widget) -> None:
        if self.button.text != widget.label:
            self.button.set_text(widget.label)


class _Switch(View):
    """What is on or off."""

    @abstractmethod
    def make(self, value: bool) -> Any:
        """The element, with its value."""

    def build(self, widget: Widget) -> Element:
        self.shown = bool(widget.value)
        self.switch = self.make(self.shown)
        self.switch.on_value_change(lambda event: self._switched(bool(event.value)))
        element: Element = self.switch
        return element

    def _switched(self, value: bool) -> None:
        if value != self.shown:
            self.shown = value
            self.operate(value)

    def refresh(self, widget: Widget) -> None:
        text = "" if widget.hide_label else widget.label
        if self.switch.text != text:
            self.switch.set_text(text)
        if self.switch.props.get("aria-label") != widget.label:
            self.switch.props["aria-label"] = widget.label
        if bool(widget.value) != self.shown:
            self.shown = bool(widget.value)
            self.switch.set_value(self.shown)


@named("checkbox")
class Checkbox(_Switch):
    """A box to tick."""

    def make(self, value: bool) -> Any:
        return ui.checkbox("", value=value).props("dense").classes("w-switch")


@named("toggle")
class Toggle(_Switch):
    """A switch."""

    def make(self, value: bool) -> Any:
        return ui.switch("", value=value).props("dense").classes("w-switch")


@named("selectable_value")
class Selectable(View):
    """A word that is chosen or not."""

    def build(self, widget: Widget) -> Element:
        self.button = ui.button(widget.label, on_click=lambda: self.operate(not self.widget.value))
        return self.button.props("no-caps unelevated rounded dense").classes("w-selectable")

    def refresh(self, widget: Widget) -> None:
        chosen = bool(widget.value)
        if self.button.text != widget.label:
            self.button.set_text(widget.label)
        if self.button.props.get("aria-pressed") != str(chosen).lower():
            self.button.props["aria-pressed"] = str(chosen).lower()
            self.button.props["outline"] = not chosen


class _Choice(View):
    """One of several, or some of them."""

    choice: Any
    shown: Any

    def options(self, widget: Widget) -> dict[str, str]:
        """Value and label of each choice."""
        return {choice.value: choice.label for choice in widget.choices}

    def valid(self, widget: Widget) -> Any:
        """The value, where it is one of the choices."""
        options = self.options(widget)
        if isinstance(widget.value, list):
            return [value for value in widget.value if value in options]
        return widget.value if widget.value in options else None

    def _chosen(self, value: Any) -> None:
        if value != self.shown and value is not None:
            self.shown = list(value) if isinstance(value, list) else value
            self.operate(value)

    def _follow(self, widget: Widget) -> None:
        options, value = self.options(widget), self.valid(widget)
        if options != self.choice.options:
            self.shown = value
            self.choice.set_options(options, value=value)
        elif value != self.shown:
            self.shown = value
            self.choice.set_value(value)


@named("radio")
class Radio(_Choice):
    """One of a few, all in sight."""

    def build(self, widget: Widget) -> Element:
        with ui.element("div").classes("w-radio") as element:
            self.label = ui.label().classes("group-label")
            self.shown = self.valid(widget)
            self.choice = ui.radio(self.options(widget), value=self.shown).props("dense")
            self.choice.on_value_change(lambda event: self._chosen(event.value))
        return element

    def refresh(self, widget: Widget) -> None:
        self.label.set_text("" if widget.hide_label else widget.label)
        if self.choice.props.get("aria-label") != widget.label:
            self.choice.props["aria-label"] = widget.label
        self._follow(widget)

    def enable(self, enabled: bool) -> None:
        self.choice.set_enabled(enabled)


@named("combo_box", "multi_select")
class Select(_Choice):
    """One of several, or some of them, from a list that opens; a long list can be searched."""

    def build(self, widget: Widget) -> Element:
        self.shown = self.valid(widget)
        several = widget.kind == "multi_select"
        self.choice = ui.select(
            self.options(widget), value=self.shown, multiple=several, with_input=len(widget.choices) >= _FILTERED_FROM
        )
        self.choice.props("outlined dense options-dense hide-bottom-space" + (" use-chips" if several else ""))
        self.choice.classes("w-field").on_value_change(lambda event: self._chosen(event.value))
        element: Element = self.choice
        return element

    def refresh(self, widget: Widget) -> None:
        label = None if widget.hide_label else widget.label or None
        # Only an empty one says what to do: Quasar shows a text beside what is chosen.
        text = widget.placeholder if not self.valid(widget) and widget.placeholder else None
        wanted = {"label": label, "aria-label": widget.label or None, "display-value": text}
        for name, value in wanted.items():
            if self.choice.props.get(name) != value:
                if value is None:
                    self.choice.props.pop(name, None)
                else:
                    self.choice.props[name] = value
        self._follow(widget)


@named("table")
class Table(View):
    """Columns and rows; a row can be chosen where the plugin gave keys."""

    def build(self, widget: Widget) -> Element:
        self.shown = widget.value if widget.keys else None
        self.table = ui.table(
            columns=self._columns(widget),
            rows=self._rows(widget),
            row_key="key",
            selection="single" if widget.keys else None,
            pagination={"rowsPerPage": _ROWS_PER_PAGE if len(widget.rows) > _ROWS_PER_PAGE else 0},
            on_select=lambda event: self._selected(event.selection),
        )
        self.table.props("dense flat bordered wrap-cells hide-selected-banner").classes("w-table")
        if len(widget.rows) <= _ROWS_PER_PAGE:
            self.table.props("hide-bottom" if widget.rows else "hide-pagination")
        if widget.keys:
            # Quasar gives its boxes no name.
            box = '<q-checkbox v-model="props.selected" dense :aria-label="props.row.c0" />'
            self.table.add_slot("body-selection", box)
            self.table.on("rowClick", lambda event: self._clicked(event.args[1]["key"]), [[], ["key"]])
        return self.table

    def _columns(self, widget: Widget) -> list[dict[str, Any]]:
        return [
            {"name": f"c{at}", "field": f"c{at}", "label": headline, "align": "left"}
            for at, headline in enumerate(widget.headlines)
        ]

    def _rows(self, widget: Widget) -> list[dict[str, Any]]:
        keys = widget.keys or [str(at) for at in range(len(widget.rows))]
        return [
            {"key": key, **{f"c{at}": cell for at, cell in enumerate(row)}}
            for key, row in zip(keys, widget.rows, strict=False)
        ]

    def _selected(self, selection: list[dict[str, Any]]) -> None:
        if selection:
            self._clicked(selection[0]["key"])

    def _clicked(self, key: str) -> None:
        if self.widget.enabled and key != self.shown:
            self.shown = key
            self.operate(key)

    def _mark(self, widget: Widget) -> None:
        title = "" if widget.hide_label else widget.label
        if self.table.props.get("title") != (title or None):
            self.table.props["title"] = title or None
        if self.table.props.get("aria-label") != widget.label:
            self.table.props["aria-label"] = widget.label
        if widget.keys:
            chosen = [row for row in self.table.rows if row["key"] == widget.value]
            if self.table.selected != chosen:
                self.table.selected = chosen

    def refresh(self, widget: Widget) -> None:
        rows, columns = self._rows(widget), self._columns(widget)
        if columns != self.table.columns:
            self.table.columns = columns
        if rows != self.table.rows:
            self.table.rows = rows
        self.shown = widget.value if widget.keys else None
        self._mark(widget)
