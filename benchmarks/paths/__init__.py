"""What is measured: a module for each path, with a TITLE and a generator `groups`, or `growths`, or both.

A new path is a new module here.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

from ..case import Groups, Growths


class Path(NamedTuple):
    """One of the paths.

    Attributes:
        name: as `--only` takes it.
        title: what it is, for people.
        groups: gives what is measured of it, one after the other.
        growths: the same of how it grows.
    """

    name: str
    title: str
    groups: Callable[[], Groups]
    growths: Callable[[], Growths]


def all_paths() -> list[Path]:
    """All there are, in the order of their ORDER."""
    modules = [importlib.import_module(f".{found.name}", __name__) for found in pkgutil.iter_modules(__path__)]
    modules.sort(key=lambda module: module.ORDER)
    return [_path(module) for module in modules]


def _path(module: ModuleType) -> Path:
    name = module.__name__.rpartition(".")[2]
    return Path(name, module.TITLE, getattr(module, "groups", _none), getattr(module, "growths", _none))


def _none() -> Iterator[Any]:
    """Nothing of that kind."""
    return iter(())
