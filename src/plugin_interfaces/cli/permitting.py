"""`plugin-interfaces permissions`: what a plugin asks for, and what the person gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..config import denied_permissions, load_manifest, set_denied
from .console import ExitCode, fail, print_json, stdout, styled

__all__ = ["change_permissions"]


def change_permissions(folder: Path, allow: Sequence[str], deny: Sequence[str], *, as_json: bool) -> None:
    """Give and take what was named, then print what stands."""
    if not folder.is_dir():
        fail(f"{folder} is not a folder", "Name the folder of a plugin, with its config.toml", ExitCode.USAGE)
    manifest = load_manifest(folder)
    for name in (*allow, *deny):
        if name not in manifest.permissions:
            asked = ", ".join(manifest.permissions) or "none"
            fail(f"{manifest.id} does not ask for {name!r}", f"It asks for: {asked}", ExitCode.USAGE)
        if name in allow and name in deny:
            fail(f"{name!r} is both allowed and denied", "Say one of them", ExitCode.USAGE)
    for name in allow:
        set_denied(manifest, name, False)
    for name in deny:
        set_denied(manifest, name, True)
    denied = denied_permissions(manifest)
    if as_json:
        given = [{"name": name, "given": name not in denied} for name in manifest.permissions]
        print_json({"plugin": manifest.id, "permissions": given})
        return
    if not manifest.permissions:
        stdout().print(styled(f"{manifest.name} asks for no permissions."))
    for name in manifest.permissions:
        word, style = ("denied", "yellow") if name in denied else ("given", "green")
        stdout().print(styled(f"{word:<8}", style), styled(name, one_line=True), sep="")
