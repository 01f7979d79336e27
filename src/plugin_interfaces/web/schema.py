"""The protocol as JSON Schema, for programs and for who writes a front end in another language."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any, Union, get_args, get_origin

import msgspec

from ..pluginui import Widget
from .protocol import COMMANDS, EVENTS, PROTOCOL_VERSION, Command, StreamData

# What leaves out members that have nothing to say.
_PARTLY = {kind.__name__ for kind in (StreamData, Widget)}
_ATTRIBUTE = re.compile(r"^    (\w+(?:, \w+)*): (.*(?:\n        .*)*)", re.MULTILINE)


def result_type(command: type[Command[Any]]) -> Any:
    """What a command is answered with."""
    for base in getattr(command, "__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, Command):
            return get_args(base)[0]
    raise TypeError(f"{command.__name__} does not say what it is answered with")


@cache
def schema() -> dict[str, Any]:
    """The schema: what a client sends is a `command`, what it gets an `event`, or `events`; `results` has what each
    command is answered with.
    """
    results = {command.__struct_config__.tag: result_type(command) for command in COMMANDS}
    kinds = list(dict.fromkeys(results.values()))
    parts, components = msgspec.json.schema_components(
        [Union[COMMANDS], Union[EVENTS], *kinds],  # noqa: UP007
        ref_template="#/$defs/{name}",
    )
    commands, events, *answers = parts
    by_kind = dict(zip(kinds, answers, strict=True))
    sent = {command.__name__ for command in COMMANDS}
    for name, component in components.items():
        _describe(component)
        if name not in sent and name not in _PARTLY:
            # What the server sends is always whole.
            component["required"] = list(component["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The protocol of plugin-interfaces",
        "description": f"Version {PROTOCOL_VERSION}. docs/protocol.md tells how it is used.",
        "oneOf": [{"$ref": f"#/$defs/{frame}"} for frame in ("command", "event", "events")],
        "results": {str(name): by_kind[kind] for name, kind in results.items()},
        "$defs": {
            "command": commands,
            "event": events,
            "events": {
                "type": "array",
                "items": {"$ref": "#/$defs/event"},
                "minItems": 1,
                "description": "A frame of a WebSocket that was opened with `?batch=1`.",
            },
            **components,
        },
    }


def _describe(component: dict[str, Any]) -> None:
    """Gives each property the line that the docstring of its class has for it."""
    text, _, attributes = inspect.cleandoc(component.get("description", "")).partition("\n\nAttributes:\n")
    if text:
        component["description"] = text
    for names, meaning in _ATTRIBUTE.findall(attributes):
        for name in names.split(", "):
            # JSON has other names for some: createdAt for created_at.
            camel = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
            for known in {name, camel} & component.get("properties", {}).keys():
                component["properties"][known]["description"] = " ".join(meaning.split())


def schema_text() -> str:
    """The schema as the text of docs/protocol.schema.json."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
