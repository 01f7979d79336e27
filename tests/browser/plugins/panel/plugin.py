"""A panel that is drawn anew all the time, and that changes what is typed."""

import asyncio

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


class Panel(PluginHandler):
    """Counts its frames while it is connected."""

    def __init__(self) -> None:
        self._name = ""
        self._loud = ""
        self._note = ""
        self._number = 7
        self._count = 0
        self._extra = False
        self._asking = False
        self._answer = ""
        self._ticking: asyncio.Task[None] | None = None

    async def on_connect(self, context: PluginInstanceContext) -> None:
        self._ticking = asyncio.create_task(self._tick(context))

    async def on_disconnect(self, context: PluginInstanceContext) -> None:
        if self._ticking is not None:
            self._ticking.cancel()

    async def _tick(self, context: PluginInstanceContext) -> None:
        while True:
            self._count += 1
            context.refresh_ui()
            await asyncio.sleep(0.02)

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        ui.label(f"frame {self._count}")
        if self._extra:
            ui.label("something above")
        self._extra = ui.checkbox("Something above", self._extra).value
        self._name = ui.text_edit_singleline("Name", self._name).value
        self._loud = ui.text_edit_singleline("Loud", self._loud).value.upper()
        self._note = ui.text_edit_multiline("Note", self._note).value
        self._number = ui.integer("Number", self._number, minimum=1, maximum=99).value
        ui.label(f"name={self._name} loud={self._loud} number={self._number} answer={self._answer}")
        if ui.button("Ask").clicked:
            self._asking = True
        if self._asking:
            answer = ui.confirm("Really?", "It cannot be undone.", accept="Do it", dismiss="Leave it")
            if answer.clicked:
                self._asking = False
                self._answer = "yes" if answer.value else "no"
        if ui.button("Greet").clicked:
            ui.toast("good day")
