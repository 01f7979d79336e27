"""A contact that is the other end of a WebSocket: a server that is called, or all who call a server of our own."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from plugin_interfaces.api import Context, MessageKind, PluginHandler, PluginInstanceContext, Ui


class PeerError(Exception):
    """There is nobody to talk to; the text says what to do."""


class WebSocketPeer(PluginHandler):
    """What the person writes goes to the peer, or to every client; what comes in appears in the conversation."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._calling: asyncio.Task[None] | None = None
        self._connection: ClientConnection | None = None

    async def on_connect(self, context: PluginInstanceContext) -> None:
        await self._stop()
        if context.get_app_config("mode") == "server":
            await self._listen(context)
        else:
            await self._call(context)
        context.refresh_ui()

    async def on_disconnect(self, context: PluginInstanceContext) -> None:
        await self._stop()

    async def on_dispose(self, context: PluginInstanceContext) -> None:
        await self._stop()

    async def handle_message(self, message: str, context: PluginInstanceContext) -> str | None:
        if self._server is not None:
            clients = set(self._server.connections)
            if not clients:
                raise PeerError("nobody is connected to this server yet; the message was not sent")
            broadcast(clients, message)
        elif self._connection is not None:
            try:
                await self._connection.send(message)
            except ConnectionClosed as error:
                raise PeerError(f"the connection was lost ({_why(error)}); the message was not sent") from error
        else:
            raise PeerError("the server is not connected at the moment; the message was not sent")
        return ""

    def update_ui(self, ui_context: Context, ui: Ui, context: PluginInstanceContext) -> None:
        mode = context.get_app_config("mode") or "client"
        choice = ui.radio("Role", mode, [("client", "Call a server"), ("server", "Be a server")])
        if choice.changed:
            context.set_app_config("mode", choice.value)
            mode = choice.value
        if mode == "client":
            address = ui.text_edit_singleline("Address", context.get_app_config("url") or "", hint="ws://host:port/path")
            if address.changed:
                context.set_app_config("url", address.value)
            again = ui.toggle("Call again when the connection is lost", context.get_app_config("reconnect") == "true")
            if again.changed:
                context.set_app_config("reconnect", "true" if again.value else "false")
        else:
            host = ui.text_edit_singleline("Listen on", context.get_app_config("host") or "")
            if host.changed:
                context.set_app_config("host", host.value)
            port = ui.integer("Port", int(context.get_app_config("port") or 0), 0, 65535)
            if port.changed:
                context.set_app_config("port", str(port.value))
        ui.separator()
        ui.label(self._state())

    def _state(self) -> str:
        if self._server is not None:
            ports = sorted({socket.getsockname()[1] for socket in self._server.sockets})
            return f"Listening on port {', '.join(map(str, ports))}; {len(self._server.connections)} connected"
        if self._connection is not None:
            return "Connected"
        return "Calling …" if self._calling is not None else "Not connected"

    async def _listen(self, context: PluginInstanceContext) -> None:
        host = context.get_app_config("host") or "127.0.0.1"
        port = int(context.get_app_config("port") or 0)

        async def welcome(client: ServerConnection) -> None:
            name = _address(client)
            context.send_message(f"{name} connected", MessageKind.INFO)
            context.refresh_ui()
            try:
                await self._receive(client, context, sender=name)
            finally:
                with contextlib.suppress(Exception):  # the instance may be gone by now
                    context.send_message(f"{name} disconnected", MessageKind.INFO)
                    context.refresh_ui()

        try:
            self._server = await serve(welcome, host, port)
        except OSError as error:
            reason = error.strerror or error
            raise PeerError(f"cannot listen on {host}:{port} ({reason}); choose another port") from error
        ports = sorted({socket.getsockname()[1] for socket in self._server.sockets})
        context.send_message(f"Listening on {host}, port {', '.join(map(str, ports))}", MessageKind.SUCCESS)

    async def _call(self, context: PluginInstanceContext) -> None:
        url = context.get_app_config("url") or ""
        try:
            self._connection = await connect(url)
        except (OSError, InvalidURI, InvalidHandshake, TimeoutError) as error:
            raise PeerError(f"cannot call {url} ({error}); check the address and that the server runs") from error
        context.send_message(f"Connected to {url}", MessageKind.SUCCESS)
        self._calling = asyncio.create_task(self._stay_connected(url, context), name="websocket_peer")

    async def _stay_connected(self, url: str, context: PluginInstanceContext) -> None:
        """Receives from the first connection and, where the person wants that, from each that follows it."""
        first = self._connection
        assert first is not None
        async with first:
            await self._receive(first, context)
        self._lost(first, url, context)
        if context.get_app_config("reconnect") != "true":
            context.request_disconnect()
            return
        async for connection in connect(url):  # waits longer after each call that fails
            self._connection = connection
            context.send_message(f"Connected to {url} again", MessageKind.SUCCESS)
            context.refresh_ui()
            await self._receive(connection, context)
            self._lost(connection, url, context)

    def _lost(self, connection: Connection, url: str, context: PluginInstanceContext) -> None:
        self._connection = None
        code, reason = connection.close_code, connection.close_reason
        context.send_message(f"{url} is gone (code {code}{', ' + reason if reason else ''})", MessageKind.WARNING)
        context.refresh_ui()

    async def _receive(self, connection: Connection, context: PluginInstanceContext, *, sender: str = "") -> None:
        prefix = f"{sender}: " if sender else ""
        with contextlib.suppress(ConnectionClosed):  # _lost and welcome tell the person
            async for message in connection:
                text = message if isinstance(message, str) else f"{len(message)} bytes: {message.hex(' ')}"
                # A full queue holds the reader back, and with it, through TCP, whoever sends too fast.
                await asyncio.to_thread(context.send_message, prefix + text, wait=None)

    async def _stop(self) -> None:
        server, self._server = self._server, None
        calling, self._calling = self._calling, None
        connection, self._connection = self._connection, None
        if calling is not None:
            calling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await calling
        if connection is not None:
            await connection.close()
        if server is not None:
            server.close()
            await server.wait_closed()


def _address(client: ServerConnection) -> str:
    host, port = client.remote_address[:2]
    return f"{host}:{port}"


def _why(error: ConnectionClosed) -> str:
    return str(error.rcvd.reason or error.rcvd.code) if error.rcvd else "without a word"
