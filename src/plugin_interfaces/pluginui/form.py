"""The settings of a plugin that draws none: a form made from the `[config.<key>]` of its manifest."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from ..config import ConfigField, text_to_value, value_to_text
from ..errors import UiError
from .components import Choice, UiValue, Widget

NO_SETTINGS = "This plugin has no settings."
"""What a form says that has nothing else; front ends may say it in another language."""

_KINDS = {"string": "text_edit_singleline", "integer": "integer", "number": "number", "boolean": "checkbox"}


def _id(key: str) -> str:
    return blake2b(key.encode(), digest_size=8).hexdigest()


def draw_form(fields: Mapping[str, ConfigField], values: Mapping[str, Any]) -> Widget:
    """The form as a tree of widgets, one for each declared setting, in their order."""
    children = [_draw(key, field, values.get(key, field.default)) for key, field in fields.items()]
    if not children:
        children = [Widget(id=_id(""), kind="label", text=NO_SETTINGS)]
    return Widget(id=f"{1:016x}", kind="vertical", children=children)


def _draw(key: str, field: ConfigField, value: Any) -> Widget:
    widget = Widget(
        id=_id(key), kind=_KINDS.get(field.type, "combo_box"), label=field.title or key, tooltip=field.description
    )
    if field.choices:
        widget.kind = "combo_box"
        widget.choices = [Choice(value_to_text(choice), value_to_text(choice)) for choice in field.choices]
        widget.value = value_to_text(value)
    elif field.secret:
        widget.value, widget.password, widget.filled = "", True, bool(value)
    else:
        widget.value = value
        if field.type != "string":
            widget.minimum, widget.maximum = field.minimum, field.maximum
    return widget


def key_of(fields: Mapping[str, ConfigField], widget_id: str) -> str:
    """The setting that a widget of the form is for. Errors: UiError."""
    for key in fields:
        if _id(key) == widget_id:
            return key
    raise UiError("settings", "the widget is not shown any more, or never was: draw the settings anew")


def form_value(field: ConfigField, value: UiValue) -> Any:
    """What the person entered, as the value of the setting. Errors: ConfigError."""
    return text_to_value(field, value) if isinstance(value, str) else value
