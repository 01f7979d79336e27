"""widgets_python: draws as many widgets as its last message says, those of ../native/widgets.c."""

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


class Widgets(PluginHandler):
    """What each widget shows is kept, as a plugin keeps its settings."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.values: list[str] = []

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        """Takes the number of widgets."""
        self.labels = [f"Setting {at}" for at in range(int(message))]
        self.values = [f"value {at}" for at in range(int(message))]
        return ""

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        """Draws them."""
        for at, label in enumerate(self.labels):
            match at % 4:
                case 0:
                    ui.label(label)
                case 1:
                    ui.button(label)
                case 2:
                    self.values[at] = ui.text_edit_singleline(label, self.values[at]).value
                case _:
                    ui.toggle(label, at % 2 == 1)
