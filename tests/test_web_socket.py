"""The protocol over real WebSockets: clients that send anything, come back, are slow, or vanish."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.client import connect

from host_support import PATIENCE, Plugins
from plugin_interfaces.web.protocol import (
    Connect,
    EventsLost,
    Failed,
    GetHistory,
    ListContacts,
    Ping,
    PluginStream,
    Reload,
    RequestEnded,
    RequestStarted,
    SendMessage,
    StopRequest,
)
from plugin_interfaces.web.routes import COMMANDS_AT_ONCE, FRAME_BYTES
from web_support import COUNTS, ECHO, Running, client, over_wire


def test_two_clients_see_the_same(plugins: Plugins) -> None:
    """What one sends, the other is told with its reply."""
    plugins.py(ECHO)

    async def main(running: Running) -> None:
        async with client(running) as one, client(running) as two:
            await one.call(Connect(instance_id="plugin"))
            sent = await one.call(SendMessage(instance_id="plugin", content="hello"))
            for each in (one, two):
                started = await each.until(RequestStarted)
                assert (sent["request_id"], "hello") == (started.request_id, started.message.content)
                ended = await each.until(RequestEnded)
                assert ended.message is not None
                assert "hello" == ended.message.content

    over_wire(plugins, main)


def test_events_that_are_there_together_come_in_one_frame_where_a_client_wants_it(plugins: Plugins) -> None:
    """All of them, in order, and no frame is too long."""
    plugins.py(COUNTS)
    count = 2000

    async def main(running: Running) -> list[bytes]:
        async with client(running, "?after=0") as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content=str(count)))
            await one.until(RequestEnded)
        # All that happened is there when this one comes.
        url = running.url.replace("http", "ws") + f"api/socket?batch=1&after=0&epoch={one.welcome.epoch}"
        frames: list[bytes] = []
        async with connect(url, additional_headers=running.headers) as socket:
            while not frames or b'"request-ended"' not in frames[-1]:
                frames.append(await asyncio.wait_for(socket.recv(decode=False), PATIENCE))
        return frames

    frames = over_wire(plugins, main)
    batches = [json.loads(frame) for frame in frames]
    assert all(len(batch) == 1 or len(frame) < FRAME_BYTES + 1024 for frame, batch in zip(frames, batches, strict=True))
    events = [event for batch in batches for event in batch]
    assert ("welcome", True) == (events[0]["event"], events[0]["resumed"])
    assert list(range(1, len(events))) == [event["sequence"] for event in events[1:]]
    chunks = [event["data"]["chunk"] for event in events if event.get("type") == "stream_data"]
    assert [f"{number} " for number in range(count)] == chunks
    assert len(frames) < count / 50


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("{", 0),
        ("null", 0),
        ("[]", 0),
        ("{}", 0),
        ('{"id": 3}', 3),
        ('{"command": "fly", "id": 4}', 4),
        ('{"command": "connect", "id": 5}', 5),
        ('{"command": "connect", "instance_id": 1, "id": 6}', 6),
        ('{"command": "ping", "wings": 2, "id": 7}', 7),
        ('{"command": "ping", "id": "8"}', 0),
        ('{"command": "ping", "id": 1e400}', 0),
        ('{"command": "set-config", "instance_id": "a", "key": "b", "value": ' + "[" * 100_000, 0),
        (b"\xff\xfe", 0),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_command_is_answered(plugins: Plugins, text: str | bytes, number: int) -> None:
    """With its number where that can be read; the connection goes on."""

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.send(text)
            answer = await one.until(Failed)
            assert (number, "invalid_argument") == (answer.id, answer.error.status)
            assert {} == await one.call(Ping())

    over_wire(plugins, main)


def test_a_client_that_comes_back_misses_nothing(plugins: Plugins) -> None:
    """Cut off in the middle of 20 streams, again and again: each chunk comes once."""
    plugins.py(COUNTS)
    chunks: dict[str, str] = {}

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            for _ in range(20):
                await one.call(SendMessage(instance_id="plugin", content="100"))
            heard = [event for event in one.events if event.sequence]
            epoch = one.welcome.epoch
        while len([event for event in heard if isinstance(event, RequestEnded)]) < 20:
            at = heard[-1].sequence
            async with client(running, f"?after={at}&epoch={epoch}") as again:
                assert again.welcome.resumed
                for _ in range(200):
                    heard.append(await again.next())
                    if isinstance(heard[-1], RequestEnded):
                        break
        first = heard[0].sequence
        assert list(range(first, first + len(heard))) == [event.sequence for event in heard]
        for event in heard:
            if isinstance(event, PluginStream):
                chunks[event.message_id] = chunks.get(event.message_id, "") + (event.data.chunk or "")

    over_wire(plugins, main)
    assert ["".join(f"{number} " for number in range(100))] * 20 == list(chunks.values())


def test_a_client_that_was_away_too_long_is_told(plugins: Plugins) -> None:
    """It cannot be resumed, and reads the history anew."""
    plugins.py(COUNTS)

    async def main(running: Running) -> None:
        running.backend.journal._max_events = 10
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content="100"))
            await one.until(RequestEnded)
            epoch = one.welcome.epoch
        async with client(running, f"?after=1&epoch={epoch}") as late:
            assert not late.welcome.resumed
            page = await late.call(GetHistory(instance_id="plugin"))
            assert page["messages"][-1]["content"].endswith(" 99 ")

    over_wire(plugins, main)


def test_a_slow_client_holds_nobody_up(plugins: Plugins) -> None:
    """It reads nothing while 4,000 chunks come: the plugin and the other client go on, and it is told what it lost."""
    chunk = """"x" * 4000)
                if number % 50 == 0:
                    await asyncio.sleep(0.01"""
    plugins.py("import asyncio\n" + COUNTS.replace('f"{number} "', chunk))

    async def main(running: Running) -> None:
        running.backend.journal._max_events = 500
        async with client(running, max_queue=1) as slow, client(running) as quick:
            await quick.call(Connect(instance_id="plugin"))
            await quick.call(SendMessage(instance_id="plugin", content="4000"))
            ended = await quick.until(RequestEnded)
            assert "ok" == ended.status
            assert not any(isinstance(event, EventsLost) for event in quick.events)
            journal = running.backend.journal
            assert journal.read(0, 1)[0] > 0
            lost = await slow.until(EventsLost)
            following = await slow.next()
            before = next(event.sequence for event in reversed(slow.events[:-2]) if event.sequence)
            assert before + lost.count + 1 == following.sequence

    over_wire(plugins, main)


def test_more_commands_at_once_than_allowed_wait(plugins: Plugins) -> None:
    """All of them are answered."""

    async def main(running: Running) -> set[int]:
        async with client(running) as one:
            count = 5 * COMMANDS_AT_ONCE
            for _ in range(count):
                await one.send(ListContacts())
            return {(await one.answer(number)).id for number in range(1, count + 1)}

    assert set(range(1, 5 * COMMANDS_AT_ONCE + 1)) == over_wire(plugins, main)


def test_more_clients_than_allowed_are_told(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    """And may come when another has gone."""
    monkeypatch.setattr("plugin_interfaces.web.routes.MAX_CLIENTS", 1)

    async def main(running: Running) -> int:
        async with client(running):
            url = running.url.replace("http", "ws") + "api/socket"
            async with connect(url, additional_headers=running.headers) as refused:
                await refused.wait_closed()
        async with client(running) as later:
            await later.call(Ping())
        return int(refused.close_code or 0)

    assert 1013 == over_wire(plugins, main)


def test_a_client_that_vanishes_leaves_nothing(plugins: Plugins) -> None:
    """Its session is closed, however it went."""
    plugins.py(ECHO)

    async def main(running: Running) -> None:
        for _ in range(20):
            async with client(running) as one:
                await one.send(ListContacts())
                one._socket.transport.abort()

        async def gone() -> None:
            while running.server.clients:
                await asyncio.sleep(0.01)

        running.run(asyncio.wait_for(gone(), PATIENCE))

    over_wire(plugins, main)


def test_a_request_is_stopped_over_the_wire(plugins: Plugins) -> None:
    """The plugin notices."""
    folder = plugins.py(
        """
        import asyncio
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Works(PluginHandler):
            async def handle_message(self, message, context):
                try:
                    async with context.stream() as stream:
                        await stream.send_async("begun")
                        await asyncio.Event().wait()
                finally:
                    (Path(__file__).parent / "stopped").touch()
        """
    )

    async def main(running: Running) -> str:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            sent = await one.call(SendMessage(instance_id="plugin", content="x"))
            await one.until(PluginStream)
            await one.send(StopRequest(instance_id="plugin", request_id=sent["request_id"]))
            return (await one.until(RequestEnded)).status

    assert "cancelled" == over_wire(plugins, main)
    assert (folder / "stopped").exists()


def test_a_reload_in_the_middle_of_a_stream_over_the_wire(plugins: Plugins) -> None:
    """The stream ends as cancelled, and the contact is connected again."""
    plugins.py(COUNTS)

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content="100000000"))
            await one.until(PluginStream, lambda event: event.type == "stream_data")
            number = await one.send(Reload(instance_id="plugin"))
            await one.until(PluginStream, lambda event: event.type == "stream_cancel")
            await one.answer(number)
            contact = (await one.call(ListContacts()))["contacts"][0]
            assert "connected" == contact["state"]
            await one.call(SendMessage(instance_id="plugin", content="3"))
            assert "ok" == (await one.until(RequestEnded, lambda event: event.status == "ok")).status

    over_wire(plugins, main)
