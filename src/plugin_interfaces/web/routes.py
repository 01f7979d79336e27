"""The protocol over WebSocket and HTTP. Who may use it, `security` decides before."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Final, TypeAlias, Union
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from .._abi import Status
from .backend import Backend
from .failures import CommandFailed, error_record
from .journal import Entry
from .protocol import COMMANDS, Command, Error, ExportHistory, Failed, Reply, Upload
from .schema import schema
from .session import Session

MAX_MESSAGE_BYTES: Final = 4 << 20
MAX_CLIENTS: Final = 200
COMMANDS_AT_ONCE: Final = 32
FRAME_BYTES: Final = 64 << 10
KEEP_ALIVE_SECONDS: Final = 15.0

# What a command fails with, where HTTP has a word for it.
_HTTP: Final = {"invalid_argument": 400, "not_permitted": 403, "not_found": 404, "too_large": 413, "timeout": 504}

Frames: TypeAlias = Callable[[list[Entry]], Iterator[bytes]]
"""The frames of a WebSocket that tell events which are there together."""

_decoder: msgspec.json.Decoder[Command[Any]] = msgspec.json.Decoder(Union[COMMANDS])  # noqa: UP007
_encoder = msgspec.json.Encoder()


class _Numbered(msgspec.Struct):
    id: int = 0


class UnreadableCommand(Exception):
    """Not JSON, or no command; `id` is the number that it has, 0 where that cannot be read either."""

    def __init__(self, number: int, error: Error) -> None:
        super().__init__(error.message)
        self.id = number
        self.error = error


def decode_command(data: str | bytes) -> Command[Any]:
    """A command from its JSON. Errors: UnreadableCommand."""
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        number = 0
        with contextlib.suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
            number = msgspec.json.decode(data, type=_Numbered).id
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UnreadableCommand(number, error_record(Status.INVALID_ARGUMENT, "command", reason)) from None


class Routes:
    """The endpoints of a backend.

    Attributes:
        clients: how many read events now.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.clients = 0

    def all(self) -> list[BaseRoute]:
        """For an application."""
        return [
            WebSocketRoute("/api/socket", self._socket),
            Route("/api/events", self._events),
            Route("/api/command", self._command, methods=["POST"]),
            Route("/api/upload", self._upload, methods=["POST"]),
            Route("/api/export", self._export),
            Route("/api/schema", self._schema),
        ]

    @contextlib.contextmanager
    def _session(self, query: Any) -> Any:
        """A session that is resumed where the query says so; None where there are too many."""
        if self.clients >= MAX_CLIENTS:
            yield None
            return
        after = query.get("after", "")
        known = after.isascii() and after.isdigit() and len(after) < 20
        session = self._backend.session(int(after) if known else None, query.get("epoch", ""))
        self.clients += 1
        try:
            yield session
        finally:
            self.clients -= 1
            session.close()

    # ---- WebSocket ----

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        with self._session(socket.query_params) as session:
            if session is None:
                await socket.close(1013, "too many clients")
                return
            frames = _together if socket.query_params.get("batch") == "1" else _one_by_one
            await _first(self._tell(socket, session, frames), self._listen(socket, session))

    async def _tell(self, socket: WebSocket, session: Session, frames: Frames) -> None:
        async for batch in session.entries():
            for frame in frames(batch):
                await socket.send_text(frame.decode())

    async def _listen(self, socket: WebSocket, session: Session) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(message.get("code", 1005))
                tasks.create_task(self._answer(session, message.get("text") or message.get("bytes") or b""))
                await asyncio.sleep(0)  # so that it counts
                # Whoever asks for more at once, or does not read the answers, waits; so do the messages behind.
                await session.room(COMMANDS_AT_ONCE)

    async def _answer(self, session: Session, data: str | bytes) -> None:
        try:
            command = decode_command(data)
        except UnreadableCommand as unreadable:
            session.tell(Failed(id=unreadable.id, error=unreadable.error))
        else:
            await session.answer(command)

    # ---- HTTP ----

    async def _events(self, request: Request) -> Response:
        """The events as a stream for EventSource, whose Last-Event-ID resumes."""
        query = dict(request.query_params)
        epoch, _, after = request.headers.get("last-event-id", "").rpartition(".")
        if epoch:
            query.update(epoch=epoch, after=after)

        async def lines() -> AsyncIterator[bytes]:
            with self._session(query) as session:
                if session is None:
                    return
                epoch = self._backend.journal.epoch.encode()
                async for batch in _or_idle(session.entries(), KEEP_ALIVE_SECONDS):
                    if batch is None:
                        yield b":\n\n"
                    for entry in batch or ():
                        number = b"id: %s.%d\n" % (epoch, entry.event.sequence) if entry.event.sequence else b""
                        yield b"%sdata: %s\n\n" % (number, entry.data)

        return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _command(self, request: Request) -> Response:
        try:
            command = decode_command(await _body(request, MAX_MESSAGE_BYTES))
        except UnreadableCommand as unreadable:
            return _failed(unreadable.id, unreadable.error)
        return await self._perform(command)

    async def _upload(self, request: Request) -> Response:
        query = request.query_params
        command = Upload(
            instance_id=query.get("instance_id", ""),
            name=query.get("name", ""),
            widget_id=query.get("widget_id", ""),
            data=await request.body(),
        )
        return await self._perform(command)

    async def _export(self, request: Request) -> Response:
        query = request.query_params
        kind = query.get("format", "markdown")
        command = ExportHistory(
            instance_id=query.get("instance_id", ""), format="json" if kind == "json" else "markdown"
        )
        try:
            file = await self._backend.session().call(command)
        except CommandFailed as failed:
            return _failed(0, failed.error)
        return Response(
            file.content,
            media_type=file.media_type,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
                "Cache-Control": "no-store",
            },
        )

    async def _schema(self, request: Request) -> Response:
        return _json(schema())

    async def _perform(self, command: Command[Any]) -> Response:
        try:
            result = await self._backend.session().call(command)
        except CommandFailed as failed:
            return _failed(command.id, failed.error)
        return _json(Reply(id=command.id, result=result))


def _one_by_one(batch: list[Entry]) -> Iterator[bytes]:
    """A frame for each event."""
    return (entry.data for entry in batch)


def _together(batch: list[Entry]) -> Iterator[bytes]:
    """Arrays of events, each of about FRAME_BYTES at most."""
    begin = size = 0
    for at, entry in enumerate(batch):
        if size and size + len(entry.data) > FRAME_BYTES:
            yield _array(batch[begin:at])
            begin, size = at, 0
        size += len(entry.data)
    yield _array(batch[begin:])


def _array(batch: list[Entry]) -> bytes:
    return b"[%s]" % b",".join([entry.data for entry in batch])


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        _encoder.encode(value), status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _failed(number: int, error: Error) -> Response:
    return _json(Failed(id=number, error=error), _HTTP.get(error.status, 409))


async def _body(request: Request, limit: int) -> bytes:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > limit:
            reason = f"a command has at most {limit} bytes"
            raise UnreadableCommand(0, error_record(Status.TOO_LARGE, "command", reason))
    return bytes(data)


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Runs them until one ends, and ends the others; a client that has gone is no error."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not _is_gone(result):
            raise result


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_gone(one) for one in error.exceptions)
    return isinstance(error, WebSocketDisconnect | OSError | asyncio.CancelledError)


async def _or_idle(items: AsyncIterator[Any], seconds: float) -> AsyncIterator[Any]:
    """The items, and None whenever none has come for so long."""
    pending: asyncio.Future[Any] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(items, _END))
            done, _ = await asyncio.wait([pending], timeout=seconds)
            if not done:
                yield None
                continue
            item, pending = pending.result(), None
            if item is _END:
                return
            yield item
    finally:
        if pending is not None:
            pending.cancel()


_END: Final = object()
