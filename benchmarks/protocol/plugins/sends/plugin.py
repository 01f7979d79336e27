"""The source of the chunks: each is the time at which it left."""

import asyncio
import time

from plugin_interfaces import PluginHandler, PluginInstanceContext


class Sends(PluginHandler):
    """`COUNT PAUSE` streams so many chunks, with a pause behind each, in seconds."""

    async def handle_message(self, message: str, context: PluginInstanceContext) -> None:
        """Does what the benchmark asks for."""
        count, pause = message.split()
        async with context.stream() as stream:
            for _ in range(int(count)):
                await stream.send_async(f"{time.monotonic_ns()} ")
                if float(pause):
                    await asyncio.sleep(float(pause))
