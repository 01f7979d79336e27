"""Which plugins are in folders, found without running any code of theirs."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from ..config import Manifest, choices_of, load_manifest
from ..config.manifest import MANIFEST_NAME, manifest_at
from ..errors import LibraryError, LoadError, ManifestError
from .requirements import check_requirements

PluginKind: TypeAlias = Literal["library", "python"]

DEFAULT_MODULE: Final = "plugin.py"
LIBRARY_SUFFIX: Final = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
CRATE_MANIFEST: Final = "Cargo.toml"
_SOURCES: Final = (".c", ".cpp", ".cc", ".cxx")


class PluginFolder(msgspec.Struct, kw_only=True):
    """One folder that holds a plugin, or tries to.

    Attributes:
        path: the folder.
        manifest: what its config.toml says; None where that is unusable.
        kind: a shared library, whatever it is written in, or a Python module; None where that cannot be told.
        code: the library or the module; None where there is none.
        error: why it cannot be used; None where it can.
        disabled: listed, but not to be loaded.
        denied: the permissions that it asks for and the person does not give.
        usual: `code` is the library that is looked for first, so that no other file could come before it.
    """

    path: Path
    manifest: Manifest | None = None
    kind: PluginKind | None = None
    code: Path | None = None
    error: LoadError | None = None
    disabled: bool = False
    denied: tuple[str, ...] = ()
    usual: bool = False

    @property
    def id(self) -> str:
        """The plugin's id; the folder's name where the manifest is unusable."""
        return self.manifest.id if self.manifest else self.path.name

    @property
    def required_manifest(self) -> Manifest:
        """The manifest. Errors: the LoadError in `error` where that is unusable."""
        if self.manifest is None:
            assert self.error is not None
            raise self.error
        return self.manifest


def discover(folders: Iterable[Path | str]) -> list[PluginFolder]:
    """The plugins in `folders`: each is a plugin's folder, or a folder of such. In the order of folders and names.

    What cannot be used is in the list too, with the reason. Two folders with one id: the first counts.
    """
    found: list[PluginFolder] = []
    first: dict[str, PluginFolder] = {}
    for path in _plugin_folders(folders):
        folder = look_at(path)
        if folder.manifest is not None:
            other = first.setdefault(folder.manifest.id, folder)
            if other is not folder:
                folder.error = LoadError(
                    str(path), f"its id {folder.manifest.id!r} is that of {other.path} already; change one of them"
                )
        found.append(folder)
    return found


def _plugin_folders(folders: Iterable[Path | str]) -> Iterator[Path]:
    """Each plugin's folder once, whatever names lead to it."""
    seen: set[tuple[int, int]] = set()
    for name in folders:
        folder = os.path.abspath(name)
        for path in [folder] if _has_manifest(folder) else _folders_in(folder):
            try:
                found = os.stat(path)
            except OSError:  # gone just now
                continue
            place = (found.st_dev, found.st_ino)
            if place not in seen:
                seen.add(place)
                yield Path(path)


def _has_manifest(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, MANIFEST_NAME))


def _folders_in(folder: str) -> list[str]:
    """The folders in one that have a manifest, by name. Hidden ones are of tools: cargo has a `.cargo/config.toml`."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    paths = (os.path.join(folder, name) for name in sorted(names) if not name.startswith("."))
    return [path for path in paths if _has_manifest(path)]


def look_at(path: Path) -> PluginFolder:
    """What is in one plugin's folder."""
    try:
        manifest = load_manifest(path)
    except ManifestError as error:
        return PluginFolder(path=path, error=error)
    disabled, denied = choices_of(manifest)
    folder = PluginFolder(path=path, manifest=manifest, disabled=disabled, denied=denied)
    try:
        _find_code(folder, manifest)
        if folder.kind == "python":
            check_requirements(manifest)
    except LoadError as error:
        folder.error = error
    return folder


def look_again(folder: PluginFolder) -> PluginFolder:
    """As look_at of the same path; the same object where all is as it was."""
    manifest, code = folder.manifest, folder.code
    if folder.error is None and folder.usual and manifest is not None and code is not None:
        try:
            is_same = (
                manifest_at(str(manifest.path)) is manifest
                and choices_of(manifest) == (folder.disabled, folder.denied)
                and not _is_python(manifest)
                and stat.S_ISREG(os.lstat(code).st_mode)
            )
        except (OSError, ManifestError):
            is_same = False
        if is_same:
            return folder
    return look_at(folder.path)


def _is_python(manifest: Manifest) -> bool:
    """Where the manifest names neither a module nor a library, a module of the usual name is one."""
    if manifest.module or manifest.library:
        return bool(manifest.module)
    return os.path.isfile(os.path.join(os.path.dirname(manifest.path), DEFAULT_MODULE))


def _find_code(folder: PluginFolder, manifest: Manifest) -> None:
    if manifest.module and manifest.library:
        raise ManifestError(str(manifest.path), "gives both a module and a library; a plugin is one of them")
    if _is_python(manifest):
        folder.kind = "python"
        name = manifest.module or DEFAULT_MODULE
        folder.code = _file_inside(manifest, name)
        if folder.code is None:
            raise LibraryError(str(folder.path), f"there is no module {os.path.basename(name)} in the folder")
        return
    folder.kind = "library"
    names = library_names(manifest)
    for name in names:
        folder.code = _file_inside(manifest, name)
        if folder.code is not None:
            folder.usual = name == names[0]
            return
    if has_sources(folder.path):
        reason = f"{names[0]} is not there; compile it: plugin-interfaces build {folder.path}"
    else:
        reason = f"there is neither {names[0]} nor a source to build it from"
    raise LibraryError(str(folder.path), reason)


def _file_inside(manifest: Manifest, name: str) -> Path | None:
    """A file of the plugin's own folder, None where there is none; a manifest cannot make the host load any other."""
    folder = os.path.dirname(manifest.path)
    path = os.path.join(folder, name)
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        mode = 0
    # What has no folder in its name and is no link is where it seems to be.
    if os.path.basename(name) == name and not stat.S_ISLNK(mode):
        return Path(path) if stat.S_ISREG(mode) else None
    if not Path(path).resolve().is_relative_to(Path(folder).resolve()):
        raise ManifestError(str(manifest.path), f"{name!r} is outside of the plugin's folder")
    return Path(path) if os.path.isfile(path) else None


def library_names(manifest: Manifest) -> list[str]:
    """The names that the library may have on this system; the first is the one that `build` makes."""
    base = manifest.library or manifest.id
    if base.endswith((".so", ".dylib", ".dll")):
        base = base[: base.rindex(".")].removeprefix("lib")
    return [f"lib{base}{LIBRARY_SUFFIX}", f"{base}{LIBRARY_SUFFIX}"]


def has_sources(folder: Path) -> bool:
    """Whether there is something to compile."""
    return is_crate(folder) or any(path.suffix in _SOURCES for path in folder.iterdir())


def is_crate(folder: Path) -> bool:
    """Whether the plugin is written in Rust: cargo builds it, also where there are sources in C beside."""
    return (folder / CRATE_MANIFEST).is_file()
