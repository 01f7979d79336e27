"""The event stream parser of the `openai_chat` sample."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

SOURCE = Path(__file__).parents[1] / "py_plugins" / "openai_chat" / "sse.py"


def load_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("openai_chat_sse", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


sse = load_module()


def events(*pieces: bytes) -> list[tuple[str, str, str]]:
    parser = sse.EventStreamParser()
    return [(event.event, event.data, event.id) for piece in pieces for event in parser.feed(piece)]


def test_an_event_ends_with_an_empty_line() -> None:
    """Data without the empty line behind it is no event yet."""
    assert [] == events(b"data: one\n")
    assert [("message", "one", "")] == events(b"data: one\n\n")


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_each_line_end_of_the_standard_is_understood(end: bytes) -> None:
    """LF, CR and CRLF end a line."""
    assert [("message", "a\nb", "")] == events(b"data: a" + end + b"data: b" + end + end)


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    """The LF that comes in the next piece does not end another line."""
    assert [("message", "a\nb", "")] == events(b"data: a\r", b"\ndata: b\r\n\r", b"\n")


def test_one_space_after_the_colon_is_dropped() -> None:
    """Only the first space belongs to the syntax."""
    assert [("message", " a", "")] == events(b"data:  a\n\n")


def test_comments_and_unknown_fields_are_ignored() -> None:
    """A line that begins with a colon keeps the connection alive and says nothing."""
    assert [("message", "a", "")] == events(b": ping\nretry: 10\nnonsense\ndata: a\n\n")


def test_an_event_without_data_is_dropped_with_its_type() -> None:
    """The type does not leak into the next event."""
    assert [("message", "a", "")] == events(b"event: gone\n\ndata: a\n\n")


def test_type_counts_for_one_event_and_id_for_all_that_follow() -> None:
    """The type is forgotten after its event; the id stays."""
    assert [("delta", "a", "7"), ("message", "b", "7")] == events(b"event: delta\nid: 7\ndata: a\n\ndata: b\n\n")


def test_an_id_with_a_nul_is_ignored() -> None:
    """The standard asks for that."""
    assert [("message", "a", "")] == events(b"id: x\0y\ndata: a\n\n")


def test_a_byte_order_mark_is_dropped_once() -> None:
    """It is not a part of the first field's name."""
    assert [("message", "a", "")] == events(b"\xef\xbb", b"\xbfdata: a\n\n")


def test_a_character_cut_in_two_is_put_together() -> None:
    """The network cuts bytes, not characters."""
    assert [("message", "é", "")] == events(b"data: \xc3", b"\xa9\n\n")


def test_damaged_bytes_become_replacement_characters() -> None:
    """A broken byte costs one character, not the stream."""
    assert [("message", "a\ufffdb", "")] == events(b"data: a\xffb\n\n")


LINES = st.lists(st.sampled_from(["data: a", "data:", "data: é", ": c", "event: e", "id: 1", "", "data"]), max_size=12)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])


@given(lines=LINES, end=ENDS, cuts=st.lists(st.integers(0, 120), max_size=8))
def test_where_the_network_cuts_makes_no_difference(lines: list[str], end: str, cuts: list[int]) -> None:
    """Any cut of the same bytes gives the same events."""
    stream = "".join(line + end for line in lines).encode()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:stop] for start, stop in itertools.pairwise(edges)]
    assert events(stream) == events(*pieces)
