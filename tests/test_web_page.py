"""The parts of the page that need no browser: markdown that can do nothing, texts, what is drawn of a conversation."""

from __future__ import annotations

import re
from string import Formatter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nicegui", reason="the page needs the extra `web`")

from plugin_interfaces.web.page.bubbles import Bubbles
from plugin_interfaces.web.page.markdown import GrowingText, code_block, render
from plugin_interfaces.web.page.texts import CHINESE, ENGLISH, Texts, texts_for
from plugin_interfaces.web.protocol import Message, PluginStream, RequestEnded, RequestStarted, StreamData

# ---- markdown ----

PIECES = st.sampled_from(
    [
        *("word", " ", "\n", "\n\n", "\r\n", "\r", "# ", "- ", "1. ", "> ", "```", "```python\n", "    ", "\t"),
        *("**", "`", "| a | b |\n", "|---|---|\n", "---\n", "===\n", "[x](y)", "<b>", "\u2028", "\x0b", "é", "字"),
    ]
)


@given(st.lists(PIECES, max_size=60))
def test_a_text_that_grew_looks_like_one_that_came_whole(pieces: list[str]) -> None:
    growing, drawn = GrowingText(), list[str]()
    for piece in pieces:
        growing.append(piece)
        first, blocks = growing.changed()
        drawn[first:] = blocks
    assert render("".join(pieces)) == drawn == growing.finished()


def test_a_long_text_is_parsed_at_its_end_alone() -> None:
    growing = GrowingText("first\n\n" * 1000)
    growing.changed()
    growing.append("last")
    first, blocks = growing.changed()
    assert (999, 2) == (first, len(blocks))


def test_a_link_that_is_defined_later_is_one_in_the_end() -> None:
    growing = GrowingText("see [this][1]\n\n")
    growing.changed()
    growing.append("[1]: https://example.com\n")
    assert ['<p>see <a href="https://example.com">this</a></p>\n'] == growing.finished()


@given(st.text(st.sampled_from("<>&\"'`[]()!ab:/=\n script"), max_size=80))
def test_no_text_opens_a_tag_that_is_not_ours(text: str) -> None:
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z!?][^\s>/]*)", "".join(render(text))))
    ours = {"p", "br", "code", "pre", "div", "span", "button", "i", "a", "blockquote", "h1", "h2", "img"}
    assert set() == tags - ours


SCHEMES = ["javascript", "JaVaScRiPt", "vbscript", "file", "data", " javascript", "java\nscript"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_link_that_could_run_something_is_text(scheme: str) -> None:
    assert "href" not in "".join(render(f"[x]({scheme}:alert(1)) <{scheme}:alert(1)>"))


def test_a_picture_from_elsewhere_is_a_link() -> None:
    assert ['<p><a href="https://example.com/x.png">pixel</a></p>\n'] == render("![pixel](https://example.com/x.png)")


def test_a_picture_that_came_along_is_shown() -> None:
    assert ['<p><img src="data:image/png;base64,AA==" alt="dot"></p>\n'] == render("![dot](data:image/png;base64,AA==)")


def test_code_has_the_colours_of_its_language() -> None:
    assert '<span class="tok-k">def</span>' in code_block("def f(): pass", "python", "Copy")


def test_code_in_a_language_that_nobody_knows_is_text() -> None:
    assert "<code>&lt;x&gt;</code>" in code_block("<x>", "no such language", "Copy")


# ---- texts ----


def fields(texts: Texts) -> dict[str, list[str]]:
    """Of each text, what stands open in it."""
    return {
        name: [part for _, part, _, _ in Formatter().parse(value) if part is not None]
        for name, value in msgspec.structs.asdict(texts).items()
        if isinstance(value, str)
    }


def test_both_languages_say_the_same() -> None:
    assert fields(ENGLISH) == fields(CHINESE)
    assert [keys for keys, _ in ENGLISH.keys_rows] == [keys for keys, _ in CHINESE.keys_rows]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        *(("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US,en;q=0.9,zh;q=0.8", "en"), ("de", "en"), ("zh", "zh")),
        *(("de;q=0.9,zh-TW;q=0.5", "zh"), ("en;q=0.1,zh;q=0.2", "zh"), ("zh;q=nonsense,en", "en"), ("*;q=0.5", "en")),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best(header: str, code: str) -> None:
    assert code == texts_for(header).code


# ---- what is drawn of a conversation ----


def stream(kind: str, sequence: int, **data: object) -> PluginStream:
    """A step of one stream."""
    return PluginStream(
        sequence=sequence,
        type=kind,  # type: ignore[arg-type]
        plugin_id="p",
        instance_id="p",
        data=StreamData(stream_id="7", **data),  # type: ignore[arg-type]
        timestamp=0,
        message_id="m",
        request_id="1",
    )


def message(role: str, status: str = "completed", **more: str) -> Message:
    """A message of the history."""
    return Message(id="m", content="so far", plugin_id="p", role=role, status=status, **more)  # type: ignore[arg-type]


def test_chunks_between_two_drawings_are_one_step() -> None:
    bubbles = Bubbles()
    bubbles.stream(stream("stream_start", 1))
    bubbles.take_steps()
    for number in range(100):
        bubbles.stream(stream("stream_data", 2 + number, chunk=f"{number} "))
    (step,) = bubbles.take_steps()
    assert ["blocks", "m", 0] == step[:3]
    assert not bubbles.waiting


def test_a_message_that_is_still_coming_goes_on_from_what_the_history_has() -> None:
    bubbles = Bubbles()
    drawn = bubbles.of_history(message("plugin", "active", stream_id="7", request_id="1"), sequence=10)
    bubbles.stream(stream("stream_data", 10, chunk=" twice"))
    bubbles.stream(stream("stream_data", 11, chunk=" and on"))
    assert ["<p>so far</p>\n"] == drawn["blocks"]
    assert [["blocks", "m", 0, ["<p>so far and on</p>\n"]]] == bubbles.take_steps()


def test_a_request_is_waited_for_until_something_comes() -> None:
    bubbles = Bubbles()
    started = RequestStarted(plugin_id="p", instance_id="p", request_id="1", message=message("user"))
    bubbles.request_started(started)
    assert ["request 1"] == bubbles.open
    bubbles.stream(stream("stream_start", 2))
    assert ["m"] == bubbles.open
    assert ["add", "add", "remove", "add"] == [step[0] for step in bubbles.take_steps()]


def test_a_request_that_ends_without_a_word_leaves_nothing_waiting() -> None:
    bubbles = Bubbles()
    bubbles.request_started(RequestStarted(plugin_id="p", instance_id="p", request_id="1", message=message("user")))
    bubbles.request_ended(RequestEnded(plugin_id="p", instance_id="p", request_id="1", status="cancelled"))
    assert [] == bubbles.open
    assert ["remove", "request 1"] == bubbles.take_steps()[-1]


def test_a_stream_that_fails_says_why() -> None:
    bubbles = Bubbles()
    bubbles.stream(stream("stream_start", 1))
    bubbles.stream(stream("stream_end", 2, success=False, error="the cable is out"))
    assert ["set", "m", {"status": "error", "reason": "the cable is out", "content": ""}] == bubbles.take_steps()[-1]
