"""As calls.c."""

from time import perf_counter_ns

from plugin_interfaces.api import PluginHandler, PluginInstanceContext


class Calls(PluginHandler):
    """`COUNT LENGTH ID` calls the plugin with that id so often, with a message of so many bytes."""

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        """The nanoseconds that this took."""
        count, length, plugin_id = message.split()
        text = "x" * int(length)
        call = context.call_other_plugin
        begin = perf_counter_ns()
        for _ in range(int(count)):
            reply = call(plugin_id, text)
        taken = perf_counter_ns() - begin
        if reply != text:
            raise RuntimeError("the reply is another one")
        return str(taken)
