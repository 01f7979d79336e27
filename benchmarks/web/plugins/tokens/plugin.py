"""The source of what is measured: each piece says when it left."""

import asyncio
import time

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


class Tokens(PluginHandler):
    """`burst COUNT`, `timed COUNT PAUSE` stream; `draw WIDGETS COUNT PAUSE` has the settings drawn anew."""

    def __init__(self) -> None:
        self._widgets = 0
        self._stamp = ""

    async def handle_message(self, message: str, context: PluginInstanceContext) -> str | None:
        """Does what the benchmark asks for."""
        word, *numbers = message.split()
        if word == "burst":
            async with context.stream() as stream:
                for number in range(int(numbers[0])):
                    # A paragraph now and then, as in what people and models write.
                    await stream.send_async(f"word{number}" + ("\n\n" if number % 100 == 99 else " "))
        elif word == "timed":
            async with context.stream() as stream:
                for _ in range(int(numbers[0])):
                    await stream.send_async(f"@{time.time() * 1000:.2f} ")
                    await asyncio.sleep(float(numbers[1]))
        elif word == "draw":
            self._widgets = int(numbers[0])
            for _ in range(int(numbers[1])):
                self._stamp = f"@{time.time() * 1000:.2f}"
                context.refresh_ui()
                await asyncio.sleep(float(numbers[2]))
            return "drawn"
        return None

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        """A stamp and as many fields as are asked for."""
        ui.label(self._stamp)
        for number in range(self._widgets):
            ui.text_edit_singleline(f"Text {number}", "value")
