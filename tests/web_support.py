"""What tests of the server share: servers that run beside the test, and clients of the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from plugin_interfaces.host import Host
from plugin_interfaces.web import Backend, Server, ServerOptions, Session
from plugin_interfaces.web.protocol import (
    AnyEvent,
    Command,
    Contact,
    ContactChanged,
    Event,
    Failed,
    ListContacts,
    Reply,
    Welcome,
)

PATIENCE = 20.0

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Event)


# ---- in the test's own process ----


class Running:
    """A server on a free port, in a thread with an event loop of its own."""

    def __init__(self, folders: Sequence[Path], data: Path, options: ServerOptions) -> None:
        self._folders = folders
        self._data = data
        self._options = options
        self._started: asyncio.Future[None] | None = None
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="server")

    async def _serve(self) -> None:
        try:
            async with (
                Host(self._folders, self._data) as self.host,
                Backend(self.host, self._data) as self.backend,
                Server(self.backend, self._options) as self.server,
            ):
                self._loop = asyncio.get_running_loop()
                self._ready.set()
                await self.server.wait()
        except BaseException as error:
            self._failed = error
            self._ready.set()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.server.stop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._failed is not None:
            raise self._failed

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Runs a coroutine in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def token(self) -> str:
        return self.server.token

    @property
    def link(self) -> str:
        return self.server.link

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends to be let in."""
        return {"Authorization": f"Bearer {self.token}"}


@contextlib.contextmanager
def serving(folders: Sequence[Path], data: Path, **options: Any) -> Iterator[Running]:
    """A server without the page, as long as the block lasts."""
    running = Running(folders, data, ServerOptions(port=0, page=False, **options))
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Client:
    """A client over a real WebSocket; keeps all events that it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._decoder = msgspec.json.Decoder(AnyEvent)
        self._number = 0
        self.events: list[Event] = []

    async def next(self) -> Event:
        """The next event."""
        event: Event = self._decoder.decode(await asyncio.wait_for(self._socket.recv(), PATIENCE))
        self.events.append(event)
        return event

    async def until(self, kind: type[_E], wanted: Callable[[_E], bool] = lambda _: True) -> _E:
        """The first event of a kind that is wanted; reads on where it has not come."""
        at = 0
        while True:
            event = self.events[at] if at < len(self.events) else await self.next()
            if isinstance(event, kind) and wanted(event):
                return event
            at += 1

    async def send(self, data: str | bytes | Command[Any]) -> int:
        """Sends a command, or any bytes; the command's number."""
        if not isinstance(data, str | bytes):
            self._number += 1
            data = msgspec.json.encode(msgspec.structs.replace(data, id=self._number)).decode()
        await self._socket.send(data)
        return self._number

    async def call(self, command: Command[Any]) -> Any:
        """Sends a command, and reads up to its answer: the result as plain data, or the Error."""
        number = await self.send(command)
        answer = await self.answer(number)
        return answer.result if isinstance(answer, Reply) else answer.error

    async def answer(self, number: int) -> Reply | Failed:
        """The answer of a command."""
        found: Reply | Failed = await self.until(
            Event, lambda event: isinstance(event, Reply | Failed) and event.id == number
        )  # type: ignore[assignment]
        return found

    async def close(self) -> None:
        await self._socket.close()


@contextlib.asynccontextmanager
async def client(running: Running, query: str = "", **options: Any) -> AsyncIterator[Client]:
    """A client, with the token unless other headers are given; its Welcome is its first event."""
    options.setdefault("additional_headers", running.headers)
    url = f"ws://{urlsplit(running.url).netloc}/api/socket{query}"
    async with connect(url, max_size=None, **options) as socket:
        one = Client(socket)
        assert isinstance(await one.next(), Welcome)
        yield one


# ---- without a server ----


@contextlib.asynccontextmanager
async def backend(folders: Sequence[Path], data: Path | None, **options: Any) -> AsyncIterator[Backend]:
    """A backend with a host of its own."""
    async with Host(folders, data) as host, Backend(host, data, **options) as one:
        yield one


class Reader:
    """Reads a session along, and keeps what it was told."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.events: list[Event] = []
        self._arrived = asyncio.Condition()
        self._task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for event in self.session:
            async with self._arrived:
                self.events.append(event)
                self._arrived.notify_all()

    def of(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[_E], wanted: Callable[[_E], bool] = lambda _: True) -> _E:
        """The first event of a kind that is wanted, waited for where it has not come."""

        def found() -> _E | None:
            return next((event for event in self.of(kind) if wanted(event)), None)

        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: found() is not None), PATIENCE)
        event = found()
        assert event is not None
        return event

    async def contact(self, wanted: Callable[[Contact], bool]) -> Contact:
        """The first contact that is wanted, as it is now or as it comes to be."""
        found = await self.session.call(ListContacts())
        for contact in found.contacts:
            if wanted(contact):
                return contact
        changed = await self.until(
            ContactChanged, lambda event: event.sequence > found.sequence and wanted(event.contact)
        )
        return changed.contact

    async def close(self) -> None:
        self.session.close()
        await self._task


# ---- as a person starts it ----


class Served:
    """`plugin-interfaces serve` in a process of its own."""

    def __init__(self, folders: Sequence[Path], data: Path, *arguments: str) -> None:
        self._command = [
            *(sys.executable, "-m", "plugin_interfaces.cli", "serve", "--no-browser", "--data", str(data)),
            *arguments,
            *(str(folder) for folder in folders),
        ]
        self.port = 0

    def start(self) -> None:
        """Waits for the link. A second start has the same port."""
        command = [*self._command, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.link = self.process.stdout.readline().strip()
        assert self.link, f"the server did not start: {self.process.wait(PATIENCE)}"
        parts = urlsplit(self.link)
        assert parts.port is not None
        self.port, self.url = parts.port, f"{parts.scheme}://{parts.netloc}/"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()


@contextlib.contextmanager
def served(folders: Sequence[Path], data: Path, *arguments: str) -> Iterator[Served]:
    """The program, as long as the block lasts."""
    one = Served(folders, data, *arguments)
    one.start()
    try:
        yield one
    finally:
        one.stop()
