"""Every entry of it fails, once it is asked to."""

from pathlib import Path

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


class Failing(PluginHandler):
    """Fails while there is a file `fail` beside it."""

    def _may_fail(self, entry: str) -> None:
        if (Path(__file__).parent / "fail").exists():
            raise RuntimeError(f"{entry} fails; remove the file")

    def on_mount(self, context: PluginInstanceContext) -> None:
        self._may_fail("on_mount")

    def on_connect(self, context: PluginInstanceContext) -> None:
        self._may_fail("on_connect")

    def on_disconnect(self, context: PluginInstanceContext) -> None:
        self._may_fail("on_disconnect")

    def on_dispose(self, context: PluginInstanceContext) -> None:
        self._may_fail("on_dispose")

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        self._may_fail("handle_message")
        return f"well: {message}"

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        self._may_fail("update_ui")
        ui.button("Press")
