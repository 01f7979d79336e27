"""How each kind of widget looks as lines of a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text

from ..pluginui import Series, Widget
from .console import counted, safe, styled

__all__ = ["SWITCHES", "is_operated", "lines_of", "name_of"]

SWITCHES = ("checkbox", "toggle", "selectable_value")
_OPERATED = (
    *SWITCHES,
    *("button", "text_edit_singleline", "text_edit_multiline", "integer", "number", "slider"),
    *("radio", "combo_box", "multi_select", "tabs", "color", "date", "file_pick"),
)
_SPARKS = "▁▂▃▄▅▆▇█"
_PLOT_COLUMNS = 40
_ROWS_SHOWN = 100
_LOG_LINES = 10


def is_operated(widget: Widget) -> bool:
    """Whether it gets a number, by which the person names it. A question does not: it is asked in front of all."""
    return widget.kind in _OPERATED or (widget.kind == "table" and bool(widget.keys))


def name_of(widget: Widget) -> str:
    """Its label, for a text that goes on with a colon of its own."""
    return widget.label.rstrip(" :")


def lines_of(widget: Widget, above: str = "") -> list[Text]:
    """A widget as lines, the first of which its number stands before; none for what only holds others.

    `above` is the text that stands right above it: a label that is to be hidden is not repeated then.
    """
    named = not (widget.hide_label and above.rstrip(" :") == name_of(widget))
    style = "" if widget.enabled else "dim"
    match widget.kind:
        case "table":
            return _table(widget, style)
        case "color":
            swatch = Text("■ ", style=str(widget.value) if widget.value else "dim")
            return [Text.assemble(swatch, styled(_line(widget, named), style, one_line=True))]
        case "code":
            return [styled(f"│ {line}") for line in widget.text.splitlines()]
        case "log_view":
            shown = widget.text.splitlines()[-(widget.lines or _LOG_LINES) :]
            return [styled(widget.label, "dim", one_line=True), *(styled(f"│ {line}", "dim") for line in shown)]
        case "plot":
            return [styled(widget.label, one_line=True), *(_series(series) for series in widget.series)]
    if is_operated(widget):
        return [styled(_line(widget, named), style, one_line=True)]
    text, style = _text(widget)
    return [styled(text, style)] if text else []


# ---- in one line ----


def _line(widget: Widget, named: bool) -> str:
    """What is operated; `named`: with its label."""
    if widget.kind == "button":
        return f"[ {widget.label} ]"
    if widget.kind in SWITCHES:
        return f"[{'x' if widget.value else ' '}] {widget.label if named else ''}".rstrip()
    if widget.kind == "tabs":
        titles = (f"[{one.label}]" if one.value == widget.value else one.label for one in widget.choices)
        return " | ".join(filter(None, (widget.label, *titles)))
    value = _value(widget) or widget.placeholder or widget.hint or "(empty)"
    return f"{name_of(widget)}: {value}" if named and name_of(widget) else value


def _value(widget: Widget) -> str:
    if widget.filled:
        return "••••••••"
    labels = {choice.value: choice.label for choice in widget.choices}
    if isinstance(widget.value, list):
        return ", ".join(labels.get(value, value) for value in widget.value) or "(none)"
    return labels.get(str(widget.value), str(widget.value)) if labels else str(widget.value)


def _text(widget: Widget) -> tuple[str, str]:
    """What is read, and its style."""
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
        case "link":
            return f"{widget.text} <{widget.url}>", "cyan"
        case "image":
            data = widget.source.partition(",")[2]
            size = len(data) * 3 // 4 - data.count("=")
            return f"[image: {widget.label}, {counted(size, 'byte')}]", "dim"
    return widget.text, ""


# ---- in several ----


def _table(widget: Widget, style: str) -> list[Text]:
    """Columns under their headlines; rows that can be chosen are numbered, and the present one is marked."""
    rows = [[safe(cell, one_line=True) for cell in row] for row in widget.rows]
    headlines = [safe(headline, one_line=True) for headline in widget.headlines]
    widths = [max(cell_len(cell) for cell in column) for column in zip_longest(headlines, *rows, fillvalue="")]
    digits = len(str(len(rows)))

    def aligned(cells: Sequence[str], mark: str = "", number: str = "") -> str:
        padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
        before = f"{mark:1} {number:>{digits}}  " if widget.keys else ""
        return f"  {before}{'  '.join(padded)}".rstrip()

    lines = [styled(widget.label, style, one_line=True), Text(aligned(headlines), style="bold")]
    for number, (row, key) in enumerate(zip_longest(rows[:_ROWS_SHOWN], widget.keys[:_ROWS_SHOWN]), 1):
        mark = ">" if widget.keys and key == widget.value else ""
        lines.append(Text(aligned(row, mark, str(number)), style=style))
    if len(rows) > _ROWS_SHOWN:
        lines.append(Text(f"  … {counted(len(rows) - _ROWS_SHOWN, 'more row', 'more rows')}", style="dim"))
    return lines


def _series(series: Series) -> Text:
    """`name ▁▃█ 1 … 3`: means over equal stretches, between the least and the largest value."""
    values = [value for value in series.y if value is not None and math.isfinite(value)]
    if not values:
        return styled(f"  {series.name} (no values)", one_line=True)
    low, high = min(values), max(values)
    size = max(1, math.ceil(len(series.y) / _PLOT_COLUMNS))
    sketch = "".join(_spark(series.y[at : at + size], low, high) for at in range(0, len(series.y), size))
    span = f"{low:g}" if low == high else f"{low:g} … {high:g}"
    return styled("  " + " ".join(filter(None, (series.name, sketch, span))), one_line=True)


def _spark(stretch: Sequence[float | None], low: float, high: float) -> str:
    found = [value for value in stretch if value is not None and math.isfinite(value)]
    if not found:
        return " "
    share = (sum(found) / len(found) - low) / (high - low) if high > low else 0.5
    return _SPARKS[min(len(_SPARKS) - 1, max(0, int(share * len(_SPARKS))))] if math.isfinite(share) else _SPARKS[0]
