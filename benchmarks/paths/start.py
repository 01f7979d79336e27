"""Starting: processes, from their beginning to their end."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Final

from ..case import Group, Groups, Missing, Sampler, once

ORDER: Final = 9
TITLE: Final = "Starting"

_COMMAND: Final = Path(sys.executable).with_name("plugin-interfaces")


def _process(*command: str) -> Sampler:
    def work(count: int) -> None:
        for _ in range(count):
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    return once(work)


def _library() -> Sampler:
    if importlib.util.find_spec("click") is None:
        raise Missing("click is not installed")
    return _process(sys.executable, "-c", "import click")


def groups() -> Groups:
    """The import of the package, and its command's help."""
    group = Group("processes", "a process", most=1)
    group.limit("python -c pass", _process(sys.executable, "-c", "pass"))
    group.ours("import plugin_interfaces", _process(sys.executable, "-c", "import plugin_interfaces"))
    group.ours("plugin-interfaces --help", _process(str(_COMMAND), "--help"))
    group.peer("import click", _library)
    group.target("import plugin_interfaces", 2.5)
    group.target("plugin-interfaces --help", 1.3, "import click")
    yield group
