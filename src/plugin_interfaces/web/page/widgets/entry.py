"""Widgets that something is entered into: texts, numbers, colours, dates, files."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.events import UploadEventArguments

from ....pluginui import Widget
from ...security import MAX_BODY_BYTES
from .base import View, named


class Field(Element, component="field.js"):
    """A text field whose text the plugin changes only where the person has not typed on; see field.js.

    Attributes:
        shown: what the field shows, as far as is known here: more may have been typed that is on its way.
    """

    def __init__(self, value: str, on_edit: Callable[[str], None], on_commit: Callable[[str], None]) -> None:
        super().__init__()
        self.shown = value
        self.props.update({"value": value, "basis": value, "version": 0, "for": f"{self.html_id}-input"})
        self._on_edit = on_edit
        self.on("edit", lambda event: self._edited(event.args or ""))
        self.on("commit", lambda event: on_commit(event.args or ""))

    def _edited(self, text: str) -> None:
        self.shown = text
        self._on_edit(text)

    def offer(self, value: str) -> None:
        """The plugin has this value: it is shown, unless more was typed than it has heard of."""
        if value == self.shown:
            return
        with self.props.suspend_updates():
            self.props.update({"value": value, "basis": self.shown, "version": self.props["version"] + 1})
        self.shown = value
        self.update()


class _Entry(View):
    """A field with a label, as all that is entered with the keyboard has."""

    type = "text"
    field: Field

    def build(self, widget: Widget) -> Element:
        self.field = Field(self.text_of(widget), self.edited, self.committed)
        self.field.props["type"] = self.type
        return self.field.classes("w-field")

    def text_of(self, widget: Widget) -> str:
        """The value as the field shows it."""
        return "" if widget.value is None else str(widget.value)

    def describe(self, widget: Widget) -> None:
        """Label, hint and what else stands around the value."""
        props: dict[str, Any] = {"placeholder": widget.hint or None, "aria-label": widget.label or widget.hint or None}
        props["label"] = None if widget.hide_label else widget.label or None
        props["stack-label"] = True if widget.hint else None
        _set_props(self.field, props)

    def edited(self, text: str) -> None:
        """Something was typed."""
        self.operate(text)

    def committed(self, text: str) -> None:
        """Enter was pressed."""
        self.operate(text, submitted=True)

    def refresh(self, widget: Widget) -> None:
        self.describe(widget)
        self.field.offer(self.text_of(widget))


@named("text_edit_singleline")
class TextLine(_Entry):
    """One line of text; a secret's value never comes here, only whether there is one."""

    def describe(self, widget: Widget) -> None:
        super().describe(widget)
        secret = widget.password
        held = self.panel.texts.secret_held if secret and widget.filled else None
        _set_props(
            self.field,
            {
                "type": "password" if secret else "text",
                "autocomplete": "new-password" if secret else "off",
                "placeholder": held or widget.hint or None,
                "stack-label": True if held or widget.hint else None,
            },
        )

    def refresh(self, widget: Widget) -> None:
        if widget.password:
            self.describe(widget)
        else:
            super().refresh(widget)


@named("text_edit_multiline")
class TextArea(_Entry):
    """Several lines of text."""

    type = "textarea"

    def describe(self, widget: Widget) -> None:
        super().describe(widget)
        _set_props(self.field, {"autogrow": True})


@named("integer", "number")
class Number(_Entry):
    """A number within limits; what is none, or is outside, is told and not sent."""

    type = "number"

    def build(self, widget: Widget) -> Element:
        field = super().build(widget)
        field.props["numeric"] = True
        return field

    def text_of(self, widget: Widget) -> str:
        return _number_text(widget.value)

    def describe(self, widget: Widget) -> None:
        super().describe(widget)
        step = widget.step or (1 if widget.kind == "integer" else "any")
        _set_props(self.field, {"min": widget.minimum, "max": widget.maximum, "step": step})

    def edited(self, text: str) -> None:
        value = self._number(text)
        if value is not None:
            self.operate(value)

    def committed(self, text: str) -> None:
        value = self._number(text)
        if value is not None:
            self.operate(value, submitted=True)

    def _number(self, text: str) -> float | int | None:
        """The number that the text is; None where it is none, and the field says so."""
        whole = self.widget.kind == "integer"
        low, high = self.widget.minimum, self.widget.maximum
        value: float | int | None
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = None
        problem = None
        if value is None or not math.isfinite(value):
            problem = self.panel.texts.no_whole_number if whole else self.panel.texts.no_number
        elif (isinstance(low, int | float) and value < low) or (isinstance(high, int | float) and value > high):
            problem = self.panel.texts.out_of_range(_number_text(low), _number_text(high))
        _set_props(self.field, {"error": bool(problem), "error-message": problem})
        return None if problem else value


@named("slider")
class Slider(View):
    """A number that is moved; beside it what it is."""

    def build(self, widget: Widget) -> Element:
        with ui.element("div").classes("w-slider") as element:
            with ui.element("div").classes("slider-head"):
                self.label = ui.label()
                self.number = ui.label().classes("slider-value")
            low, high = self._limits(widget)
            self.slider = ui.slider(min=low, max=high, value=self.value_of(widget))
            self.slider.on_value_change(lambda event: self._moved(event.value))
        self.shown: float | None = self.value_of(widget)
        return element

    def value_of(self, widget: Widget) -> float | None:
        """Where it stands."""
        return widget.value if isinstance(widget.value, int | float) else None

    def _limits(self, widget: Widget) -> tuple[float, float]:
        low = widget.minimum if isinstance(widget.minimum, int | float) else 0.0
        high = widget.maximum if isinstance(widget.maximum, int | float) else 1.0
        return low, high

    def _moved(self, value: float | None) -> None:
        if value is None or value == self.shown:
            return
        self.shown = value
        self.number.set_text(_number_text(value))
        self.operate(value)

    def refresh(self, widget: Widget) -> None:
        self.label.set_text("" if widget.hide_label else widget.label)
        low, high = self._limits(widget)
        step = widget.step or (high - low) / 100 or 1
        _set_props(self.slider, {"min": low, "max": high, "step": step, "aria-label": widget.label or None})
        self.number.set_text(_number_text(widget.value))
        value = self.value_of(widget)
        if value != self.shown:
            self.shown = value
            self.slider.set_value(value)

    def enable(self, enabled: bool) -> None:
        self.slider.set_enabled(enabled)


@named("date")
class Date(_Entry):
    """A day, picked in the browser's own calendar."""

    type = "date"

    def describe(self, widget: Widget) -> None:
        super().describe(widget)
        _set_props(self.field, {"min": widget.minimum, "max": widget.maximum, "stack-label": True})


@named("color")
class Color(_Entry):
    """A colour as #rrggbb, and a swatch that opens a picker."""

    def build(self, widget: Widget) -> Element:
        field = super().build(widget)
        with field.add_slot("prepend"):
            self.swatch = ui.element("button").classes("swatch")
            self.swatch.props.update({"type": "button", "aria-label": self.panel.texts.pick_color})
            with self.swatch, ui.color_picker(on_pick=lambda event: self._picked(event.color)) as picker:
                picker.q_color.props("default-view=palette no-footer format-model=hex")
        return field

    def _picked(self, color: str) -> None:
        self.field.offer(color[:7])
        self._paint(color[:7])
        self.operate(color[:7])

    def edited(self, text: str) -> None:
        if text == "" or (len(text) == 7 and text[0] == "#" and all(digit in _HEX for digit in text[1:])):
            self._paint(text)
            self.operate(text.lower())

    def committed(self, text: str) -> None:
        self.edited(text)

    def _paint(self, color: str) -> None:
        self.swatch.style(f"background: {color or 'transparent'}")

    def refresh(self, widget: Widget) -> None:
        super().refresh(widget)
        self._paint(self.text_of(widget))


@named("file_pick")
class FilePick(_Entry):
    """A path on the host's side; a file of the browser's own machine is brought there first."""

    def build(self, widget: Widget) -> Element:
        field = super().build(widget)
        if not widget.folder:
            with field.add_slot("append"):
                self.uploader = ui.upload(auto_upload=True, max_file_size=MAX_BODY_BYTES, on_upload=self._uploaded)
                self.uploader.props["accept"] = widget.filter or None
                self.uploader.classes("hidden-upload")
                name = self.panel.texts.upload
                button = ui.button(icon="upload_file", on_click=lambda: self.uploader.run_method("pickFiles"))
                button.props("flat round dense").props["aria-label"] = name
                with button:
                    ui.tooltip(name)
        return field

    async def _uploaded(self, event: UploadEventArguments) -> None:
        await self.panel.upload(self.widget.id, event.file.name, await event.file.read())
        self.uploader.reset()


_HEX: Final = frozenset("0123456789abcdefABCDEF")


def _number_text(value: Any) -> str:
    """A number as a person writes it: 2, not 2.0."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else f"{value}"


def _set_props(element: Element, props: dict[str, Any]) -> None:
    """Sets what differs, in one update at most; None removes."""
    changed = {name: value for name, value in props.items() if element.props.get(name) != value}
    if not changed:
        return
    with element.props.suspend_updates():
        for name, value in changed.items():
            if value is None:
                element.props.pop(name, None)
            else:
                element.props[name] = value
    element.update()
