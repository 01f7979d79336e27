"""The widgets of a frame as structs of msgspec in Python, written as JSON: what a UI made in Python would do."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from ..case import Sampler, calls


class _Widget(msgspec.Struct, omit_defaults=True):
    id: str
    kind: str
    label: str = ""
    text: str = ""
    value: str | bool | None = None
    children: list[_Widget] | None = None


class _Frame(msgspec.Struct):
    revision: int
    tree: _Widget


@cache
def _texts(count: int) -> tuple[list[str], list[str]]:
    """Labels and values: what a frame shows is there before it is drawn."""
    return [f"Setting {at}" for at in range(count)], [f"value {at}" for at in range(count)]


def _draw(count: int) -> _Frame:
    labels, values = _texts(count)
    children = []
    for at, label in enumerate(labels):
        number = f"{at:016x}"
        match at % 4:
            case 0:
                widget = _Widget(number, "label", text=label)
            case 1:
                widget = _Widget(number, "button", label)
            case 2:
                widget = _Widget(number, "text_edit_singleline", label, value=values[at])
            case _:
                widget = _Widget(number, "toggle", label, value=at % 2 == 1)
        children.append(widget)
    return _Frame(1, _Widget(f"{1:016x}", "vertical", children=children))


def frame_of_structs(widgets: int) -> bytes:
    """One frame."""
    return msgspec.json.encode(_draw(widgets))


def with_msgspec(widgets: int) -> Sampler:
    """Frames of so many widgets."""
    function: Any = frame_of_structs
    return calls(function, widgets)
