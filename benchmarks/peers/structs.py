"""The widgets of a frame as structs of msgspec in Python, written as JSON: what a UI made in Python would do."""

from __future__ import annotations

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


def _draw(count: int) -> _Frame:
    children = []
    for at in range(count):
        number = f"{at:016x}"
        match at % 4:
            case 0:
                widget = _Widget(number, "label", text=f"Setting {at}")
            case 1:
                widget = _Widget(number, "button", f"Setting {at}")
            case 2:
                widget = _Widget(number, "text_edit_singleline", f"Setting {at}", value=f"value {at}")
            case _:
                widget = _Widget(number, "toggle", f"Setting {at}", value=at % 2 == 1)
        children.append(widget)
    return _Frame(1, _Widget(f"{1:016x}", "vertical", children=children))


def frame_of_structs(widgets: int) -> bytes:
    """One frame."""
    return msgspec.json.encode(_draw(widgets))


def with_msgspec(widgets: int) -> Sampler:
    """Frames of so many widgets."""
    function: Any = frame_of_structs
    return calls(function, widgets)
