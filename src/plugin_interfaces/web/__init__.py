"""Serves a host to clients in browsers, and to other front ends by the open protocol of docs/protocol.md.

async with Host(["c_plugins"], data) as host, Backend(host, data) as backend, Server(backend) as server:
    print(server.link)
    await server.wait()

`serve` does that until a signal comes. The server needs the extra `web`; a Backend, its sessions and the protocol do
not.
"""

from typing import TYPE_CHECKING, Any

from .backend import Backend
from .failures import CommandFailed
from .session import Session

if TYPE_CHECKING:
    from .server import Server, ServerOptions, serve

__all__ = ["Backend", "CommandFailed", "Server", "ServerOptions", "Session", "serve"]


def __getattr__(name: str) -> Any:
    if name not in ("Server", "ServerOptions", "serve"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(".server", __name__), name)
