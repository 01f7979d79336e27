"""Sessions: what a client is told, in which order, and what of it when it comes late or reads slowly."""

from __future__ import annotations

import asyncio

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces.host.events import RequestEndedEvent
from plugin_interfaces.web import Backend
from plugin_interfaces.web.journal import Journal
from plugin_interfaces.web.protocol import (
    Error,
    Event,
    EventsLost,
    Failed,
    GetHistory,
    Ping,
    PluginStream,
    Reply,
    RequestEnded,
    RequestStarted,
    Welcome,
)
from web_support import COUNTS, ECHO, STREAMS, Reader, contents, run


def test_the_first_event_is_a_welcome(plugins: Plugins) -> None:
    """A new client has missed nothing that it could have."""

    async def test(one: Backend, _: Reader) -> None:
        event = await anext(aiter(one.session()))
        assert isinstance(event, Welcome)
        assert (one.journal.epoch, False, 1) == (event.epoch, event.resumed, event.protocol)

    run(plugins, test)


def test_each_event_is_told_once(plugins: Plugins) -> None:
    """Numbered without a gap, whoever sends."""
    plugins.py(ECHO)

    async def test(one: Backend, first: Reader) -> None:
        async with (
            Reader(one.session()) as second,
            Reader(one.session()) as third,
            Reader(one.session()) as fourth,
        ):
            readers = (first, second, third, fourth)
            await first.connect()
            await asyncio.gather(*(reader.send(f"{at}") for at, reader in enumerate(readers)))
            for reader in readers:
                await reader.until(RequestEnded, lambda _, reader=reader: len(reader.of(RequestEnded)) == 4)
                numbers = [event.sequence for event in reader.events if event.sequence]
                assert list(range(numbers[0], numbers[0] + len(numbers))) == numbers
                assert 4 == len(reader.of(RequestStarted))

    run(plugins, test)


def test_answers_come_among_the_events(plugins: Plugins) -> None:
    """With the command's number, whether they succeed or fail."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.session.answer(Ping(id=7))
        await reader.session.answer(GetHistory(id=8, instance_id="nobody"))
        assert 7 == (await reader.until(Reply)).id
        answer = await reader.until(Failed)
        assert (8, "not_found") == (answer.id, answer.error.status)

    run(plugins, test)


def test_a_page_stands_between_the_events_that_it_has_and_the_others(plugins: Plugins) -> None:
    """So a client that takes all in order needs no numbers."""
    plugins.py(STREAMS.replace('"begun "', 'f"{context.instance_id} begun "'))

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await asyncio.gather(
            reader.send("begin"),
            *(reader.session.answer(GetHistory(id=number, instance_id="plugin")) for number in range(1, 30)),
        )
        await reader.until(Reply, lambda event: event.id == 29)
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        at = 0
        for event in reader.events:
            if isinstance(event, Reply):
                assert at <= event.result.sequence
                later = next(
                    (other.sequence for other in reader.events[reader.events.index(event) :] if other.sequence), None
                )
                assert later is None or later > event.result.sequence
            at = event.sequence or at

    run(plugins, test)


def test_a_client_that_comes_back_gets_what_it_missed(plugins: Plugins) -> None:
    """Over many streams: nothing missed, nothing twice."""
    plugins.py(COUNTS)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        sends = [asyncio.ensure_future(reader.send("50")) for _ in range(20)]
        heard: list[Event] = []
        at, epoch = 0, one.journal.epoch
        while len([event for event in heard if isinstance(event, RequestEnded)]) < 20:
            # Comes, hears some, and goes again.
            session = one.session(at, epoch)
            async for batch in session.batches():
                heard += [event for event in batch if event.sequence]
                if session.sequence > at:
                    at = session.sequence
                    break
            session.close()
        await asyncio.gather(*sends)
        assert list(range(1, len(heard) + 1)) == [event.sequence for event in heard]
        streamed = [text for text in contents(heard).values() if len(text) > 4]
        assert ["".join(f"{number} " for number in range(50))] * 20 == streamed

    run(plugins, test)


@pytest.mark.parametrize(
    ("after", "epoch"), [(0, "another"), (10_000, ""), (0, "")], ids=["another epoch", "the future", "long gone"]
)
def test_who_cannot_get_all_is_told(plugins: Plugins, after: int, epoch: str) -> None:
    """And goes on from now."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        log = EventLog()
        one.host.add_listener(log)
        await reader.connect()
        for _ in range(5):
            await one.host.instance("plugin").send_async("x")
        await asyncio.to_thread(log.wait_for, RequestEndedEvent, lambda _: len(log.of(RequestEndedEvent)) == 5)
        welcome = await anext(aiter(one.session(after, epoch or one.journal.epoch)))
        assert isinstance(welcome, Welcome)
        assert not welcome.resumed

    run(plugins, test, journal=Journal(max_events=5))


def test_a_slow_client_is_told_how_much_it_lost(plugins: Plugins) -> None:
    """Nobody waits for it, and what it has not read costs nothing."""
    plugins.py(ECHO)

    async def test(one: Backend, quick: Reader) -> None:
        slow = one.session()
        events = aiter(slow)
        await anext(events)  # the welcome
        await quick.connect()
        at = slow.sequence
        for _ in range(20):
            await one.host.instance("plugin").send_async("x")
        lost = await anext(events)
        following = await anext(events)
        assert isinstance(lost, EventsLost)
        assert following.sequence == at + lost.count + 1
        assert 0 == len(slow._own)

    run(plugins, test, journal=Journal(max_events=5))


def test_a_client_that_does_not_read_its_answers_is_held_up(plugins: Plugins) -> None:
    """What waits for it is bounded, whatever it asks for."""

    async def test(one: Backend, _: Reader) -> None:
        session = one.session()
        events = aiter(session.batches())
        await anext(events)
        session.tell(Failed(id=0, error=Error(what="", message="", status="error", code=-1)))
        for _ in range(4):
            await session.answer(Ping())
        await asyncio.wait_for(session.room(6), PATIENCE)
        waiting = asyncio.ensure_future(session.room(5))
        await asyncio.sleep(0)
        assert not waiting.done()
        await anext(events)
        await asyncio.wait_for(waiting, PATIENCE)

    run(plugins, test)


def test_a_closed_session_ends_its_iteration(plugins: Plugins) -> None:
    """Also while it waits."""

    async def test(one: Backend, _: Reader) -> list[type[Event]]:
        session = one.session()
        seen = []
        async for event in session:
            seen.append(type(event))
            session.close()
        session.close()
        return seen

    assert [Welcome] == run(plugins, test)
