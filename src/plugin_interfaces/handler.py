"""What a plugin in Python is: a subclass of PluginHandler, with the methods that it wants."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from .context import PluginInstanceContext
from .errors import LoadError
from .metadata import HistoryMessage, PluginMetadata
from .types import MaybeAwaitable

if TYPE_CHECKING:
    from .pluginui import Context, CreationContext, Ui


class PluginHandler:
    """One instance of a plugin. Every method has a default, and each may be `async def`.

    The host calls one method of an instance at a time, each time perhaps on another thread; async methods run on the
    one event loop that all handlers share, and only a `handle_message` that is async lets the next call begin before it
    has ended. An exception becomes an error that the person reads; its traceback is logged at DEBUG.

    The constructor takes no argument and has no way to the host yet; what can fail belongs in `initialize`.
    """

    def get_metadata(self) -> PluginMetadata | None:
        """What this plugin says of itself; an id or version given must be that of config.toml. None: nothing."""
        return None

    def initialize(self, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """First call; the context stays the same in all calls and may be kept."""

    def init_ui(self, creation: CreationContext, ui: Ui) -> MaybeAwaitable[None]:
        """Called once before the first update_ui; what it draws is thrown away."""

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """Draws the settings, anew each time. Not overridden: the front end draws a form from the manifest."""

    def on_mount(self, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """The instance appears among the contacts."""

    def on_dispose(self, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """The instance goes."""

    def on_connect(self, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """The person connects. An exception keeps the instance unconnected; the person may try again."""

    def on_disconnect(self, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """The person disconnects, or the instance is about to go. Threads are joined here."""

    def handle_message(self, message: str, context: PluginInstanceContext) -> MaybeAwaitable[str | None]:
        """Answers a message.

        Returns the reply, or None where it was answered otherwise: as a stream, by `context.request.reply`, or later,
        by a request that was kept with `context.keep_request()`. None without any of these is an empty reply.
        """
        return f"Echo from {context.metadata.name}: {message}"

    def on_cancel(self, context: PluginInstanceContext, request: int, stream: int) -> MaybeAwaitable[None]:
        """An answer is no longer wanted: one of `request` and `stream` is not 0, and has ended already.

        An async handle_message has been cancelled by then.
        """

    def set_history(self, messages: Sequence[HistoryMessage], context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """The conversation before the next message, where the manifest says `require_history`."""
        context.set_history(messages)
        return None

    def save_state(self, context: PluginInstanceContext) -> MaybeAwaitable[bytes | None]:
        """What to find again in the next life of the instance; None: nothing."""
        return None

    def load_state(self, data: bytes, context: PluginInstanceContext) -> MaybeAwaitable[None]:
        """What save_state gave. Bytes that it does not understand are no reason to fail."""

    def get_extension(self, name: str) -> Any:
        """The table of an extension as a cffi pointer that lives as long as the plugin; None: there is none."""
        return None


# The methods and how many arguments each is called with.
METHODS: Final[dict[str, int]] = {
    "get_metadata": 0,
    "initialize": 1,
    "init_ui": 2,
    "update_ui": 3,
    "on_mount": 1,
    "on_dispose": 1,
    "on_connect": 1,
    "on_disconnect": 1,
    "handle_message": 2,
    "on_cancel": 3,
    "set_history": 2,
    "save_state": 1,
    "load_state": 2,
    "get_extension": 1,
}

# These answer at once, without an event loop.
_NEVER_ASYNC: Final = ("get_metadata", "get_extension")


def overrides(handler: PluginHandler, name: str) -> bool:
    """Whether the plugin has a method of its own."""
    return getattr(type(handler), name) is not getattr(PluginHandler, name) or name in vars(handler)


def check_handler(handler: object, what: str) -> PluginHandler:
    """The handler, its methods such that they can be called. Errors: LoadError, naming method and signature."""
    if not isinstance(handler, PluginHandler):
        raise LoadError(what, f"{type(handler).__name__} is no PluginHandler; derive the class from it")
    for name, count in METHODS.items():
        if not overrides(handler, name):
            continue
        method = getattr(handler, name)
        expected = f"def {name}{inspect.signature(getattr(PluginHandler, name))}"
        if not callable(method):
            raise LoadError(what, f"{name} is no method; expected: {expected}")
        try:
            inspect.signature(method).bind(*[None] * count)
        except (TypeError, ValueError) as error:
            raise LoadError(what, f"{name} cannot be called as the host does: {error}; expected: {expected}") from None
        if name in _NEVER_ASYNC and inspect.iscoroutinefunction(method):
            raise LoadError(what, f"{name} cannot be async; expected: {expected}")
    return handler
