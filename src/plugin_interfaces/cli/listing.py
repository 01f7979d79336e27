"""`plugin-interfaces list`: which plugins are there, and why one cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..host.discovery import PluginFolder, discover
from .console import counted, print_json, stdout, styled
from .paths import plugin_folders

__all__ = ["entry_of", "list_plugins", "state_of"]

_STYLES = {"ready": "green", "disabled": "dim", "failed": "red"}


def state_of(folder: PluginFolder) -> str:
    """`ready`, `disabled` or `failed`."""
    if folder.error is not None:
        return "failed"
    return "disabled" if folder.disabled else "ready"


def entry_of(folder: PluginFolder) -> dict[str, Any]:
    """One plugin as `list --json` shows it."""
    manifest = folder.manifest
    return {
        "id": manifest.id if manifest else None,
        "name": manifest.name if manifest else None,
        "version": manifest.version if manifest else None,
        "description": manifest.description if manifest else None,
        "kind": folder.kind,
        "state": state_of(folder),
        "error": str(folder.error) if folder.error else None,
        "folder": str(folder.path),
        "code": str(folder.code) if folder.code else None,
    }


def list_plugins(folders: Sequence[Path], *, as_json: bool) -> None:
    """Print the plugins in `folders`.

    A plugin that cannot be used is part of the list, not an error: the exit code is 0.
    """
    found = discover(plugin_folders(folders))
    if as_json:
        print_json({"plugins": [entry_of(folder) for folder in found]})
        return
    _print(found)


def _print(found: Sequence[PluginFolder]) -> None:
    from rich.table import Table

    console = stdout()
    if not found:
        console.print("No plugins there.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("ID", no_wrap=True, style="bold")
    for title in ("VERSION", "KIND", "STATE", "DESCRIPTION"):
        table.add_column(title, no_wrap=title != "DESCRIPTION", overflow="fold")
    for folder in found:
        entry = entry_of(folder)
        state = entry["state"]
        table.add_row(
            styled(entry["id"] or folder.path.name, one_line=True),
            styled(entry["version"] or "", one_line=True),
            {"library": "library", "python": "Python"}.get(folder.kind or "", ""),
            styled(state, _STYLES[state]),
            styled(entry["description"] or entry["name"] or "", one_line=True),
        )
    console.print(table)
    for folder in found:
        if folder.error:
            console.print()
            console.print(styled(str(folder.path), "bold red"))
            console.print(styled(f"  {folder.error}"))
    failed = sum(state_of(folder) == "failed" for folder in found)
    console.print()
    console.print(
        f"{counted(len(found), 'plugin')}" + (f", {failed} of them cannot be used" if failed else ""), style="dim"
    )
