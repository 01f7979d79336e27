"""Write plugins and hosts for the plugin ABI of `plugin_interface.h`.

All public names are in `plugin_interfaces.api`. They are here too, looked up when they are asked for first: so
`import plugin_interfaces` alone loads nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":  # which `from plugin_interfaces import *` asks for
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # `from . import api` would ask here for "api" first, and never end.
    api = import_module(".api", __name__)
    try:
        value = getattr(api, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    api = import_module(".api", __name__)
    return sorted({*globals(), *api.__all__})
