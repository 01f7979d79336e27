"""Streams that answer no message, and the other texts that come by themselves, in a terminal."""

from __future__ import annotations

import pytest

from plugin_interfaces.cli.output import Output
from plugin_interfaces.cli.streams import Streams
from plugin_interfaces.host.events import StreamEvent

Captured = pytest.CaptureFixture[str]


class Shown:
    """The streams of a conversation, fed by hand."""

    def __init__(self) -> None:
        self.output = Output(by_line=True)
        self.changes = 0
        self.streams = Streams(self.output, self._change)

    def _change(self) -> None:
        self.changes += 1

    def step(self, stream: int, kind: str, **fields: object) -> None:
        event = StreamEvent(
            plugin_id="p", instance_id="p", sequence=0, time_ms=0, stream=stream, request=0, type=kind, **fields
        )  # type: ignore[arg-type]
        self.streams.take(event)

    def starts(self, *streams: int) -> None:
        for stream in streams:
            self.step(stream, "stream_start")

    def says(self, stream: int, *chunks: str) -> None:
        for chunk in chunks:
            self.step(stream, "stream_data", chunk=chunk)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    monkeypatch.setenv("COLUMNS", "40")
    return Shown()


def test_a_line_is_written_when_it_is_whole(shown: Shown, capsys: Captured) -> None:
    """The prompt would draw over anything less."""
    shown.starts(1)
    shown.says(1, "one ", "line\ntwo", " lines\nand")
    assert "one line\ntwo lines\n" == capsys.readouterr().out


def test_the_line_that_grows_is_shown_elsewhere(shown: Shown) -> None:
    """Below the prompt."""
    shown.starts(1)
    shown.says(1, "one line\nand ", "a half")
    assert ["and a half"] == shown.streams.tails()


def test_a_stream_that_has_said_nothing_yet_is_shown(shown: Shown) -> None:
    """Something comes."""
    shown.starts(1)
    assert ["…"] == shown.streams.tails()


def test_a_paused_stream_is_shown_as_such(shown: Shown) -> None:
    """Nothing comes for now."""
    shown.starts(1)
    shown.says(1, "a half")
    shown.step(1, "stream_pause")
    assert ["a half (paused)"] == shown.streams.tails()


def test_the_rest_is_written_at_the_end(shown: Shown, capsys: Captured) -> None:
    """And nothing is left below the prompt."""
    shown.starts(1)
    shown.says(1, "one line\nand a half")
    shown.step(1, "stream_end")
    assert ("one line\nand a half\n", []) == (capsys.readouterr().out, shown.streams.tails())


def test_a_failure_is_told_with_its_reason(shown: Shown, capsys: Captured) -> None:
    """After what had come."""
    shown.starts(1)
    shown.says(1, "half")
    shown.step(1, "stream_end", success=False, reason="the model went away")
    assert "half\nfailed: the model went away\n" == capsys.readouterr().out


def test_a_cancelled_stream_is_told(shown: Shown, capsys: Captured) -> None:
    """Whoever cancelled it."""
    shown.starts(1)
    shown.says(1, "half")
    shown.step(1, "stream_cancel")
    assert "half\ncancelled\n" == capsys.readouterr().out


def test_streams_at_the_same_time_share_no_line(shown: Shown, capsys: Captured) -> None:
    """Each line says whose it is."""
    shown.starts(1, 2)
    for one, two in ("a ", "x "), ("b\n", "y\n"):
        shown.says(1, one)
        shown.says(2, two)
    shown.step(2, "stream_cancel")
    assert "[1] a b\n[2] x y\n[2] cancelled\n" == capsys.readouterr().out


def test_a_line_that_is_too_long_to_be_shown_below_is_broken_between_words(shown: Shown, capsys: Captured) -> None:
    """As the terminal itself would."""
    shown.starts(1)
    shown.says(1, *["word "] * 9)
    assert (f"{'word ' * 7}word\n", ["word "]) == (capsys.readouterr().out, shown.streams.tails())


def test_a_word_that_is_too_long_is_broken_where_the_line_is_full(shown: Shown, capsys: Captured) -> None:
    """By the width of its characters: these take two cells."""
    shown.starts(1)
    shown.says(1, "字" * 20)
    assert (f"{'字' * 19}\n", ["字"]) == (capsys.readouterr().out, shown.streams.tails())


def test_control_characters_are_shown_and_not_obeyed(shown: Shown, capsys: Captured) -> None:
    """Also those that come in two chunks."""
    shown.starts(1)
    shown.says(1, "\x1b", "[2J\r\n")
    assert "␛[2J\n" == capsys.readouterr().out


def test_the_newest_stream_is_the_one_that_began_last(shown: Shown) -> None:
    """Of those that are open."""
    shown.starts(1, 2, 3)
    shown.step(3, "stream_end")
    assert 2 == shown.streams.newest()


def test_what_has_come_is_written_when_the_person_leaves(shown: Shown, capsys: Captured) -> None:
    """And the stream is no longer followed."""
    shown.starts(1)
    shown.says(1, "half")
    shown.streams.leave()
    assert ("half\n", None) == (capsys.readouterr().out, shown.streams.newest())


def test_each_step_asks_for_a_new_drawing(shown: Shown) -> None:
    """Of what stands below the prompt."""
    shown.starts(1)
    shown.says(1, "a", "b")
    assert 3 == shown.changes


# ---- beside a reply ----


def test_a_text_waits_until_the_line_of_a_reply_has_ended(capsys: Captured) -> None:
    """It does not stand in the middle of it."""
    output = Output(by_line=True)
    output.piece("a ")
    output.whole(lambda: print("text"))
    output.piece("line\nb")
    output.end()
    assert "a line\n" + "b\n" + "text\n" == capsys.readouterr().out


def test_a_text_comes_between_two_lines_of_a_reply(capsys: Captured) -> None:
    """It is not held up longer than it must be."""
    output = Output(by_line=True)
    output.piece("a ")
    output.whole(lambda: print("text"))
    output.piece("line\n")
    output.piece("b\n")
    output.end()
    assert "a line\ntext\nb\n" == capsys.readouterr().out


def test_through_pipes_a_text_waits_for_the_whole_reply(capsys: Captured) -> None:
    """A program reads it."""
    output = Output(by_line=False)
    output.piece("a line\n")
    output.whole(lambda: print("text"))
    output.piece("b\n")
    output.end()
    assert "a line\nb\ntext\n" == capsys.readouterr().out


def test_a_text_waits_while_the_person_is_asked(capsys: Captured) -> None:
    """Until the answers are given."""
    output = Output(by_line=True)
    with output.held():
        output.whole(lambda: print("text"))
        print("question")
    assert "question\ntext\n" == capsys.readouterr().out
