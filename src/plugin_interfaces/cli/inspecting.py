"""`plugin-interfaces inspect`: what a plugin is, and what is wrong with it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

from ..errors import PluginInterfacesError
from ..host.discovery import look_at
from .console import ExitCode, fail, print_json, stdout, styled
from .listing import entry_of

__all__ = ["inspect_plugin"]

_SECONDS = 30


def inspect_plugin(target: Path, *, as_json: bool) -> None:
    """Prints what is known of a plugin; exit code 3 where it cannot be used."""
    if not target.exists():
        fail(f"{target} is not there", "Name a plugin's folder, or a shared library", ExitCode.USAGE)
    found = _folder(target) if target.is_dir() else {"code": str(target), "error": None, "settings": []}
    if found["error"] is None and found.get("kind") != "python":
        found |= _run_probe(Path(found["code"]))
        found["error"] = found["error"] or _contradiction(found)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if found["error"]:
        fail(f"{target}: {found['error']}", code=ExitCode.LOAD_FAILED)


def _folder(path: Path) -> dict[str, Any]:
    folder = look_at(path)
    found = entry_of(folder)
    settings = folder.manifest.config if folder.manifest else {}
    found["settings"] = [
        {"key": key, **msgspec.to_builtins(field), "default": "" if field.secret else field.default}
        for key, field in settings.items()
    ]
    asked = folder.manifest.permissions if folder.manifest else ()
    found["permissions"] = [{"name": name, "given": name not in folder.denied} for name in asked]
    if folder.kind == "python" and folder.error is None:
        found["error"] = _python_error(path)
    return found


def _python_error(path: Path) -> str | None:
    """A plugin in Python is loaded by a host of its own, which is gone again before anything else happens."""
    from ..host import Host

    with Host([path]) as host:
        try:
            host.load(host.plugins[0].id)
        except PluginInterfacesError as error:
            return str(error)
    return None


def _contradiction(found: dict[str, Any]) -> str | None:
    """Where the library says something else than config.toml."""
    own = found.get("metadata") or {}
    for field in ("id", "version"):
        if own.get(field) and found.get(field) and own[field] != found[field]:
            return f"get_metadata says that the {field} is {own[field]!r}, and config.toml says {found[field]!r}"
    return None


def _run_probe(library: Path) -> dict[str, Any]:
    """What the library is, from a process that it may crash."""
    command = [sys.executable, "-m", "plugin_interfaces.cli.probe", str(library.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return {"error": f"it did not return within {_SECONDS} s from create_plugin, get_metadata or destroy_plugin"}
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        return {"error": f"it crashes with {name} in create_plugin, get_metadata or destroy_plugin"}
    try:
        found: dict[str, Any] = msgspec.json.decode(done.stdout)
    except msgspec.DecodeError:
        words = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it ended the process"]
        return {"error": f"it could not be looked at: {words[0]}"}
    return found


def _print(found: dict[str, Any]) -> None:
    console = stdout()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name in ("id", "name", "version", "description", "kind", "code", "abi_version"):
        if found.get(name):
            table.add_row(name.replace("_", " "), styled(str(found[name]), one_line=True))
    for name in ("entries", "features"):
        if found.get(name):
            table.add_row(name, styled(", ".join(found[name])))
    for setting in found.get("settings", []):
        title = f": {setting['title']}" if setting["title"] else ""
        text = f"{setting['type']}, default {setting['default']!r}{title}"
        table.add_row("setting", styled(f"{setting['key']} ({text})", one_line=True))
    for permission in found.get("permissions", []):
        given = "given" if permission["given"] else "denied"
        table.add_row("permission", styled(f"{permission['name']} ({given})", one_line=True))
    console.print(table)
    if not found["error"]:
        console.print("[green]It can be loaded.[/]")
