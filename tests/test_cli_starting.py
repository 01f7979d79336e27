"""What the command loads before it does anything, what --help looks like, and completion."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

# Runs the command, and says on standard error what of all that can be slow was imported.
LOADS = """
import atexit, sys
slow = {"plugin_interfaces._native", "tomlkit", "rich", "prompt_toolkit", "msgspec", "packaging", "httpx"}
atexit.register(lambda: print(*sorted(slow & set(sys.modules)), file=sys.stderr))
from plugin_interfaces.cli import main
main()
"""


def loaded_by(*arguments: str | Path) -> list[str]:
    command = [sys.executable, "-c", LOADS, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr.split()


@pytest.mark.parametrize(
    "arguments",
    ["--help", "list --help", "chat --help", "serve --help", "includes", "cflags", "libs", "crate", "completion zsh"],
)
def test_help_and_what_makefiles_ask_for_load_nothing(arguments: str) -> None:
    """Neither the native core, nor what prints tables, nor what reads and writes TOML."""
    assert [] == loaded_by(*arguments.split())


def test_a_list_for_a_program_loads_what_reads_manifests(tmp_path: Path) -> None:
    """Not the native core, and nothing that checks packages or prints tables."""
    (tmp_path / "config.toml").write_text('[plugin]\nid = "a"\n')
    assert ["msgspec"] == loaded_by("list", tmp_path, "--json")


def on_terminal(*arguments: str, **variables: str) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "plugin_interfaces.cli", *arguments]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **variables}
    environment.pop("NO_COLOR", None) if "NO_COLOR" not in variables else None
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=environment):
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
    os.close(ours)
    return b"".join(pieces).decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody has the other side any more
        return b""


def test_help_has_colours_on_a_terminal() -> None:
    """Headings, names and prompts."""
    text = on_terminal("list", "--help")
    assert all(part in text for part in ("\x1b[1mArguments", "\x1b[36m--json", "\x1b[32m$"))


def test_help_has_no_colours_where_nobody_wants_them() -> None:
    """Neither with NO_COLOR nor in a pipe."""
    assert "\x1b" not in on_terminal("list", "--help", NO_COLOR="1")
    command = [sys.executable, "-m", "plugin_interfaces.cli", "list", "--help"]
    assert "\x1b" not in subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def complete(words: str, **variables: str) -> list[str]:
    """What bash would be given for the last of the words."""
    environment = {
        **os.environ,
        "_PLUGIN_INTERFACES_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        **variables,
    }
    command = [sys.executable, "-m", "plugin_interfaces.cli"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
    return [line.removeprefix("plain,") for line in done.stdout.splitlines()]


def test_commands_and_options_are_completed() -> None:
    """By their beginnings."""
    assert ["libs", "list"] == complete("plugin-interfaces li")
    assert ["--show-secrets"] == complete("plugin-interfaces config --sh")


def test_the_ids_of_plugins_are_completed(tmp_path: Path) -> None:
    """Of those in the folders where they are looked for."""
    for plugin_id in ("echo_one", "other", "echo_two"):
        (tmp_path / plugin_id).mkdir()
        (tmp_path / plugin_id / "config.toml").write_text(f'[plugin]\nid = "{plugin_id}"\n')
    found = complete("plugin-interfaces chat --plugin echo_", PLUGIN_INTERFACES_PATH=str(tmp_path))
    assert ["echo_one", "echo_two"] == found


def test_the_script_for_a_shell_asks_the_command() -> None:
    """With the variable that it answers to."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", "completion", "fish"]
    script = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "_PLUGIN_INTERFACES_COMPLETE=fish_complete" in script


def test_an_unknown_command_is_wrong_usage() -> None:
    """It is named."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", "lst"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (2, True) == (done.returncode, "'lst'" in done.stderr)
