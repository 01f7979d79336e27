"""`plugin-interfaces config`: reads and changes the settings of one plugin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.prompt import Prompt
from rich.table import Table

from ..config import ConfigField, UserValues, load_manifest, text_to_value, value_to_text
from .console import ExitCode, fail, joined, print_json, stderr, stdout, styled

__all__ = ["SECRET_MASK", "Settings", "shown_value"]

SECRET_MASK = "••••••••"


def shown_value(field: ConfigField | None, value: Any, *, show_secrets: bool = False) -> str:
    """A value as a person sees it; a secret that is set is masked."""
    if field is not None and field.secret and not show_secrets:
        return SECRET_MASK if value else ""
    return value_to_text(value)


class Settings:
    """The settings of one instance of the plugin in `folder`."""

    def __init__(self, folder: Path, instance_id: str, *, show_secrets: bool, as_json: bool) -> None:
        if not folder.is_dir():
            fail(f"{folder} is not a folder", "Name the folder of a plugin, with its config.toml", ExitCode.USAGE)
        self._manifest = load_manifest(folder)
        self._values = UserValues(folder, instance_id or self._manifest.id, self._manifest)
        self._show_secrets = show_secrets
        self._as_json = as_json

    def list(self) -> None:
        """Print all settings, with what is the person's own and what the default."""
        values = self._values.all()
        entries = [self._entry(key, value) for key, value in values.items()]
        if self._as_json:
            print_json({"plugin": self._manifest.id, "settings": entries})
            return
        if not entries:
            stdout().print(styled(f"{self._manifest.name} has no settings."))
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("KEY", "VALUE", "DEFAULT", "TYPE", "DESCRIPTION"):
            table.add_column(title, no_wrap=title in ("KEY", "TYPE"), overflow="fold")
        for entry in entries:
            field = self._manifest.config.get(entry["key"])
            default = shown_value(field, entry["default"], show_secrets=self._show_secrets)
            table.add_row(
                styled(entry["key"], "bold", one_line=True),
                styled(self._shown(field, values[entry["key"]]), "" if entry["is_default"] else "cyan", one_line=True),
                styled(default, "dim", one_line=True),
                styled(_type_of(field), one_line=True),
                styled((field.description or field.title) if field else "", one_line=True),
            )
        stdout().print(table)

    def get(self, key: str) -> None:
        """Print the value of one setting alone."""
        self._check_key(key)
        value = self._values.get(key)
        if self._as_json:
            print_json(self._entry(key, value))
        else:
            field = self._manifest.config.get(key)
            # A program that reads the value shall get it as it is; a terminal is not to be controlled by it.
            text = self._shown(field, value)
            if sys.stdout.isatty():
                stdout().print(styled(text))
            else:
                print(text)

    def set(self, key: str, text: str) -> None:
        """Check and store one value; `-` asks for it, or reads a line where standard input is no terminal."""
        self._check_key(key)
        field = self._manifest.config.get(key)
        if text == "-":
            text = self._ask(key, secret=field is not None and field.secret)
        self._values.set(key, text if field is None else text_to_value(field, text))
        self._confirm(key)

    def unset(self, key: str) -> None:
        """Go back to the default."""
        self._check_key(key)
        self._values.reset(key)
        self._confirm(key)

    def _ask(self, key: str, *, secret: bool) -> str:
        if sys.stdin.isatty():
            return Prompt.ask(f"{key}", console=stderr(), password=secret)
        line = sys.stdin.readline()
        if not line:
            fail(f"standard input ended before it gave a value for {key}", code=ExitCode.USAGE)
        return line.rstrip("\r\n")

    def _confirm(self, key: str) -> None:
        if self._as_json:
            print_json(self._entry(key, self._values.get(key)))
        else:
            value = self._shown(self._manifest.config.get(key), self._values.get(key))
            stderr().print(styled(f"{key} is now {value or '(empty)'}", one_line=True))

    def _check_key(self, key: str) -> None:
        known = self._values.all()
        if key not in known and self._manifest.config:
            fail(
                f"{self._manifest.id} has no setting {key!r}",
                f"It has {joined(sorted(known)) or 'none'}",
                ExitCode.USAGE,
            )

    def _shown(self, field: ConfigField | None, value: Any) -> str:
        return shown_value(field, value, show_secrets=self._show_secrets)

    def _entry(self, key: str, value: Any) -> dict[str, Any]:
        field = self._manifest.config.get(key)
        secret = field is not None and field.secret
        masked = secret and not self._show_secrets
        return {
            "key": key,
            "value": (SECRET_MASK if value else "") if masked else value,
            "default": None if field is None or masked else field.default,
            "is_default": field is not None and value == field.default,
            "type": field.type if field else "string",
            "secret": secret,
            "title": field.title if field else "",
            "description": field.description if field else "",
            "minimum": field.minimum if field else None,
            "maximum": field.maximum if field else None,
            "choices": list(field.choices) if field else [],
        }


def _type_of(field: ConfigField | None) -> str:
    """A field's type with its limits, as `integer 0…65535` or `choice: client, server`."""
    if field is None:
        return "string"
    if field.choices:
        return "choice: " + ", ".join(str(choice) for choice in field.choices)
    if field.minimum is None and field.maximum is None:
        return f"{field.type}, secret" if field.secret else field.type
    low = "" if field.minimum is None else value_to_text(field.minimum)
    high = "" if field.maximum is None else value_to_text(field.maximum)
    return f"{field.type} {low}…{high}"
