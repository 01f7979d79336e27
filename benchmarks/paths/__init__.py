"""What is measured: a module for each path, with a TITLE and a generator `groups`. A new path is a new module here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import NamedTuple

from ..case import Groups


class Path(NamedTuple):
    """One of the paths.

    Attributes:
        name: as `--only` takes it.
        title: what it is, for people.
        groups: gives what is measured of it, one after the other.
    """

    name: str
    title: str
    groups: Callable[[], Groups]


def all_paths() -> list[Path]:
    """All there are, in the order of their ORDER."""
    modules = [importlib.import_module(f".{found.name}", __name__) for found in pkgutil.iter_modules(__path__)]
    modules.sort(key=lambda module: module.ORDER)
    return [Path(module.__name__.rpartition(".")[2], module.TITLE, module.groups) for module in modules]
