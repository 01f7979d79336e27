"""Puts script wherever a plugin can put text."""

from plugin_interfaces import Context, MessageKind, PluginHandler, PluginInstanceContext, Ui

SCRIPT = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
LINKS = (
    "[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1) "
    "[c](data:text/html,<script>window.hacked=1</script>) "
    "<javascript:window.hacked=1> ![d](https://example.invalid/pixel.png) ![e](javascript:window.hacked=1)"
)


class Hostile(PluginHandler):
    """Never to be trusted."""

    def handle_message(self, message: str, context: PluginInstanceContext) -> str:
        context.send_message(SCRIPT, MessageKind.WARNING)
        context.log(4, SCRIPT)
        return f"{SCRIPT}\n\n{LINKS}\n\n```html\n{SCRIPT}\n```\n\n| {SCRIPT} |\n|---|\n| {SCRIPT} |\n"

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        ui.heading(SCRIPT)
        ui.label(SCRIPT)
        ui.label("{{constructor.constructor('window.hacked=1')()}}")
        ui.markdown(f"{SCRIPT}\n\n{LINKS}")
        ui.error(SCRIPT)
        ui.code(SCRIPT, "html")
        ui.log_view(SCRIPT, SCRIPT)
        ui.link(SCRIPT, "javascript:window.hacked=1")
        ui.tooltip(SCRIPT)
        ui.button(SCRIPT)
        ui.text_edit_singleline(SCRIPT, SCRIPT, hint=SCRIPT)
        ui.checkbox(SCRIPT, False)
        ui.radio(f"radio {SCRIPT}", "a", [("a", SCRIPT), ("b", "b")])
        ui.combo_box(f"combo {SCRIPT}", "a", [("a", SCRIPT), ("b", "b")])
        ui.table(SCRIPT, [SCRIPT], [[SCRIPT]])
        ui.progress(SCRIPT, 0.5)
        if ui.button("Toast").clicked:
            ui.toast(SCRIPT)
