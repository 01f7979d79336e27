"""As widgets.c."""

from plugin_interfaces.api import Context, PluginHandler, PluginInstanceContext, Ui


class Widgets(PluginHandler):
    """Draws as many widgets as its last message says. After `COUNT counting` the label in the middle changes."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.values: list[str] = []
        self.counting = False
        self.frame = 0

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        """Takes the number."""
        count, *counting = message.split()
        self.labels = [f"Setting {at}" for at in range(int(count))]
        self.values = [f"value {at}" for at in range(int(count))]
        self.counting = bool(counting)
        return ""

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        """Draws them."""
        if self.counting:
            self.frame += 1
            self.labels[len(self.labels) // 8 * 4] = f"Frame {self.frame}"
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
