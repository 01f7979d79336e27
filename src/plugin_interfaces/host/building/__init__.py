"""Builds plugins: in Rust with cargo, in C and C++ with the system's compiler."""

from collections.abc import Callable
from pathlib import Path

from ...config import load_manifest
from ...errors import LoadError
from ..discovery import is_crate
from .cargo import build_crate
from .compiler import compile_sources
from .result import BuildResult

__all__ = ["BuildResult", "build_plugin"]


def build_plugin(
    folder: Path, include_dir: Path, *, force: bool = False, on_step: Callable[[str], None] | None = None
) -> BuildResult:
    """Builds the plugin in `folder`. Raises nothing: what goes wrong is in the result.

    The library is made under another name and then renamed, so that a host that has the old one open is not harmed.
    `on_step` is told what has been compiled, where there is much: the crates that one in Rust depends on.
    """
    try:
        manifest = load_manifest(folder)
    except LoadError as error:
        return BuildResult(status="failed", message=str(error))
    if is_crate(folder):
        return build_crate(manifest, force=force, on_step=on_step)
    return compile_sources(manifest, include_dir, force=force)
