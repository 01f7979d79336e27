"""A panel of 500 widgets."""

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


class Wide(PluginHandler):
    """125 rows of a label, a text, a number and a box to tick; each message adds a label above them."""

    def __init__(self) -> None:
        self._texts = [f"text {row}" for row in range(125)]
        self._numbers = list(range(125))
        self._ticks = [False] * 125
        self._above: list[str] = []

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        self._above.append(message)
        context.refresh_ui()
        return ""

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        for text in self._above:
            ui.label(text)
        for row in range(125):
            with ui.push_id(row):
                ui.label(f"row {row}: {self._texts[row]}, {self._numbers[row]}, {self._ticks[row]}")
                self._texts[row] = ui.text_edit_singleline(f"Text {row}", self._texts[row]).value
                self._numbers[row] = ui.integer(f"Number {row}", self._numbers[row]).value
                self._ticks[row] = ui.checkbox(f"Tick {row}", self._ticks[row]).value
