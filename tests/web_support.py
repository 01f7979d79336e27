"""What tests of the server share: servers that run beside the test, and clients of the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from host_support import PATIENCE, Plugins
from plugin_interfaces.host import Host
from plugin_interfaces.web import Backend, CommandFailed, Server, ServerOptions, Session
from plugin_interfaces.web.protocol import (
    AnyEvent,
    Command,
    Connect,
    Contact,
    ContactChanged,
    Event,
    Failed,
    GetHistory,
    HistoryPage,
    ListContacts,
    PluginMessage,
    PluginStream,
    Reply,
    RequestEnded,
    RequestStarted,
    SendMessage,
    Sent,
    Welcome,
)

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Event)


# ---- plugins ----

ECHO = """
from plugin_interfaces import PluginHandler

class Echo(PluginHandler):
    def handle_message(self, message, context):
        return message
"""

# Streams as many numbers as the message says.
COUNTS = """
from plugin_interfaces import PluginHandler

class Counts(PluginHandler):
    async def handle_message(self, message, context):
        async with context.stream() as stream:
            for number in range(int(message)):
                await stream.send_async(f"{number} ")
"""

# Says its steps only when it is told to, so that a test can look in between.
STREAMS = """
import asyncio
from plugin_interfaces import PluginHandler

class Streams(PluginHandler):
    async def handle_message(self, message, context):
        if message.startswith("go "):
            self.steps.put_nowait(message[3:])
            return ""
        self.steps = asyncio.Queue()
        async with context.stream() as stream:
            await stream.send_async("begun ")
            while (step := await self.steps.get()) != "end":
                await stream.send_async(step)

    async def on_disconnect(self, context):
        self.steps.put_nowait("end")
"""


# ---- in the test's own process ----


def bearer(token: str) -> dict[str, str]:
    """What a program sends to be let in."""
    return {"Authorization": f"Bearer {token}"}


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
        return bearer(self.token)


@contextlib.contextmanager
def serving(folders: Sequence[Path], data: Path, **options: Any) -> Iterator[Running]:
    """A server without the page, as long as the block lasts."""
    running = Running(folders, data, ServerOptions(port=0, page=False, **options))
    running.start()
    try:
        yield running
    finally:
        running.stop()


def over_wire(plugins: Plugins, test: Callable[[Running], Coroutine[Any, Any, _T]]) -> _T:
    """Runs a test beside a server of a folder of plugins."""
    with serving([plugins.path], plugins.path.parent / "data") as running:
        return asyncio.run(test(running))


class Client:
    """A client over a real WebSocket; keeps all events that it was told, of which its Welcome is the first."""

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

    @property
    def welcome(self) -> Welcome:
        assert isinstance(self.events[0], Welcome)
        return self.events[0]

    async def contact(self, state: str) -> None:
        """Until the first contact is in a state."""
        found = (await self.call(ListContacts()))["contacts"][0]
        if found["state"] != state:
            await self.until(ContactChanged, lambda event: event.contact.state == state)

    async def answer(self, number: int) -> Reply | Failed:
        """The answer of a command."""
        found: Reply | Failed = await self.until(
            Event, lambda event: isinstance(event, Reply | Failed) and event.id == number
        )  # type: ignore[assignment]
        return found


@contextlib.asynccontextmanager
async def client(server: Running | Served, query: str = "", **options: Any) -> AsyncIterator[Client]:
    """A client with the token, which has been welcomed."""
    url = f"ws://{urlsplit(server.url).netloc}/api/socket{query}"
    async with connect(url, additional_headers=server.headers, max_size=None, **options) as socket:
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
    """Reads a session along, and keeps what it was told. An async context manager."""

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.session.close()
        await self._task

    async def call(self, command: Command[_T]) -> _T:
        return await self.session.call(command)

    async def refused(self, command: Command[Any]) -> tuple[str, str]:
        """The status and the text that a command fails with."""
        with pytest.raises(CommandFailed) as caught:
            await self.call(command)
        return caught.value.error.status, str(caught.value)

    async def connect(self, instance_id: str = "plugin") -> Contact:
        return await self.call(Connect(instance_id=instance_id))

    async def send(self, content: str, instance_id: str = "plugin") -> Sent:
        return await self.call(SendMessage(instance_id=instance_id, content=content))

    async def history(self, instance_id: str = "plugin") -> HistoryPage:
        return await self.call(GetHistory(instance_id=instance_id))

    async def contacts(self) -> list[Contact]:
        return (await self.call(ListContacts())).contacts

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
        found = await self.call(ListContacts())
        for contact in found.contacts:
            if wanted(contact):
                return contact
        changed = await self.until(
            ContactChanged, lambda event: event.sequence > found.sequence and wanted(event.contact)
        )
        return changed.contact


def run(plugins: Plugins, test: Callable[[Backend, Reader], Awaitable[_T]], **options: Any) -> _T:
    """Runs a test with a backend on a folder of plugins, and a client of it."""

    async def main() -> _T:
        async with (
            backend([plugins.path], plugins.path.parent / "data", **options) as one,
            Reader(one.session()) as reader,
        ):
            return await asyncio.wait_for(test(one, reader), 3 * PATIENCE)

    return asyncio.run(main())


def contents(events: list[Event]) -> dict[str, str]:
    """The texts of messages as a client puts them together, by the message's id."""
    texts: dict[str, str] = {}
    for event in events:
        if isinstance(event, RequestStarted | RequestEnded) and event.message is not None:
            texts[event.message.id] = event.message.content
        elif isinstance(event, PluginMessage):
            texts[event.message_id] = event.content
        elif isinstance(event, PluginStream) and event.type == "stream_start":
            texts[event.message_id] = ""
        elif isinstance(event, PluginStream) and event.type == "stream_data":
            texts[event.message_id] += event.data.chunk or ""
    return texts


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
        self.headers = bearer(parts.query.removeprefix("token="))

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
