"""Where things are: the folders of plugins, the headers, the crate, the person's data."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from .console import ExitCode, fail

__all__ = [
    "PATH_VARIABLE",
    "crate_folder",
    "data_folder",
    "default_folders",
    "include_folder",
    "known_plugin_ids",
    "package_version",
    "plugin_folders",
    "quoted",
]

PATH_VARIABLE = "PLUGIN_INTERFACES_PATH"
_LOCAL_FOLDERS = ("c_plugins", "cpp_plugins", "rust_plugins", "py_plugins")
_APP = "plugin-interfaces"
_REINSTALL = "The installation is damaged. Install the package again: pip install --force-reinstall plugin-interfaces"


def package_version() -> str:
    """The version of the installed package."""
    import importlib.metadata

    try:
        return importlib.metadata.version("plugin-interfaces")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def include_folder() -> Path:
    """The folder of plugin_interface.h: inside an installed package, or the checkout's."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "include", package.parent.parent / "include"):
        if (folder / "plugin_interface.h").is_file():
            return folder
    fail(f"plugin_interface.h is not in {package / 'include'}", _REINSTALL)


def crate_folder() -> Path:
    """The folder of the crate for plugins in Rust: inside an installed package, or the checkout's."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "rust", package.parent.parent / "bindings" / "rust"):
        if (folder / "Cargo.toml").is_file():
            return folder
    fail(f"the crate for plugins in Rust is not in {package / 'rust'}", _REINSTALL)


def data_folder() -> Path:
    """Where conversations and the person's own plugins are kept."""
    import platformdirs

    return Path(platformdirs.user_data_dir(_APP, appauthor=False))


def default_folders() -> list[Path]:
    """The folders that are there, of those looked at where none is named; in the order in which they count."""
    named = os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
    candidates = [
        *(Path(name) for name in _LOCAL_FOLDERS),
        *(Path(name).expanduser() for name in named if name),
        data_folder() / "plugins",
    ]
    seen: dict[Path, Path] = {}
    for folder in candidates:
        if folder.is_dir():
            seen.setdefault(folder.resolve(), folder)
    return list(seen.values())


def plugin_folders(folders: Sequence[Path]) -> list[Path]:
    """The folders that a command works on: those named, which must be there, or the default ones."""
    if not folders:
        found = default_folders()
        if not found:
            fail(
                "there is no folder of plugins",
                f"Name one, set {PATH_VARIABLE}, or put plugins in {data_folder() / 'plugins'}",
                ExitCode.USAGE,
            )
        return found
    for folder in folders:
        if not folder.is_dir():
            reason = "it is a file" if folder.exists() else "there is none"
            fail(f"{folder} is not a folder: {reason}", "Name a plugin's folder or a folder of them", ExitCode.USAGE)
    return list(folders)


def known_plugin_ids() -> list[str]:
    """The ids of the plugins in the default folders, for shell completion."""
    from ..host.discovery import discover

    return [folder.manifest.id for folder in discover(default_folders()) if folder.manifest is not None]


def quoted(options: Iterable[str]) -> str:
    """Options as a shell and a Makefile's $(shell …) can take them."""
    return shlex.join(options)
