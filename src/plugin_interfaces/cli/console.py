"""What all commands share: exit codes, output to people and to programs, and text that cannot harm a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

if TYPE_CHECKING:
    # Rich is loaded where something is printed with it: --help, completion and what Makefiles ask for do without.
    from rich.console import Console
    from rich.text import Text

__all__ = [
    "MESSAGE_STYLES",
    "CommandError",
    "ExitCode",
    "fail",
    "print_json",
    "safe",
    "stderr",
    "stdout",
    "styled",
    "uses_colour",
    "warn",
]


class ExitCode(IntEnum):
    """The exit codes of all commands.

    Attributes:
        meaning: what the person reads of it.
    """

    meaning: str

    def __new__(cls, code: int, meaning: str) -> ExitCode:
        """A code and what it means."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "done"
    FAILED = 1, "failed"
    USAGE = 2, "wrong usage"
    LOAD_FAILED = 3, "a plugin could not be loaded or connected"
    NO_REPLY = 4, "a message had no reply (failed, timed out, cancelled)"
    INTERRUPTED = 130, "interrupted"


MESSAGE_STYLES = {"success": "green", "warning": "yellow", "error": "red", "info": "cyan", "normal": ""}
"""How each kind of message looks."""


class CommandError(Exception):
    """A command cannot go on: `message` says what and why, `hint` what to do, `code` is the exit code."""

    def __init__(self, message: str, hint: str = "", code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


# C0 (but tab and line feed), DEL and C1 control characters, and the characters that change the direction of all text
# after them: with these, a text could move the cursor, set the title, answer for the person, or disguise itself.
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _visible(match: re.Match[str]) -> str:
    """A stand-in that shows which character was there."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)  # ␀ … ␟, the control pictures
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def safe(text: str, *, one_line: bool = False) -> str:
    """`text` with each control character shown instead of obeyed; with `one_line` also tabs and line feeds.

    Every text that comes from a plugin, a manifest or a file goes through here before it reaches a terminal. A line
    ending of CR LF becomes LF.
    """
    text = _HARMFUL.sub(_visible, text.replace("\r\n", "\n"))
    return text.replace("\n", "␊").replace("\t", " ") if one_line else text


def uses_colour(stream: TextIO) -> bool:
    """Whether a stream is a terminal that shall have colours: NO_COLOR and TERM=dumb turn them off."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    # Rich takes FORCE_COLOR for a terminal; a pipe shall stay plain unless that is set on purpose.
    return Console(
        file=stream,
        stderr=stream is sys.stderr,
        no_color=None if uses_colour(stream) else True,
        highlight=False,
        soft_wrap=not stream.isatty(),
        emoji=False,
    )


def stdout() -> Console:
    """The console for results."""
    return _console(sys.stdout)


def stderr() -> Console:
    """The console for everything that is not a result: errors, warnings, progress."""
    return _console(sys.stderr)


def styled(text: str, style: str = "", *, one_line: bool = False) -> Text:
    """Foreign text for Rich: made safe, and taken literally where it looks like markup."""
    from rich.text import Text

    return Text(safe(text, one_line=one_line), style=style)


def print_json(value: Any) -> None:
    """Write `value` to standard output as indented JSON, the form that `--json` gives."""
    import msgspec

    data = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(data.decode() + "\n")


def warn(message: str) -> None:
    """Write a warning to standard error."""
    stderr().print(styled("warning:", "yellow"), styled(message))


def report(message: str, hint: str = "") -> None:
    """Write an error, and what to do about it, to standard error."""
    console = stderr()
    console.print(styled("error:", "bold red"), styled(message))
    for line in filter(None, hint.splitlines()):
        console.print(styled(f"  {line}", "dim"))


def fail(message: str, hint: str = "", code: ExitCode = ExitCode.FAILED) -> NoReturn:
    """End the command with an error."""
    raise CommandError(message, hint, code)


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 plugin`, `2 plugins`."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def joined(words: Iterable[str]) -> str:
    """`a, b and c`."""
    items = list(words)
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))
