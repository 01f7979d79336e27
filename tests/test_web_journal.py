"""The journal of what clients were told."""

from __future__ import annotations

import asyncio
import threading

import msgspec

from host_support import PATIENCE
from plugin_interfaces.web.journal import MAX_BYTES, MAX_EVENTS, Journal
from plugin_interfaces.web.protocol import ContactRemoved


def told(journal: Journal, after: int = 0, limit: int = 1000) -> list[str]:
    """The ids of the events that are read."""
    return [entry.event.instance_id for entry in journal.read(after, limit)[1]]  # type: ignore[attr-defined]


def publish(journal: Journal, *names: str) -> None:
    for name in names:
        journal.publish(ContactRemoved(instance_id=name))


def test_events_are_numbered_from_one_on() -> None:
    """In the order of telling."""
    journal = Journal()
    publish(journal, "a", "b")
    assert [1, 2] == [entry.event.sequence for entry in journal.read(0, 10)[1]]


def test_the_json_has_the_number() -> None:
    """It is encoded once, for all clients."""
    journal = Journal()
    publish(journal, "a")
    expected = {"event": "contact-removed", "sequence": 1, "instance_id": "a"}
    assert expected == msgspec.json.decode(journal.read(0, 1)[1][0].data)


def test_a_reader_gets_what_stands_behind_its_number() -> None:
    """At most as many as it asks for."""
    journal = Journal()
    publish(journal, *"abcde")
    assert ["c", "d"] == told(journal, 2, 2)


def test_nothing_stands_behind_the_latest() -> None:
    """Nor behind what is not there yet."""
    journal = Journal()
    publish(journal, "a")
    assert [(0, []), (0, [])] == [journal.read(1, 10), journal.read(0, 0)]


def test_it_keeps_so_many_events() -> None:
    """A reader that wants older ones is told how many are gone."""
    journal = Journal(max_events=3)
    publish(journal, *"abcdefgh")
    lost, entries = journal.read(2, 10)
    assert (3, 3, 6) == (lost, len(entries), journal.oldest)


def test_it_keeps_so_many_bytes() -> None:
    """Large events drive out more."""
    journal = Journal(max_bytes=500)
    publish(journal, *"abcde", "x" * 300)
    assert told(journal, journal.oldest - 1)[-1] == "x" * 300
    assert sum(len(entry.data) for entry in journal.read(0, 100)[1]) <= 500


def test_it_is_bounded_where_nobody_says_how() -> None:
    """As that of a server."""
    journal = Journal()
    assert (MAX_EVENTS, MAX_BYTES) == (journal._max_events, journal._max_bytes)


def test_the_newest_event_is_always_kept() -> None:
    """However large it is."""
    journal = Journal(max_bytes=10)
    publish(journal, "a" * 100, "b" * 100)
    assert ["b" * 100] == told(journal)


def test_after_long_use_it_holds_no_more_than_it_keeps() -> None:
    """What is gone leaves no places behind."""
    journal = Journal(max_events=10)
    publish(journal, *(str(number) for number in range(1000)))
    assert len(journal._entries) <= 22
    assert [str(number) for number in range(990, 1000)] == told(journal)


def test_two_runs_have_two_epochs() -> None:
    """So that a client of the one before is not taken for one that has seen all."""
    assert Journal().epoch != Journal().epoch


def test_who_waits_is_woken_by_the_next_event() -> None:
    """Told by another thread."""

    async def main() -> int:
        journal = Journal()
        woken = asyncio.Event()
        journal.wake_beyond(0, woken)
        assert not woken.is_set()
        threading.Thread(target=publish, args=(journal, "a")).start()
        await asyncio.wait_for(woken.wait(), PATIENCE)
        return journal.latest

    assert 1 == asyncio.run(main())


def test_who_waits_for_what_is_there_is_woken_at_once() -> None:
    """And is not remembered."""

    async def main() -> tuple[bool, int]:
        journal = Journal()
        publish(journal, "a")
        woken = asyncio.Event()
        journal.wake_beyond(0, woken)
        return woken.is_set(), len(journal._waiting)

    assert (True, 0) == asyncio.run(main())


def test_who_waits_twice_is_remembered_once() -> None:
    """As a client that was woken by something else in between."""

    async def main() -> list[int]:
        journal = Journal()
        woken = asyncio.Event()
        for _ in range(3):
            journal.wake_beyond(0, woken)
        return [len(ones) for ones in journal._waiting.values()]

    assert [1] == asyncio.run(main())


def test_telling_outlives_the_loops_of_those_who_waited() -> None:
    """A loop that is closed is no reason to fail."""
    journal = Journal()

    async def wait() -> None:
        journal.wake_beyond(0, asyncio.Event())

    asyncio.run(wait())
    publish(journal, "a")
    assert 1 == journal.latest


def test_many_threads_tell_and_no_number_is_given_twice() -> None:
    """Nor left out."""
    journal = Journal()
    threads = [
        threading.Thread(target=publish, args=(journal, *(f"{name}{number}" for number in range(200))))
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    entries = journal.read(0, 1000)[1]
    assert list(range(1, 801)) == [entry.event.sequence for entry in entries]
