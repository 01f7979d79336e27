"""`plugin-interfaces serve`: the chat client in the browser."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..logging import setup_logging
from .console import ExitCode, fail, stderr, stdout, warn
from .paths import data_folder, plugin_folders

if TYPE_CHECKING:
    from ..web.server import Server

__all__ = ["ServeOptions", "print_schema", "run_server"]


class ServeOptions(msgspec.Struct, kw_only=True):
    """What the command line says: where the plugins and the data are, and what goes into ServerOptions."""

    folders: tuple[Path, ...]
    data_dir: Path | None
    browser: bool
    verbose: bool
    server: dict[str, Any]


def print_schema() -> None:
    """Writes the protocol's schema to standard output."""
    from ..web.schema import schema_text

    sys.stdout.write(schema_text())


def run_server(options: ServeOptions) -> None:
    """Serves until a signal comes."""
    folders = plugin_folders(options.folders)
    setup_logging(logging.DEBUG if options.verbose else logging.ERROR)
    try:
        from ..web.opening import link_file
        from ..web.server import ServerOptions, serve

        reached = ServerOptions(**options.server)
        if reached.page and reached.frontend is None:
            import nicegui  # noqa: F401
    except ModuleNotFoundError as missing:
        hint = "Install what it needs: pip install 'plugin-interfaces[web]'"
        fail(f"the client in the browser needs {missing.name}, which is not installed", hint, ExitCode.USAGE)

    data = options.data_dir or data_folder()
    opened = contextlib.ExitStack()

    def announce(server: Server) -> None:
        if server.public:
            warn(
                "others can reach this server; whoever has the link can do all that you can"
                + ("" if reached.tls_cert else ", and without TLS the link can be read on the way")
            )
        stdout().print(server.link, markup=False, highlight=False, soft_wrap=True)
        stderr().print("[dim]Open this link in a browser; Ctrl-C ends the server.[/]")
        if options.browser and _has_browser():
            webbrowser.open(opened.enter_context(link_file(data.resolve(), server.link)).as_uri())

    with opened:
        serve(folders, data, reached, announce=announce)


def _has_browser() -> bool:
    """Whether there is a screen to show one on; one in text would take the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
