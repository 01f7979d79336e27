"""The source of what is measured: each piece says when it left."""

import asyncio
import time

from plugin_interfaces import Context, PluginHandler, PluginInstanceContext, Ui


def _long(length: int, kind: str) -> str:
    """A text of so many characters that is one block and has not ended yet."""
    begin, line = {
        "text": ("", "some **words** of it "),
        "list": ("", "- one `item`\n"),
        "code": ("```c\n", "x = 1;\n"),
    }[kind]
    return begin + line * (length // len(line))


class Tokens(PluginHandler):
    """`burst COUNT`, `timed COUNT PAUSE LENGTH KIND` stream; `draw WIDGETS COUNT PAUSE` has the settings drawn
    anew; `shift` as well, and each time one widget at the start is there, or is not.
    """

    def __init__(self) -> None:
        self._widgets = 0
        self._stamp = ""
        self._shifted = False

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
                await stream.send_async(_long(int(numbers[2]), numbers[3]))
                for _ in range(int(numbers[0])):
                    await stream.send_async(f"@{time.time() * 1000:.2f} ")
                    await asyncio.sleep(float(numbers[1]))
        elif word in ("draw", "shift"):
            self._widgets = int(numbers[0])
            for number in range(int(numbers[1])):
                self._shifted = word == "shift" and number % 2 == 0
                self._stamp = f"@{time.time() * 1000:.2f}"
                context.refresh_ui()
                await asyncio.sleep(float(numbers[2]))
            return "drawn"
        return None

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        """A stamp and as many fields as are asked for."""
        ui.label(self._stamp)
        if self._shifted:
            ui.separator()
        for number in range(self._widgets):
            ui.text_edit_singleline(f"Text {number}", "value")
