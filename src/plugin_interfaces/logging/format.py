"""How log lines look: colours where a terminal shows them, plain text elsewhere."""

import logging as _std
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO


class ColorCode(StrEnum):
    """Escape sequences of ANSI terminals."""

    RESET = "\x1b[0m"
    BOLD = "\x1b[1m"
    DIM = "\x1b[2m"
    RED = "\x1b[31m"
    GREEN = "\x1b[32m"
    YELLOW = "\x1b[33m"
    BLUE = "\x1b[34m"
    MAGENTA = "\x1b[35m"
    CYAN = "\x1b[36m"


_COLORS: Final = {
    5: ColorCode.DIM,
    _std.DEBUG: ColorCode.CYAN,
    _std.INFO: ColorCode.GREEN,
    _std.WARNING: ColorCode.YELLOW,
    _std.ERROR: ColorCode.RED,
    _std.CRITICAL: ColorCode.RED,
}


def with_color(text: str, color: ColorCode) -> str:
    """`text` in a colour, for terminals."""
    return f"{color}{text}{ColorCode.RESET}"


def shows_color(stream: TextIO) -> bool:
    """Whether a stream is a terminal that shall have colours; NO_COLOR turns them off."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class ColorFormatter(_std.Formatter):
    """One line for each record: time, level, who, text, and where it was said."""

    def __init__(self, color: bool) -> None:
        super().__init__()
        self._color = color

    def format(self, record: _std.LogRecord) -> str:
        """The line."""
        level = f"{record.levelname:<7}"
        if self._color:
            level = with_color(level, _COLORS.get(record.levelno, ColorCode.BOLD))
        who = getattr(record, "instance_id", record.name)
        place = f" ({Path(record.pathname).name}:{record.lineno})" if record.lineno else ""
        line = f"{self.formatTime(record, '%H:%M:%S')} {level} {who}: {record.getMessage()}{place}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def setup_logging(level: int | str = _std.INFO, file: Path | None = None) -> _std.Handler:
    """Shows the package's log on standard error, or appends it to a file; returns the handler, to be removed again."""
    handler: _std.Handler
    if file is None:
        handler = _std.StreamHandler(sys.stderr)
        handler.setFormatter(ColorFormatter(shows_color(sys.stderr)))
    else:
        handler = _std.FileHandler(file, encoding="utf-8")
        handler.setFormatter(ColorFormatter(False))
    logger = _std.getLogger("plugin_interfaces")
    logger.addHandler(handler)
    logger.setLevel(level)
    return handler
