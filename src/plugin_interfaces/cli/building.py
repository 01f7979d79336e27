"""`plugin-interfaces build`: compiles plugins from their sources, showing how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ..host.building import BuildResult, build_plugin
from ..host.discovery import discover
from .console import CommandError, counted, print_json, safe, stderr, stdout, styled
from .paths import include_folder, plugin_folders

__all__ = ["build_plugins"]

_MARKS = {
    "built": ("built", "green"),
    "fresh": ("up to date", "dim"),
    "skipped": ("skipped", "yellow"),
    "failed": ("failed", "red"),
}


def build_plugins(folders: Sequence[Path], *, force: bool, quiet: bool, as_json: bool) -> None:
    """Compile what is out of date in `folders`.

    A plugin that fails does not keep the others from being built. One that needs a library or a tool which is missing
    here is skipped, with a word on how to get it; only a failed one makes the exit code 1.
    """
    console = stderr() if as_json else stdout()
    headers = include_folder()
    sources = [folder.path for folder in discover(plugin_folders(folders)) if folder.kind == "library"]
    results: list[tuple[Path, BuildResult]] = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=stderr(),
        transient=True,
        disable=quiet or not stderr().is_terminal,
    ) as progress:
        task = progress.add_task("compiling", total=len(sources))
        for path in sources:
            name = safe(path.name, one_line=True)

            def show(step: str, name: str = name) -> None:
                progress.update(task, description=f"compiling {name}: {safe(step, one_line=True)}")

            progress.update(task, description=f"compiling {name}")
            results.append((path, build_plugin(path, headers, force=force, on_step=show)))
            progress.advance(task)
    if as_json:
        print_json(
            {
                "plugins": [
                    {"folder": str(path), "status": result.status, "message": result.message, "log": result.log}
                    for path, result in results
                ]
            }
        )
    else:
        for path, result in results:
            word, style = _MARKS[result.status]
            if quiet and result.status in ("built", "fresh"):
                continue
            console.print(styled(f"{word:<10}", style), styled(str(path)), end="")
            console.print(styled(f": {result.message}" if result.message and result.status != "fresh" else ""))
            if result.log and result.status in ("failed", "built"):
                console.print(styled(result.log.rstrip()))
        if not results and not quiet:
            console.print("Nothing to compile there.")
    failed = sum(result.status == "failed" for _, result in results)
    if failed:
        raise CommandError(f"{counted(failed, 'plugin')} could not be compiled", "The compiler's words are above.")
