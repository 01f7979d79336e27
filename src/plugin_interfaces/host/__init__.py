"""The host: discovers plugins, loads them, and brings what they send to listeners, replies and the history.

with Host(["c_plugins"]) as host:
    echo = host.load("echo")
    echo.connect()
    print(echo.send("hello"))
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .building import BuildResult, build_plugin
    from .discovery import PluginFolder, discover
    from .history import HistoryStore
    from .host import Host
    from .instance import Instance
    from .reply import PendingReply

__all__ = [
    "BuildResult",
    "HistoryStore",
    "Host",
    "Instance",
    "PendingReply",
    "PluginFolder",
    "build_plugin",
    "discover",
]

_MODULES = {
    "BuildResult": "building",
    "build_plugin": "building",
    "PluginFolder": "discovery",
    "discover": "discovery",
    "HistoryStore": "history",
    "Host": "host",
    "Instance": "instance",
    "PendingReply": "reply",
}


def __getattr__(name: str) -> Any:
    # `plugin-interfaces list` needs discovery alone, and not the native core.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
