"""Opens a browser on the link, without the token on a command line, where everybody on the machine could read it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from ..errors import ConfigError

__all__ = ["LINK_FILE", "link_file"]

LINK_FILE: Final = "open.html"
_PAGE: Final = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={0}">
<title>plugin-interfaces</title>
<a href="{0}">plugin-interfaces</a>
"""


@contextlib.contextmanager
def link_file(folder: Path, link: str) -> Iterator[Path]:
    """A page in a folder that leads to a link, and that its owner alone can read; gone in the end.

    Errors: ConfigError.
    """
    path = folder / LINK_FILE
    try:
        path.unlink(missing_ok=True)  # of a server that was killed
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_PAGE.format(escape(link)))
    except OSError as error:
        raise ConfigError(str(path), f"the link cannot be put there: {error}") from None
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
