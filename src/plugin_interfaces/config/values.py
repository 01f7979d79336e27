"""`user.toml`: what the person set, beside the manifest. Written whole or not at all, with its comments kept."""

import contextlib
import os
import tempfile
import threading
import tomllib
from pathlib import Path
from typing import Any, Final

from ..errors import ConfigError, ManifestError
from .fields import text_to_value
from .files import read_toml
from .manifest import MANIFEST_NAME, Manifest

USER_NAME: Final = "user.toml"

# One writer for a file at a time; different processes replace the file whole, so the later one wins.
_write_lock = threading.Lock()
# Around reading what is denied and writing it with one more or less.
_denied_lock = threading.Lock()


class UserValues:
    """The settings of one instance: its values in user.toml, over the defaults of the manifest.

    The plugin's default instance, whose id is the plugin's, has the table `[user]`; any other `[instances.<id>]`.
    Any thread may use it. Reading follows changes of the file.
    """

    def __init__(self, folder: Path | str, instance_id: str, manifest: Manifest) -> None:
        self._path = os.path.join(folder, USER_NAME)
        self._manifest = manifest
        self._instance_id = instance_id
        self._keys = ("user",) if instance_id == manifest.id else ("instances", instance_id)
        self._lock = threading.Lock()
        self._tables: dict[str, Any] | None = None
        self._own: dict[str, Any] = {}

    @property
    def path(self) -> Path:
        """Of user.toml, which need not be there."""
        return Path(self._path)

    def get(self, key: str) -> Any:
        """The present value; None where the key is neither declared nor set. Errors: ConfigError."""
        return self.all().get(key)

    def all(self) -> dict[str, Any]:
        """All settings, declared ones first and in their order. Errors: ConfigError where user.toml is damaged."""
        values = {key: field.default for key, field in self._manifest.config.items()}
        values.update(self._manifest.user)
        values.update(self._read())
        return values

    def set(self, key: str, value: Any) -> None:
        """Checks a value and stores it. Errors: ConfigError; the file is as it was then."""
        field = self._manifest.config.get(key)
        if field is not None:
            value = field.check(key, value)
        elif not isinstance(value, str | int | float | bool):
            raise ConfigError(key, f"a value of type {type(value).__name__} cannot be stored")
        self._write(key, value)

    def set_text(self, key: str, text: str) -> None:
        """As set, for a value in the form that plugins use: see value_to_text. Errors: ConfigError."""
        field = self._manifest.config.get(key)
        try:
            value = text if field is None else text_to_value(field, text)
        except ConfigError as error:
            raise ConfigError(key, error.message) from None
        self.set(key, value)

    def reset(self, key: str) -> None:
        """Goes back to the default; nothing happens where the person set none. Errors: ConfigError."""
        if key in self._read():
            self._write(key, None)

    def _read(self) -> dict[str, Any]:
        try:
            tables = read_toml(self._path)
        except ManifestError as error:
            raise ConfigError(error.what, f"{error.message}. Mend the file, or move it away") from None
        with self._lock:
            if tables is not self._tables:
                self._own = self._checked(self._table(tables or {}))
                self._tables = tables
            return dict(self._own)

    def _table(self, table: Any) -> dict[str, Any]:
        for key in self._keys:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        return table if isinstance(table, dict) else {}

    def _checked(self, table: dict[str, Any]) -> dict[str, Any]:
        """What the person wrote by hand is checked like what a program sets."""
        checked = {}
        for key, value in table.items():
            field = self._manifest.config.get(key)
            try:
                checked[key] = value if field is None else field.check(key, value)
            except ConfigError as error:
                raise ConfigError(self._path, f"{key}: {error.message}") from None
        return checked

    def _write(self, key: str, value: Any) -> None:
        """Sets one key, or removes it where `value` is None."""
        secret = any(field.secret for field in self._manifest.config.values())
        _write_value(self.path, self._keys, key, value, secret=secret)


def choices_of(manifest: Manifest) -> tuple[bool, tuple[str, ...]]:
    """Whether the person disabled the plugin, and which of the permissions that it asks for the person does not give.

    Where user.toml cannot be understood, these are all, since what the person wrote there may have been a refusal; what
    is wrong with it says whoever reads the values.
    """
    try:
        tables = read_toml(_user_path(manifest))
    except ManifestError:
        return manifest.disabled, manifest.permissions
    if tables is None:
        return manifest.disabled, ()
    table = tables.get("plugin", {})
    if not isinstance(table, dict):
        return manifest.disabled, manifest.permissions
    disabled, denied = table.get("disabled"), table.get("denied", [])
    if not isinstance(disabled, bool):
        disabled = manifest.disabled
    if not isinstance(denied, list) or not all(isinstance(name, str) for name in denied):
        return disabled, manifest.permissions
    return disabled, tuple(name for name in manifest.permissions if name in denied)


def is_disabled(manifest: Manifest) -> bool:
    """Whether the person disabled the plugin, or enabled it; else what the manifest says."""
    return choices_of(manifest)[0]


def denied_permissions(manifest: Manifest) -> tuple[str, ...]:
    """The permissions that the manifest asks for and the person does not give: see choices_of."""
    return choices_of(manifest)[1]


def _user_path(manifest: Manifest) -> str:
    return str(manifest.path).removesuffix(MANIFEST_NAME) + USER_NAME


def set_disabled(manifest: Manifest, disabled: bool) -> None:
    """Remembers in user.toml that the person disabled the plugin, or enabled it. Errors: ConfigError."""
    secret = any(field.secret for field in manifest.config.values())
    value = None if disabled == manifest.disabled else disabled
    _write_value(manifest.folder / USER_NAME, ("plugin",), "disabled", value, secret=secret)


def set_denied(manifest: Manifest, permission: str, denied: bool) -> None:
    """Remembers in user.toml that the person denied a permission, or gave it. Errors: ConfigError."""
    if permission not in manifest.permissions:
        asked = ", ".join(manifest.permissions) or "none"
        raise ConfigError(permission, f"{manifest.id} does not ask for this permission; it asks for: {asked}")
    secret = any(field.secret for field in manifest.config.values())
    with _denied_lock:
        left = [name for name in denied_permissions(manifest) if name != permission]
        value = [*left, permission] if denied else left
        _write_value(manifest.folder / USER_NAME, ("plugin",), "denied", value or None, secret=secret)


def _write_value(path: Path, keys: tuple[str, ...], key: str, value: Any, *, secret: bool) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    with _write_lock:
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            tomllib.loads(text)
            document = tomlkit.parse(text)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TOMLKitError) as error:
            raise ConfigError(str(path), f"cannot be changed: {error}. Mend the file first") from None
        table: Any = document
        for name in keys:
            if name not in table:
                table[name] = tomlkit.table()
            table = table[name]
            if not isinstance(table, dict):
                raise ConfigError(str(path), f"{name} is no table; mend the file first")
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
        _replace(path, tomlkit.dumps(document), 0o600 if secret else 0o644)


def _replace(path: Path, text: str, mode: int) -> None:
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{USER_NAME}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise ConfigError(str(path), f"cannot be written: {error.strerror}; nothing was changed") from None
