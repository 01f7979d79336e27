"""Messages are stored in bundles and become rows when they are read: whoever reads sees no difference."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_support import EventLog, Plugins
from plugin_interfaces._abi import MessageKind
from plugin_interfaces.errors import HistoryError
from plugin_interfaces.host import HistoryStore, Host, Instance
from plugin_interfaces.host.bundles import Bundle, Row
from plugin_interfaces.host.events import message_id
from plugin_interfaces.metadata import HistoryMessage

Load = Callable[..., Instance]

RUN = "0" * 16
NOON = 1_700_000_000_000


def pack(*messages: tuple[int, str], failed: bool = False, kind: int = 0) -> bytes:
    """The data of a bundle: each message by its event's number and its text. The odd ones are the person's."""
    rows = [(at, NOON + at, at // 2 + 1, (at + 1) % 2, kind, failed, text.encode()) for at, text in messages]
    return msgspec.msgpack.encode(rows)


def bundle(*messages: tuple[int, str], instance: str = "a") -> Bundle:
    """A bundle as the recorder makes it."""
    return Bundle(0, len(messages), instance, "p", RUN, pack(*messages))


def row(place: int, number: int) -> Row:
    """A message of the plugin's."""
    return Row(place, message_id(RUN, number), "a", "p", "plugin", "normal", "completed", f"m{number}", "", 0)


def texts(store: HistoryStore, limit: int = 0, before: str | None = None, instance: str = "a") -> list[str]:
    """What a page of the conversation says."""
    return [message.content for message in store.messages(instance, limit, before)]


def packed(path: Path) -> int:
    """How many bundles are in the file as they were stored."""
    with sqlite3.connect(path) as db:
        return int(db.execute("SELECT count(*) FROM bundle").fetchone()[0])


@pytest.fixture
def store() -> Iterator[HistoryStore]:
    """In memory."""
    with HistoryStore() as store:
        yield store


def fill(store: HistoryStore, count: int, each: int = 2) -> None:
    """Bundles of `each` messages, numbered from 1 on."""
    for start in range(1, count + 1, each):
        store.add_bundles([bundle(*((at, f"m{at}") for at in range(start, start + each)))])


def test_a_bundle_reads_as_the_messages_that_are_in_it(store: HistoryStore) -> None:
    """With all that a row has."""
    store.add_bundles([Bundle(0, 1, "a", "p", RUN, pack((6, "well"), failed=True, kind=int(MessageKind.ERROR)))])
    expected = HistoryMessage(
        id=message_id(RUN, 6),
        message_type="error",
        status="error",
        content="well",
        plugin_id="p",
        role="plugin",
        created_at="2023-11-14T22:13:20.006Z",
    )
    assert [expected] == store.messages("a")


def test_an_unknown_kind_counts_as_normal(store: HistoryStore) -> None:
    """As everywhere."""
    store.add_bundles([Bundle(0, 1, "a", "p", RUN, pack((1, "x"), kind=99))])
    assert "normal" == store.messages("a")[0].message_type


def test_the_newest_page_leaves_older_bundles_packed(tmp_path: Path) -> None:
    """A program that sends much does not pay for what nobody reads."""
    path = tmp_path / "history.sqlite3"
    with HistoryStore(path) as store:
        fill(store, 400)
        assert ["m398", "m399", "m400"] == texts(store, 3)
    assert 198 == packed(path)


def test_all_messages_are_read_in_their_order(store: HistoryStore) -> None:
    """From more bundles than are unpacked at once."""
    fill(store, 200)
    assert [f"m{at}" for at in range(1, 201)] == texts(store)


def test_a_page_before_a_message_that_is_packed(store: HistoryStore) -> None:
    """Its id may be known from an event."""
    fill(store, 200)
    assert ["m98", "m99"] == texts(store, 2, message_id(RUN, 100))


def test_a_page_before_a_message_that_is_not_there_is_empty(store: HistoryStore) -> None:
    """As with rows."""
    fill(store, 10)
    assert [] == texts(store, 2, "nobody")


def test_before_a_request_that_is_packed(store: HistoryStore) -> None:
    """What was stored for it and later is left out."""
    fill(store, 100)
    assert ["m1", "m2", "m3"] == [one[3] for one in store.texts("a", 0, before_request=3)]


def test_clearing_forgets_bundles(store: HistoryStore) -> None:
    """Of that conversation alone."""
    store.add_bundles([bundle((1, "mine"))])
    store.add_bundles([bundle((2, "other"), instance="b")])
    store.clear("a")
    assert ([], ["other"]) == (texts(store), texts(store, instance="b"))


def test_what_was_asked_is_found_in_a_bundle(store: HistoryStore) -> None:
    """The person's are the odd ones."""
    fill(store, 100)
    asked = store.asked("a", message_id(RUN, 50))
    assert asked is not None
    assert "m49" == asked.content


def test_what_is_packed_is_counted(store: HistoryStore) -> None:
    """The plugin's, behind a message."""
    fill(store, 10)
    assert (3, 5) == (store.count_after("a", message_id(RUN, 4)), store.count_after("a", "nobody"))


def test_to_count_what_is_unread_unpacks_no_more_than_that(tmp_path: Path) -> None:
    """A server counts it for each contact when it starts."""
    path = tmp_path / "history.sqlite3"
    with HistoryStore(path) as store:
        fill(store, 400)
        assert 2 == store.count_after("a", message_id(RUN, 396))
    assert 200 > packed(path) > 150


def test_places_go_on_behind_rows_and_behind_bundles(store: HistoryStore) -> None:
    """Whichever was stored last."""
    store.add_bundles([bundle((1, "one"), (2, "two"))])
    assert 3 == store.next_sequence()
    store.add_rows([row(3, 3)])
    store.add_bundles([bundle((4, "four"))])
    assert (["one", "two", "m3", "four"], 5) == (texts(store), store.next_sequence())


def test_a_conversation_of_the_version_before_is_read(tmp_path: Path) -> None:
    """It had no bundles."""
    path = tmp_path / "history.sqlite3"
    with HistoryStore(path) as store:
        store.add_rows([row(1, 1)])
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE bundle; PRAGMA user_version = 1;")
    with HistoryStore(path) as store:
        store.add_bundles([bundle((2, "new"))])
        assert ["m1", "new"] == texts(store)


@pytest.mark.parametrize("data", [b"", b"\xff", pack((1, "x"), (2, "y")), msgspec.msgpack.encode([[1, 2]])])
def test_a_bundle_that_is_damaged_is_an_error_that_says_where(store: HistoryStore, data: bytes) -> None:
    """And stays what it is, for whoever can mend it."""
    store.add_bundles([Bundle(0, 1, "a", "p", RUN, data)])
    for _ in range(2):
        with pytest.raises(HistoryError, match="the messages from 1 on"):
            store.messages("a")


pages = st.tuples(st.integers(0, 12), st.integers(0, 45))
stored = st.lists(st.tuples(st.sampled_from("abr"), st.integers(1, 9)), max_size=12)


@given(stored, st.lists(pages, max_size=6))
def test_any_pages_of_any_bundles_and_rows(steps: list[tuple[str, int]], asked: list[tuple[int, int]]) -> None:
    """As if each message had been a row: bundles of two instances, and rows between them."""
    said: list[int] = []
    number = 0
    with HistoryStore() as store:
        for step, count in steps:
            numbers = range(number + 1, number + count + 1)
            number += count
            if step == "r":
                first = store.next_sequence()
                store.add_rows([row(first + at, one) for at, one in enumerate(numbers)])
            else:
                store.add_bundles([bundle(*((one, f"m{one}") for one in numbers), instance=step)])
            if step != "b":
                said += numbers
        for limit, before in asked:
            end = said.index(before) if before in said else 0
            older = said[:end] if before else said
            page = older[-limit:] if limit else older
            assert [f"m{one}" for one in page] == texts(store, limit, message_id(RUN, before) if before else None)


# ---- through a host ----


def test_streams_and_messages_stand_in_the_order_of_their_events(py: Load, log: EventLog) -> None:
    """A stream is a row, a message is in a bundle."""
    talks = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def handle_message(self, message, context):
                for at in range(3):
                    context.send_message(f"message {at}")
                    with context.stream() as stream:
                        stream.send(f"stream {at}")
                return "done"
    """)
    assert "done" == talks.send("go")
    expected = ["go", *(f"{kind} {at}" for at in range(3) for kind in ("message", "stream")), "done"]
    assert expected == [one.content for one in talks.history()]


def test_many_instances_at_once_keep_their_conversations_apart(host: Host, c: Load) -> None:
    """More of them than have a bundle of their own at the same time."""
    echoes = [c("echo"), *(host.load("echo", f"echo {at}") for at in range(40))]
    for echo in echoes[1:]:
        echo.connect()
    for at in range(5):
        replies = [echo.start(f"{echo.id} says {at}") for echo in echoes]
        for reply in replies:
            reply.result()
    for echo in echoes:
        expected = [f"{echo.id} says {at}" for at in range(5) for _ in range(2)]
        assert expected == [one.content for one in echo.history()]


def test_what_a_host_keeps_in_a_bundle_is_what_was_said(c: Load) -> None:
    """Of any length, with any character that a text can have."""
    echo = c("echo")
    said = ["é", "漢字 😀", "x" * 100_000, "a\nb", "\x01"]
    for text in said:
        echo.send(text)
    assert [text for text in said for _ in range(2)] == [one.content for one in echo.history()]


def test_what_nobody_has_read_is_stored_in_bundles(plugins: Plugins, tmp_path: Path) -> None:
    """All of it, several messages to one."""
    plugins.c("echo")
    with Host([plugins.path], tmp_path / "data") as host:
        echo = host.load("echo")
        echo.connect()
        for _ in range(5000):
            echo.send("hello")
    with sqlite3.connect(tmp_path / "data" / "history.sqlite3") as db:
        bundles = db.execute("SELECT count(*), sum(last - first + 1) FROM bundle").fetchone()
    assert 10_000 == bundles[1]
    assert 10_000 > bundles[0]
