"""Settings: what the manifest declares of one, and its values as texts and as Python objects."""

import json
import math
from typing import Any, Final, Literal, TypeAlias

import msgspec

from ..errors import ConfigError

FieldType: TypeAlias = Literal["string", "integer", "number", "boolean", "choice"]

_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


class ConfigField(msgspec.Struct, frozen=True, kw_only=True):
    """One `[config.<key>]` of a manifest.

    Attributes:
        type: of the value; `choice` is one of `choices`.
        default: the value where the person set none.
        minimum, maximum: of an integer or number; of a string, its length in characters.
        choices: the values that are allowed; empty means all.
        secret: masked on screen and in logs, and stored in a file that only its owner can read.
    """

    type: FieldType = "string"
    default: Any = None
    title: str = ""
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    secret: bool = False

    def check(self, key: str, value: Any) -> Any:
        """The value as it is stored, an integer where a number is wanted made one. Errors: ConfigError."""
        value = self._checked_type(key, value)
        if self.choices and value not in self.choices:
            allowed = ", ".join(value_to_text(choice) for choice in self.choices)
            raise ConfigError(key, f"{_shown(value)} is none of the choices: {allowed}")
        measure: float | None = None
        if isinstance(value, str):
            measure = float(len(value))
        elif not isinstance(value, bool):
            measure = float(value)
        unit = " characters" if isinstance(value, str) else ""
        if measure is not None and self.minimum is not None and measure < self.minimum:
            raise ConfigError(key, f"{_shown(value)} is less than {self.minimum:g}{unit}")
        if measure is not None and self.maximum is not None and measure > self.maximum:
            raise ConfigError(key, f"{_shown(value)} is more than {self.maximum:g}{unit}")
        return value

    def _checked_type(self, key: str, value: Any) -> Any:
        if self.type == "boolean":
            if isinstance(value, bool):
                return value
        elif self.type == "integer":
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        elif self.type == "number":
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                return float(value)
        elif self.type == "string":
            if isinstance(value, str):
                return value
        else:
            return value
        raise ConfigError(key, f"{_shown(value)} is no {self.type}")


def _shown(value: Any) -> str:
    text = value_to_text(value)
    return json.dumps(text if len(text) <= 60 else text[:57] + "…", ensure_ascii=False)


def value_to_text(value: Any) -> str:
    """A value as plugins get it: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def text_to_value(field: ConfigField, text: str) -> Any:
    """The value that a text means for a field: the inverse of value_to_text. Errors: ConfigError."""
    if field.type == "string":
        return text
    if field.type == "choice":
        for choice in field.choices:
            if value_to_text(choice) == text:
                return choice
        return text
    if field.type == "boolean":
        word = text.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise ConfigError("", f"{_shown(text)} is no boolean: write true or false")
    try:
        if field.type == "integer":
            return int(text)
        return float(text)
    except ValueError:
        raise ConfigError("", f"{_shown(text)} is no {field.type}") from None
