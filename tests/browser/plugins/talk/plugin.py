"""Talks as it is asked to."""

import asyncio

from plugin_interfaces import MessageKind, PluginHandler, PluginInstanceContext, StreamCancelled


class Talk(PluginHandler):
    """The first word of a message says what happens."""

    async def handle_message(self, message: str, context: PluginInstanceContext) -> str | None:
        word, _, rest = message.partition(" ")
        match word:
            case "stream":
                await self._stream(context, int(rest), 0.002)
            case "endless":
                await self._endless(context)
            case "wait":
                await self._wait(context)
            case "linger":
                await self._stream(context, 1, 0)
                await asyncio.sleep(0.5)
            case "program":
                await self._program(context)
            case "kinds":
                for kind in (MessageKind.SUCCESS, MessageKind.WARNING, MessageKind.ERROR, MessageKind.INFO):
                    context.send_message(f"this is {kind.name.lower()}", kind)
                return ""
            case "fail":
                raise RuntimeError("the cable is out; plug it in")
            case "many":
                await self._many(context, *map(int, rest.split()))
            case _:
                return f"you said: {message}"
        return None

    async def _stream(self, context: PluginInstanceContext, count: int, pause: float) -> None:
        async with context.stream() as stream:
            for number in range(count):
                await stream.send_async(f"word{number} ")
                await asyncio.sleep(pause)

    async def _endless(self, context: PluginInstanceContext) -> None:
        try:
            await self._stream(context, 1_000_000, 0.01)
        except (asyncio.CancelledError, StreamCancelled):
            context.send_message("the plugin was stopped")
            raise

    async def _program(self, context: PluginInstanceContext) -> None:
        async with context.stream() as stream:
            await stream.send_async("This:\n\n```c\n" + "first();\n" * 500)
            for number in range(20):
                await stream.send_async(f"then{number}();\n")
                await asyncio.sleep(0.02)
            await self._wait(context)

    async def _wait(self, context: PluginInstanceContext) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            context.send_message("the plugin waits no longer")
            raise

    async def _many(self, context: PluginInstanceContext, streams: int, chunks: int) -> None:
        async def one(number: int) -> None:
            async with context.stream(request=0) as stream:
                for at in range(chunks):
                    await stream.send_async(f"s{number}c{at} ")
                    await asyncio.sleep(0.005)

        await asyncio.gather(*(one(number) for number in range(streams)))
