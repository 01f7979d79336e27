"""Draws a path as SVG: for each group its cases on a logarithmic scale, medians as bars, quartiles as lines. And how
costs grow, both scales logarithmic: what is linear goes up as the grey lines do.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from html import escape

from .results import CaseResult, CurveResult, GroupResult, GrowthResult
from .words import duration

_COLOURS = {"limit": "#8a8f98", "ours": "#2f6fde", "peer": "#e0a03c"}
_NAMES = {"limit": "the limit in C", "ours": "this package", "peer": "others"}
_LINES = ("#2f6fde", "#c8502c", "#2b8a5a", "#8a4fbf", "#b0820a", "#4a5568")
_POWER, _NAMED = 60, 310  # the height of a tenfold; the room for the names of lines
_WIDTH, _LABELS, _VALUES, _ROW, _HEAD = 860, 270, 80, 20, 40


def plot_path(groups: Sequence[GroupResult]) -> str:
    """The picture of one path."""
    body = [*_legend()]
    y = 34
    for group in groups:
        body += _plot_group(group, y)
        y += _HEAD + _ROW * len(group.cases) + 24
    return _picture(y, body)


def plot_growth(growth: GrowthResult) -> str:
    """The picture of one growth."""
    low = math.floor(math.log10(min(min(curve.medians) for curve in growth.curves)))
    high = math.ceil(math.log10(max(max(curve.medians) for curve in growth.curves)))
    last = max(growth.sizes[-1], 10)
    left, right, top, bottom = 70, _WIDTH - _NAMED, 40, 40 + _POWER * (high - low)

    def place(size: float, nanoseconds: float) -> tuple[float, float]:
        x = left + math.log10(size) / math.log10(last) * (right - left)
        return x, bottom - (math.log10(nanoseconds) - low) * _POWER

    body = [_text(10, 20, f"{growth.title}: {growth.name}", more=' font-weight="bold"')]
    for power in range(low, high + 1):
        y = place(1, 10.0**power)[1]
        body.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#eeeeee"/>')
        body.append(_text(left - 8, y + 4, _power_of_ten(power), "end"))
    for size in growth.sizes:
        x = place(size, 10.0**low)[0]
        body.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="#eeeeee"/>')
        body.append(_text(x, bottom + 18, f"{size:,}", "middle"))
    for power in range(low, high):
        # As steep as what is linear, as far as the picture goes.
        reach = min(last, 10.0 ** (high - power))
        (x1, y1), (x2, y2) = place(1, 10.0**power), place(reach, 10.0**power * reach)
        body.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#dddddd"/>')
    body += _plot_curves(growth.curves, place, right)
    return _picture(bottom + 30, body)


def _plot_curves(
    curves: Sequence[CurveResult], place: Callable[[float, float], tuple[float, float]], right: float
) -> Iterator[str]:
    free = math.inf
    # From the lowest line up, so that no two names are on one another.
    for at, curve in enumerate(sorted(curves, key=lambda curve: curve.medians[-1])):
        colour = _LINES[at % len(_LINES)]
        points = [place(size, median) for size, median in zip(curve.sizes, curve.medians, strict=True)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
        free = min(points[-1][1] + 4, free - 14)
        yield _text(right + 10, free, f"{curve.name}: {duration(curve.medians[-1])}", colour=colour)


def _picture(height: float, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">'
    )
    # White, so that it can be read on a dark page too.
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>', *body, "</svg>", ""])


def _power_of_ten(power: int) -> str:
    return duration(10.0**power).replace(".00", "").replace(".0", "")


def _legend() -> Iterator[str]:
    for at, (role, name) in enumerate(_NAMES.items()):
        x = _LABELS + at * 130
        yield f'<rect x="{x}" y="10" width="12" height="12" fill="{_COLOURS[role]}"/>'
        yield _text(x + 18, 20, name)


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "", colour: str = "#222222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{more}>{escape(text)}</text>'


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
        yield _text(x, bottom + 14, _power_of_ten(power), "middle")
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
