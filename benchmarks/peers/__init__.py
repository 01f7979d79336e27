"""What others do for the same: bindings of a library in C, frameworks of plugins, and the Rust crate."""

from __future__ import annotations

import importlib
from typing import Any

from ..case import Missing


def need(name: str) -> Any:
    """A package that a peer is made with. Errors: Missing."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(f"{name} is not installed; make bench installs it") from None
