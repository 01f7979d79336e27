"""What building a plugin comes to, whatever it is written in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec


class BuildResult(msgspec.Struct, kw_only=True):
    """What became of one plugin.

    Attributes:
        status: built; fresh: nothing had changed; skipped: a library or a tool is missing; failed.
        message: why it was skipped or failed, and what to do.
        log: the compiler's words.
    """

    status: Literal["built", "fresh", "skipped", "failed"]
    message: str = ""
    log: str = ""


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A name in the folder of `target`, to write what os.replace then puts in its place; nothing is left of it."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
