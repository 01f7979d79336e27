"""The settings UI of a plugin in a terminal: a numbered list of widgets, operated one at a time."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.prompt import Prompt

from ..errors import ConfigError, PluginInterfacesError, UiError
from ..host import Instance
from ..pluginui import Frame, Widget
from .console import MESSAGE_STYLES, report, safe, styled
from .widgets import SWITCHES, is_operated, lines_of, name_of

__all__ = ["edit_settings"]

_NUMBERS = ("integer", "number", "slider")
_CHOICES = ("radio", "combo_box", "tabs")
_HINTS = {
    "color": "as #rrggbb",
    "date": "as 2006-01-31, Enter for none",
    "multi_select": "numbers with spaces between, - for none, Enter to leave it",
}


def edit_settings(instance: Instance, console: Console) -> None:
    """Shows the settings and lets the person change them until Enter alone leaves."""
    try:
        frame: Frame | None = instance.ui()
        while frame is not None:
            frame = _step(instance, frame, console)
    except (EOFError, KeyboardInterrupt):
        console.print()
    except PluginInterfacesError as error:
        report(str(error))


def _step(instance: Instance, frame: Frame, console: Console) -> Frame | None:
    """Shows a frame and does what the person says; None to leave."""
    for toast in frame.toasts:
        console.print(styled(f"» {toast.text}", MESSAGE_STYLES.get(toast.kind, ""), one_line=True))
    tree = frame.tree
    if tree is None:
        return None
    question = next((widget for widget in tree.walk() if widget.kind == "confirm"), None)
    widgets = [] if question else _show(tree, console)
    try:
        if question:
            return instance.ui_event(question, _asks(question, console))
        widget = _choose(widgets, console)
        return None if widget is None else _operate(instance, widget, console)
    except (ConfigError, UiError) as error:
        report(str(error))
        return instance.ui()


def _choose(widgets: Sequence[Widget], console: Console) -> Widget | None:
    """The widget that the person names; None to leave."""
    while True:
        answer = Prompt.ask("Number to change, Enter to leave", console=console, default="", show_default=False).strip()
        if not answer:
            return None
        if not answer.isdecimal() or not 0 < int(answer) <= len(widgets):
            report(f"there is no {answer}")
        elif not widgets[int(answer) - 1].enabled:
            report(f"{widgets[int(answer) - 1].label} cannot be operated now")
        else:
            return widgets[int(answer) - 1]


def _show(tree: Widget, console: Console) -> list[Widget]:
    """Prints the frame; returns the widgets that can be operated, as they are numbered."""
    operated: list[Widget] = []
    above = ""
    for depth, widget in _walk(tree, 0):
        indent = "  " * depth
        lines = lines_of(widget, above)
        if lines:
            above = "" if is_operated(widget) else widget.text
        if is_operated(widget):
            operated.append(widget)
            console.print(f"{indent}[cyan]{len(operated):>2}[/] ", lines.pop(0), sep="")
        for line in lines:
            console.print(f"{indent}   ", line, sep="")
    return operated


def _walk(widget: Widget, depth: int) -> Iterator[tuple[int, Widget]]:
    for child in widget.children:
        yield depth, child
        yield from _walk(child, depth + (child.kind in ("collapsing", "tabs")))


# ---- one widget ----


def _operate(instance: Instance, widget: Widget, console: Console) -> Frame:
    """Asks for what the kind of widget needs, and tells the plugin."""
    if widget.kind == "button":
        return instance.ui_event(widget, clicked=True)
    if widget.kind in SWITCHES:
        return instance.ui_event(widget, not widget.value)
    for text in filter(None, (widget.tooltip, _HINTS.get(widget.kind))):
        console.print(styled(text, "dim"))
    if widget.kind in _CHOICES:
        values = [choice.value for choice in widget.choices]
        labels = [choice.label for choice in widget.choices]
        for number, label in enumerate(labels, 1):
            console.print(styled(f"   {number}. {label}", one_line=True))
        return instance.ui_event(widget, _one_of(widget, _ask(widget, console).strip(), values, labels))
    if widget.kind == "table":
        answer = Prompt.ask("Row", console=console).strip()
        return instance.ui_event(widget, _one_of(widget, answer, widget.keys, [""] * len(widget.keys)))
    if widget.kind == "multi_select":
        return _select(instance, widget, console)
    answer = _ask(widget, console)
    if widget.kind in _NUMBERS:
        try:
            value: float | int = int(answer) if widget.kind == "integer" else float(answer)
        except ValueError:
            raise UiError(name_of(widget), f"{answer!r} is no number") from None
        return instance.ui_event(widget, value)
    if widget.kind == "file_pick":
        answer = os.path.expanduser(answer)
    elif widget.kind in ("color", "date"):
        answer = answer.strip()
    return instance.ui_event(widget, answer, submitted=True)


def _ask(widget: Widget, console: Console) -> str:
    return Prompt.ask(safe(name_of(widget), one_line=True) or "Value", console=console, password=widget.password)


def _one_of(widget: Widget, answer: str, values: Sequence[str], labels: Sequence[str]) -> str:
    """What the person picked by its number, its label or its value. Errors: UiError."""
    if answer.isdecimal() and 0 < int(answer) <= len(values):
        return values[int(answer) - 1]
    for value, label in zip(values, labels, strict=True):
        if answer and answer in (value, label):
            return value
    raise UiError(name_of(widget), f"there is no {'row' if widget.kind == 'table' else 'choice'} {answer!r}")


def _select(instance: Instance, widget: Widget, console: Console) -> Frame:
    values = [choice.value for choice in widget.choices]
    labels = [choice.label for choice in widget.choices]
    chosen = widget.value if isinstance(widget.value, list) else []
    for number, (value, label) in enumerate(zip(values, labels, strict=True), 1):
        console.print(styled(f"   {number}. [{'x' if value in chosen else ' '}] {label}", one_line=True))
    answer = _ask(widget, console).strip()
    if not answer:
        return instance.ui()
    words = [] if answer == "-" else re.split(r"[\s,]+", answer.strip(" ,"))
    return instance.ui_event(widget, [_one_of(widget, word, values, labels) for word in words])


def _asks(question: Widget, console: Console) -> bool:
    """Whether the person says yes to a question."""
    console.print(styled(question.label, "bold", one_line=True))
    if question.text:
        console.print(styled(question.text))
    accept, dismiss = question.accept or "Yes", question.dismiss or "No"
    words = {"y": True, "n": False, accept.casefold(): True, dismiss.casefold(): False}
    while True:
        prompt = safe(f"y: {accept}, n: {dismiss}", one_line=True)
        answer = Prompt.ask(prompt, console=console).strip().casefold()
        if answer in words:
            return words[answer]
        report(f"there is no {answer!r}; answer y or n")
