"""The settings UI of a plugin in a terminal: a numbered list of widgets, operated one at a time."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.prompt import Prompt

from ..errors import ConfigError, PluginInterfacesError, UiError
from ..host import Instance
from ..pluginui import Widget
from .console import report, safe, styled

__all__ = ["edit_settings"]

_SWITCHES = ("checkbox", "toggle", "selectable_value")
_TEXTS = ("text_edit_singleline", "text_edit_multiline")
_NUMBERS = ("integer", "number", "slider")
_CHOICES = ("radio", "combo_box")
_OPERATED = (*_SWITCHES, *_TEXTS, *_NUMBERS, *_CHOICES, "button")


def edit_settings(instance: Instance, console: Console) -> None:
    """Shows the settings and lets the person change them until Enter alone leaves."""
    tree = instance.ui().tree
    while tree is not None:
        widgets = _show(tree, console)
        try:
            answer = Prompt.ask("Number to change, Enter to leave", console=console, default="", show_default=False)
            if not answer.strip():
                return
            widget = widgets[int(answer) - 1] if answer.strip().isdigit() and 0 < int(answer) <= len(widgets) else None
            if widget is None:
                report(f"there is no {answer.strip()}")
            elif not widget.enabled:
                report(f"{widget.label} cannot be operated now")
            else:
                tree = _operate(instance, widget, console) or tree
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        except (ConfigError, UiError) as error:
            report(str(error))
            tree = instance.ui().tree
        except PluginInterfacesError as error:
            report(str(error))
            return


def _show(tree: Widget, console: Console) -> list[Widget]:
    """Prints the frame; returns the widgets that can be operated, as they are numbered."""
    operated: list[Widget] = []
    for depth, widget in _lines(tree, 0):
        indent = "  " * depth
        if widget.kind in _OPERATED:
            operated.append(widget)
            style = "" if widget.enabled else "dim"
            console.print(f"{indent}[cyan]{len(operated):>2}[/] ", styled(_line(widget), style, one_line=True), sep="")
        else:
            text, style = _text(widget)
            if text:
                console.print(styled(f"{indent}   {text}", style))
    return operated


def _lines(widget: Widget, depth: int) -> Iterator[tuple[int, Widget]]:
    for child in widget.children:
        yield depth, child
        yield from _lines(child, depth + (child.kind == "collapsing"))


def _line(widget: Widget) -> str:
    if widget.kind == "button":
        return f"[ {widget.label} ]"
    if widget.kind in _SWITCHES:
        return f"[{'x' if widget.value else ' '}] {widget.label}"
    value = "••••••••" if widget.filled else str(widget.value)
    for choice in widget.choices:
        if choice.value == widget.value:
            value = choice.label
    return f"{widget.label}: {value or widget.placeholder or widget.hint or '(empty)'}"


def _text(widget: Widget) -> tuple[str, str]:
    match widget.kind:
        case "heading":
            return widget.text, "bold"
        case "error":
            return widget.text, "red"
        case "separator":
            return "─" * 20, "dim"
        case "progress":
            done = round(widget.fraction * 20)
            return f"{widget.label} {'█' * done}{'░' * (20 - done)} {widget.fraction:.0%}", ""
        case "spinner":
            return f"… {widget.label}", "dim"
        case "collapsing":
            return f"▾ {widget.label}", "bold"
    return widget.text, ""


def _operate(instance: Instance, widget: Widget, console: Console) -> Widget | None:
    """Asks for what the kind of widget needs, and tells the plugin."""
    if widget.kind == "button":
        return instance.ui_event(widget, clicked=True).tree
    if widget.kind in _SWITCHES:
        return instance.ui_event(widget, not widget.value).tree
    if widget.tooltip:
        console.print(styled(widget.tooltip, "dim"))
    if widget.kind in _CHOICES:
        for number, choice in enumerate(widget.choices, 1):
            console.print(styled(f"   {number}. {choice.label}", one_line=True))
        answer = Prompt.ask(safe(widget.label, one_line=True), console=console).strip()
        picked = [choice.value for choice in widget.choices if answer in (choice.value, choice.label)]
        if answer.isdigit() and 0 < int(answer) <= len(widget.choices):
            picked = [widget.choices[int(answer) - 1].value]
        if not picked:
            raise UiError(widget.label, f"there is no choice {answer!r}")
        return instance.ui_event(widget, picked[0]).tree
    answer = Prompt.ask(safe(widget.label, one_line=True), console=console, password=widget.password)
    if widget.kind in _NUMBERS:
        try:
            value: float | int = int(answer) if widget.kind == "integer" else float(answer)
        except ValueError:
            raise UiError(widget.label, f"{answer!r} is no number") from None
        return instance.ui_event(widget, value).tree
    return instance.ui_event(widget, answer, submitted=True).tree
