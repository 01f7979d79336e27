"""`config.toml`: what a plugin is."""

import errno
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import msgspec

from ..errors import ConfigError, ManifestError
from ..metadata import PluginMetadata
from .fields import ConfigField
from .files import read_toml

MANIFEST_NAME: Final = "config.toml"
_ID_EXAMPLE: Final = 'write id = "my_plugin" under [plugin]'


class BuildSection(msgspec.Struct, frozen=True, kw_only=True):
    """`[build]`: how a plugin in C or C++ is compiled, where `*.c` and `*.cpp` with no library is not enough.

    Attributes:
        sources: files in the folder; empty means all.
        libraries: names for `-l`.
        pkg_config: names that pkg-config knows.
        flags: further options for the compiler.
        hint: how to get what is needed.
    """

    sources: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    pkg_config: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    hint: str = ""


class _PluginSection(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    description: str = ""
    version: str = ""
    author: str | None = None
    library: str | None = None
    module: str | None = None
    category: str = ""
    tags: tuple[str, ...] = ()
    min_app_version: str = ""
    disabled: bool = False
    require_history: bool = False
    reloadable: bool = False
    permissions: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()


class Manifest(_PluginSection, frozen=True, kw_only=True):
    """A plugin's `config.toml`.

    Attributes:
        path: of the file.
        library: the shared library's name, with or without prefix and suffix, or None.
        module: the Python module's file, or None.
        permissions: what the plugin asks the person to allow; each is one word.
        requires: packages that a Python plugin needs, as pip writes them.
        accepts: endings of files, such as ".txt", whose `file:` URL the plugin takes as a message; "*" for any.
        reloadable: the library may be unmapped; all threads of the plugin have ended by then.
        config: the declared settings by key.
        user: values that the file itself gives, in a `[user]` table; they stand behind those of the person.
        build: how it is compiled.
    """

    path: Path
    config: dict[str, ConfigField] = {}
    user: dict[str, Any] = {}
    build: BuildSection = BuildSection()

    @property
    def folder(self) -> Path:
        """The plugin's folder."""
        return self.path.parent

    def metadata(
        self, instance_id: str | None = None, library_path: Path | None = None, denied: Collection[str] = ()
    ) -> PluginMetadata:
        """The manifest as the plugin is given it, without the permissions that the person denied."""
        return PluginMetadata(
            id=self.id,
            name=self.name,
            description=self.description,
            version=self.version,
            config_path=str(self.path),
            disabled=self.disabled,
            require_history=self.require_history,
            author=self.author,
            library_path=None if library_path is None else str(library_path),
            instance_id=instance_id,
            permissions=tuple(name for name in self.permissions if name not in denied) if denied else self.permissions,
        )


# By path, with the tables that they were made of.
_manifests: dict[str, tuple[dict[str, Any], Manifest]] = {}


def load_manifest(folder: Path | str) -> Manifest:
    """The manifest in `folder`; made anew only where the file has changed. Errors: ManifestError."""
    return manifest_at(os.path.join(os.path.abspath(folder), MANIFEST_NAME))


def manifest_at(path: str) -> Manifest:
    """As load_manifest, by the absolute path of the file."""
    tables = read_toml(path)
    if tables is None:
        raise ManifestError(path, f"cannot be read: {os.strerror(errno.ENOENT)}; a plugin's folder has one")
    known = _manifests.get(path)
    if known is not None and known[0] is tables:
        return known[1]
    manifest = _parse(Path(path), tables)
    _manifests[path] = (tables, manifest)
    return manifest


def _parse(path: Path, tables: dict[str, Any]) -> Manifest:
    what = str(path)
    # The crate's own files may have the fields at the top level, without [plugin].
    plugin = tables.get("plugin", tables if "id" in tables else None)
    if not isinstance(plugin, dict):
        raise ManifestError(what, "there is no table [plugin]; write one with an id and a name")
    try:
        section = msgspec.convert(plugin, _PluginSection)
        build = msgspec.convert(tables.get("build", {}), BuildSection)
    except msgspec.ValidationError as error:
        raise ManifestError(what, f"[plugin] or [build] is wrong: {error}; {_ID_EXAMPLE}") from None
    check_id(what, section.id)
    for name in section.permissions:
        if name.split() != [name] or not name.isprintable():
            raise ManifestError(what, f'{name!r} is no permission: write each as one word, such as "network"')
    values = {field: getattr(section, field) for field in section.__struct_fields__}
    values["name"] = section.name or section.id
    user = tables.get("user", {})
    return Manifest(
        **values,
        path=path,
        config=_fields(what, tables.get("config", {})),
        user=user if isinstance(user, dict) else {},
        build=build,
    )


def check_id(what: str, plugin_id: str) -> None:
    """An id names files and log channels, so it is printable and has no separator. Errors: ManifestError."""
    if not plugin_id.strip():
        raise ManifestError(what, f"the id is empty; {_ID_EXAMPLE}")
    if not plugin_id.isprintable() or set(plugin_id) & set("/\\") or plugin_id in (".", ".."):
        raise ManifestError(what, f"{plugin_id!r} is no id: use letters, digits, `_`, `-` and `.`")
    if len(plugin_id.encode()) > 200:
        raise ManifestError(what, "the id is longer than 200 bytes")


def _fields(what: str, config: Any) -> dict[str, ConfigField]:
    if not isinstance(config, dict):
        raise ManifestError(what, "[config] is no table; declare a setting as [config.<key>]")
    fields = {}
    for key, table in config.items():
        try:
            field = msgspec.convert(table, ConfigField)
        except msgspec.ValidationError as error:
            raise ManifestError(what, f"[config.{key}] is wrong: {error}") from None
        if field.type == "choice" and not field.choices:
            raise ManifestError(what, f"[config.{key}] is a choice without choices; add choices = […]")
        if field.default is None:
            field = msgspec.structs.replace(field, default=_empty(field))
        try:
            default = field.check(key, field.default)
        except ConfigError as error:
            if "default" in table:
                raise ManifestError(what, f"the default of [config.{key}] is wrong: {error.message}") from None
            default = field.default
        fields[key] = msgspec.structs.replace(field, default=default)
    return fields


def _empty(field: ConfigField) -> Any:
    """The default of a field that has none."""
    if field.choices:
        return field.choices[0]
    if field.type in ("integer", "number"):
        value = field.minimum if field.minimum is not None and field.minimum > 0 else 0
        return int(value) if field.type == "integer" else float(value)
    return False if field.type == "boolean" else ""


class PluginConfig(msgspec.Struct, kw_only=True):
    """The `[plugin]` table alone, with the names of the crate."""

    id: str
    disabled: bool = False
    name: str = ""
    description: str = ""
    version: str = ""
    author: str | None = None

    @classmethod
    def from_file(cls, path: Path | str) -> "PluginConfig":
        """Reads a `config.toml`, or that of a folder. Errors: ManifestError."""
        path = Path(path)
        manifest = load_manifest(path if path.is_dir() else path.parent)
        return cls(**{field: getattr(manifest, field) for field in cls.__struct_fields__})
