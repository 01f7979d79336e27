"""Serves a host to clients in browsers, and to other front ends by the open protocol of docs/protocol.md."""

from __future__ import annotations

from .backend import Backend
from .failures import CommandFailed
from .session import Session

__all__ = ["Backend", "CommandFailed", "Session"]
