"""Draws a path as SVG: for each group its cases on a logarithmic scale, medians as bars, quartiles as lines."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from html import escape

from .results import CaseResult, GroupResult
from .words import duration

_COLOURS = {"limit": "#8a8f98", "ours": "#2f6fde", "peer": "#e0a03c"}
_NAMES = {"limit": "the limit in C", "ours": "this package", "peer": "others"}
_WIDTH, _LABELS, _VALUES, _ROW, _HEAD = 860, 270, 80, 20, 40


def plot_path(groups: Sequence[GroupResult]) -> str:
    """The picture of one path."""
    body: list[str] = []
    y = 34
    for group in groups:
        body += _plot_group(group, y)
        y += _HEAD + _ROW * len(group.cases) + 24
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" font-family="sans-serif" font-size="12">'
    )
    # White, so that it can be read on a dark page too.
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{y}" fill="#ffffff"/>', *_legend(), *body, "</svg>", ""])


def _legend() -> Iterator[str]:
    for at, (role, name) in enumerate(_NAMES.items()):
        x = _LABELS + at * 130
        yield f'<rect x="{x}" y="10" width="12" height="12" fill="{_COLOURS[role]}"/>'
        yield _text(x + 18, 20, name)


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#222222"{more}>{escape(text)}</text>'


def _plot_group(group: GroupResult, top: float) -> Iterator[str]:
    cases = sorted(group.cases, key=lambda case: case.median)
    low = math.floor(math.log10(min(case.minimum for case in cases)))
    high = math.ceil(math.log10(max(case.median for case in cases)))
    right = _WIDTH - _VALUES
    bottom = top + _HEAD + _ROW * len(cases)

    def place(nanoseconds: float) -> float:
        share = (math.log10(nanoseconds) - low) / max(high - low, 1)
        return _LABELS + min(max(share, 0.0), 1.0) * (right - _LABELS)

    yield _text(10, top + 20, f"{group.title}: {group.name}", more=' font-weight="bold"')
    for power in range(low, high + 1):
        x = place(10.0**power)
        yield f'<line x1="{x:.1f}" y1="{top + 30}" x2="{x:.1f}" y2="{bottom}" stroke="#dddddd"/>'
        yield _text(x, bottom + 14, duration(10.0**power).replace(".00", "").replace(".0", ""), "middle")
    for at, case in enumerate(cases):
        yield from _plot_case(case, top + _HEAD + at * _ROW, place(case.median), place)


def _plot_case(case: CaseResult, y: float, end: float, place: Callable[[float], float]) -> Iterator[str]:
    width = max(end - _LABELS, 1)
    first, third = case.minimum, max(case.samples)
    if len(case.samples) > 1:
        first, _, third = statistics.quantiles(case.samples, n=4, method="inclusive")
    yield _text(_LABELS - 8, y + 10, case.name, "end")
    yield f'<rect x="{_LABELS}" y="{y}" width="{width:.1f}" height="13" fill="{_COLOURS[case.role]}"/>'
    yield f'<line x1="{place(first):.1f}" y1="{y + 6.5}" x2="{place(third):.1f}" y2="{y + 6.5}" stroke="#222222"/>'
    yield _text(max(end, place(third)) + 8, y + 10, duration(case.median))
