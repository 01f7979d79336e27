"""The server: an address that listens, the protocol behind the guard, and the page."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import uvicorn
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from ..errors import ConfigError
from ..host import Host
from .backend import Backend
from .routes import MAX_MESSAGE_BYTES, Routes
from .security import Guard, check_binding, load_token

DEFAULT_PORT: Final = 8420
CLOSE_SECONDS: Final = 2


class ServerOptions(msgspec.Struct, kw_only=True, frozen=True):
    """How a server is reached.

    Attributes:
        address: where it listens.
        port: 0: a free one; None: DEFAULT_PORT, or a free one where that is taken.
        names: host names that it goes by, beside localhost and addresses in numbers.
        origins: of pages from elsewhere that may use the protocol.
        frontend: a folder with a front end that stands at `/` in place of the page.
        tls_cert, tls_key: files in PEM; the key may be in the file of the certificate.
        insecure_public: it may listen where others reach it although there is no TLS.
        fresh_token: the token that is kept is not good any more.
        page: with the chat client at `/`.
    """

    address: str = "127.0.0.1"
    port: int | None = None
    names: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    frontend: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure_public: bool = False
    fresh_token: bool = False
    page: bool = True


class Server:
    """Serves a backend over HTTP and WebSockets. An async context manager: inside, it listens.

    Attributes:
        token: what clients must know.
        public: others than this machine can reach it.
    """

    def __init__(self, backend: Backend, options: ServerOptions | None = None) -> None:
        """Takes the address.

        Errors: NotPermitted and ConfigError, as check_binding; ConfigError where the address is taken, or the token or
        the certificate cannot be used.
        """
        self._options = options = options or ServerOptions()
        tls = options.tls_cert is not None
        self.public = check_binding(options.address, tls=tls, insecure_public=options.insecure_public)
        self.token = load_token(backend.data, fresh=options.fresh_token)
        self._routes = Routes(backend)
        self._socket = _listen(options.address, options.port)
        try:
            guard = Guard(
                _application(backend, self._routes, options),
                self.token,
                names=options.names,
                origins=options.origins,
                # Cookies are shared by all ports of a host.
                cookie=f"plugin-interfaces-{self.port}",
                secure=tls,
            )
            self._uvicorn = _Uvicorn(_config(guard, options))
        except BaseException:
            self._socket.close()
            raise
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    @property
    def clients(self) -> int:
        """How many read events over the protocol now."""
        return self._routes.clients

    @property
    def url(self) -> str:
        """Where this machine reaches it, without the token."""
        address = str(self._socket.getsockname()[0])
        if address in ("0.0.0.0", "::"):
            address = "127.0.0.1" if address == "0.0.0.0" else "::1"
        scheme = "https" if self._options.tls_cert is not None else "http"
        return f"{scheme}://{f'[{address}]' if ':' in address else address}:{self.port}/"

    @property
    def link(self) -> str:
        """What a person opens: the address with the token."""
        return f"{self.url}?token={self.token}"

    async def __aenter__(self) -> Self:
        """Begins to listen. Errors: ConfigError where the application does not start."""
        self._serving = asyncio.create_task(self._uvicorn.serve([self._socket]))
        started = asyncio.create_task(self._uvicorn.ready.wait())
        await asyncio.wait([self._serving, started], return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if self._serving.done():
            self._socket.close()
            self._serving.result()
            raise ConfigError("server", "it did not start; the log tells why")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        await self.wait()
        self._socket.close()

    def stop(self) -> None:
        """Ends it, within CLOSE_SECONDS; clients are told that it restarts. From the event loop."""
        self._uvicorn.should_exit = True

    async def wait(self) -> None:
        """Until it has ended."""
        if self._serving is not None:
            await self._serving


class _Uvicorn(uvicorn.Server):
    """Uvicorn, as one of several things that a program does."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves them to the program."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when it listens. Where the application does not start, it ends, and the program goes on."""
        try:
            await super().startup(sockets)
        except SystemExit:
            self.should_exit = True
        if self.started:
            self.ready.set()


def _config(app: Any, options: ServerOptions) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
    )
    try:
        config.load()
    except OSError as error:
        raise ConfigError(str(options.tls_cert), f"the certificate cannot be used: {error}") from None
    return config


def _application(backend: Backend, routes: Routes, options: ServerOptions) -> FastAPI:
    app = FastAPI(openapi_url=None, routes=routes.all())
    if options.frontend is not None:
        app.mount("/", StaticFiles(directory=options.frontend, html=True))
    elif options.page:
        from .page import mount

        mount(app, backend.session)
    return app


def _listen(address: str, port: int | None) -> socket.socket:
    try:
        family, _, _, _, found = socket.getaddrinfo(
            address or None, port or 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        where = (found[0], DEFAULT_PORT) if port is None else found[:2]
        try:
            return socket.create_server(where, family=family, backlog=1024)
        except OSError as error:
            if port is not None or error.errno != errno.EADDRINUSE:
                raise
            return socket.create_server((found[0], 0), family=family, backlog=1024)
    except OSError as error:
        reason = f"cannot be listened on: {error.strerror or error}; choose another with --port"
        raise ConfigError(f"{address}:{port if port is not None else DEFAULT_PORT}", reason) from None


def serve(
    folders: Iterable[Path | str],
    data: Path,
    options: ServerOptions | None = None,
    *,
    announce: Callable[[Server], None] = lambda server: print(server.link, flush=True),
) -> None:
    """Serves the plugins in `folders` until SIGINT or SIGTERM comes; conversations and contacts are kept in `data`.

    `announce` is called when clients can come. To be called on the main thread.

    Errors: those of Host, Backend and Server.
    """
    asyncio.run(_serve(folders, data, options, announce))


async def _serve(
    folders: Iterable[Path | str], data: Path, options: ServerOptions | None, announce: Callable[[Server], None]
) -> None:
    stopping = asyncio.Event()
    with _on_signal(stopping.set):
        async with Host(folders, data) as host, Backend(host, data) as backend, Server(backend, options) as server:
            # All that is loaded stays until the end. Going through it in search of garbage would hold up every client,
            # for 100 ms and more, in the middle of what they read.
            gc.collect()
            gc.freeze()
            announce(server)
            ends = [asyncio.create_task(server.wait()), asyncio.create_task(stopping.wait())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            ends[1].cancel()


@contextlib.contextmanager
def _on_signal(stop: Callable[[], object]) -> Iterator[None]:
    """Calls `stop` for the first signal that asks the program to end."""
    loop = asyncio.get_running_loop()
    asked = False

    def on_signal(number: int) -> None:
        nonlocal asked
        if asked:
            # Who asks again does not want to wait for a plugin that hangs. What is stored is whole at any time.
            os._exit(128 + number)
        asked = True
        stop()

    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
