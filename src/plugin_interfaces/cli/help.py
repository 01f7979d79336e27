"""What --help shows: arguments, options, examples and exit codes; in colours where a terminal has them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from .console import ExitCode, uses_colour

__all__ = ["Argument", "Command", "Group"]

# Lines that are longer are hard to read; where output is piped, nobody says how long they may be.
_WIDTH = 120


class _Formatter(click.HelpFormatter):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._colour = uses_colour(sys.stdout)

    def _styled(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._colour else text

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, self._styled(prefix or "Usage:", bold=True) + " ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(self._styled(heading, bold=True))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(self._styled(name, fg="cyan"), text) for name, text in rows], col_max, col_spacing)

    def write_command(self, line: str) -> None:
        """A line as it is typed in a shell, which is not folded."""
        self.write(f"{'':>{self.current_indent}}{self._styled('$', fg='green')} {line}\n")


class _Context(click.Context):
    formatter_class = _Formatter

    def __init__(self, *arguments: Any, **options: Any) -> None:
        width = {} if sys.stdout.isatty() else {"terminal_width": _WIDTH}
        super().__init__(*arguments, **{"max_content_width": _WIDTH, **width, **options})


class Argument(click.Argument):
    """An argument with a text of its own in --help."""

    def __init__(self, *arguments: Any, help: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._help = help

    @property
    def row(self) -> tuple[str, str]:
        """Its name and the text."""
        return self.human_readable_name, self._help


class Command(click.Command):
    """A command with examples, whole shell commands that --help shows as they are typed."""

    context_class = _Context

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All sections; click before 8.5 has none for arguments."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_arguments(ctx, formatter)
        self.format_options(ctx, formatter)
        self.format_epilog(ctx, formatter)

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The arguments, where there are any."""
        arguments = [parameter for parameter in self.params if isinstance(parameter, Argument)]
        if arguments:
            with formatter.section("Arguments"):
                formatter.write_dl([argument.row for argument in arguments])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples and exit codes."""
        assert isinstance(formatter, _Formatter)
        if self._examples:
            with formatter.section("Examples"):
                for line in self._examples:
                    formatter.write_command(line)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), code.meaning) for code in ExitCode])


class Group(Command, click.Group):
    """A group of commands."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with the first paragraph of its help."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, (command.help or "").split("\n\n")[0]) for name, command in self.commands.items()]
            )
