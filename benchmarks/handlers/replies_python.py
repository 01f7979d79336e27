"""As replies.c."""

from plugin_interfaces.api import PluginHandler, PluginInstanceContext


class Replies(PluginHandler):
    """Replies with its message."""

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        """The reply."""
        return message
