"""Widgets that are looked at: pictures and plots."""

from __future__ import annotations

import math
from typing import Any

from nicegui import ui
from nicegui.element import Element

from ....pluginui import Series, Widget
from .base import View, named


@named("image")
class Image(View):
    """A picture that the plugin brings with it; nothing is fetched from elsewhere."""

    def build(self, widget: Widget) -> Element:
        return ui.element("img").classes("w-image")

    def refresh(self, widget: Widget) -> None:
        self.element.props["src"] = widget.source if widget.source.startswith("data:image/") else ""
        self.element.props["alt"] = widget.label
        self.element.style(f"width: {widget.width}px" if widget.width else "")


@named("plot")
class Plot(View):
    """Lines, points and bars."""

    def build(self, widget: Widget) -> Element:
        with ui.element("figure").classes("w-plot") as element:
            with ui.element("figcaption"):
                self.caption = ui.label()
            self.chart = ui.echart({}, renderer="svg").classes("chart")
        self.chart.props["role"] = "img"
        return element

    def refresh(self, widget: Widget) -> None:
        self.caption.set_text("" if widget.hide_label else widget.label)
        self.chart.props["aria-label"] = ", ".join([widget.label, *(series.name for series in widget.series)])
        options = _options(widget, self.panel.dark)
        if options != self.chart.options:
            self.chart.options.clear()
            self.chart.options.update(options)
            self.chart.update()


def _options(widget: Widget, dark: bool) -> dict[str, Any]:
    ink, line = ("#aab2c5", "#333a4a") if dark else ("#5b6478", "#e3e6ee")
    axis = {
        "axisLabel": {"color": ink, "hideOverlap": True},
        "axisLine": {"lineStyle": {"color": line}},
        "splitLine": {"lineStyle": {"color": line}},
        "scale": True,
    }
    bars = any(series.style == "bars" for series in widget.series)
    return {
        "animation": False,
        "color": ["#6366f1", "#14b8a6", "#f59e0b", "#ef4444", "#8b5cf6", "#0ea5e9"],
        "grid": {
            "left": 8,
            "right": 14,
            "top": 14,
            "bottom": 34 if len(widget.series) > 1 else 8,
            "containLabel": True,
        },
        "legend": {"show": len(widget.series) > 1, "bottom": 0, "textStyle": {"color": ink}, "type": "scroll"},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {"type": "value", **axis, "splitLine": {"show": False}},
        "yAxis": {"type": "value", **axis, **({"scale": False} if bars else {})},
        "series": [_series(series) for series in widget.series],
    }


def _series(series: Series) -> dict[str, Any]:
    xs = series.x if series.x is not None else range(len(series.y))
    data = [[_finite(x), _finite(y)] for x, y in zip(xs, series.y, strict=False)]
    shared: dict[str, Any] = {"name": series.name, "data": data}
    if series.style == "bars":
        return {**shared, "type": "bar", "barMaxWidth": 24}
    if series.style == "points":
        return {**shared, "type": "scatter", "symbolSize": 7}
    return {**shared, "type": "line", "showSymbol": len(data) < 2, "sampling": "lttb", "connectNulls": False}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
