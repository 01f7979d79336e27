"""The parts of the page that need no browser: markdown that can do nothing, texts, what is drawn of a conversation."""

from __future__ import annotations

import re
from html import escape
from string import Formatter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("nicegui", reason="the page needs the extra `web`")

from plugin_interfaces.web.page.bubbles import Bubbles
from plugin_interfaces.web.page.markdown import Blocks, GrowingText, code_block, render
from plugin_interfaces.web.page.texts import CHINESE, ENGLISH, Texts, texts_for
from plugin_interfaces.web.protocol import Message, PluginStream, RequestEnded, RequestStarted, StreamData

# ---- markdown ----

PIECES = st.sampled_from(
    [
        *("word", " ", "\n", "\n\n", "\r\n", "\r", "# ", "- ", "1. ", "> ", "```", "```python\n", "    ", "\t"),
        *("**", "`", "| a | b |\n", "|---|---|\n", "---\n", "===\n", "[x](y)", "<b>", "\u2028", "\x0b", "é", "字"),
    ]
)


class Shown:
    """A text that grew, as a page shows it: blocks, and behind them what is not rendered yet."""

    def __init__(self, text: str = "") -> None:
        self.growing = GrowingText(text)
        self.blocks: list[str] = []
        self.more = ""
        self.rendered = 0  # how many characters of blocks
        self.draw()

    def add(self, piece: str) -> None:
        self.growing.append(piece)
        self.draw()

    def draw(self) -> None:
        change = self.growing.changed()
        if isinstance(change, str):
            self.more += change
        else:
            self.take(change)

    def take(self, change: Blocks) -> None:
        self.blocks[change.first :] = change.blocks
        self.more = ""
        self.rendered += sum(len(block) for block in change.blocks)

    def finish(self) -> list[str]:
        self.take(self.growing.finished())
        return self.blocks


@given(st.lists(PIECES, max_size=60))
def test_a_text_that_grew_looks_like_one_that_came_whole(pieces: list[str]) -> None:
    shown = Shown()
    for piece in pieces:
        shown.add(piece)
    drawn = list(shown.blocks)
    assert render("".join(pieces)) == drawn == shown.finish()


LONG = {
    "text": ("", "some **words** of it "),
    "list": ("", "- an `item` of many\n"),
    "code": ("```\n", "x = 1;\n\n"),
    "quote": ("", "> a *line* of many\n"),
    "table": ("| a | b |\n|---|---|\n", "| c | d |\n"),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_block_costs_little_more_for_each_piece(kind: str) -> None:
    begin, piece = LONG[kind]

    def drawn(characters: int) -> int:
        shown = Shown(begin)
        for _ in range(characters // len(piece)):
            shown.add(piece)
        return shown.rendered

    # Were it drawn again for each piece, four times as long a text would cost sixteen times as much.
    assert drawn(8000) < 8 * drawn(2000)


@pytest.mark.parametrize("length", [1, 7, 500])
@pytest.mark.parametrize("kind", LONG)
def test_a_long_block_shows_all_that_came_and_ends_where_it_ends(kind: str, length: int) -> None:
    begin, line = LONG[kind]
    text = begin + line * (1500 // len(line)) + ("```\n" if kind == "code" else "\n\n") + "then this"
    shown, some_waited = Shown(text[:1200]), False
    for at in range(1200, len(text), length):
        shown.add(text[at : at + length])
        some_waited |= shown.more != ""
        if not shown.more:
            assert render(text[: at + length]) == shown.blocks
    assert some_waited == (length < 500)
    assert "" == shown.more
    assert "<p>then this</p>\n" == shown.blocks[-1]
    assert render(text) == shown.finish()


@pytest.mark.parametrize("piece", ["word ", "word\n", " word", "x"])
def test_no_white_space_is_lost_where_a_text_goes_on_unrendered(piece: str) -> None:
    shown, text = Shown(piece * 400), piece * 400
    for _ in range(40):
        shown.add(piece)
        text += piece
        plain = (
            re.sub("<br>\n|</?p>", lambda tag: "\n" if "br" in tag[0] else "", shown.blocks[0]).rstrip("\n")
            + shown.more
        )
        assert text.strip() == plain.strip()


def test_a_text_that_nobody_can_read_is_shown_as_it_is() -> None:
    text = "**x** <b> " * 30_000
    assert [f'<p class="plain">{escape(text)}</p>'] == render(text)


def test_a_long_text_is_parsed_at_its_end_alone() -> None:
    growing = GrowingText("first\n\n" * 1000)
    growing.changed()
    growing.append("last")
    change = growing.changed()
    assert isinstance(change, Blocks)
    assert (999, 2) == (change.first, len(change.blocks))
    assert (999, 2) == (growing.finished().first, len(growing.finished().blocks))


def test_a_link_that_is_defined_later_is_one_in_the_end() -> None:
    shown = Shown("see [this][1]\n\n")
    shown.add("[1]: https://example.com\n")
    assert ['<p>see <a href="https://example.com">this</a></p>\n'] == shown.finish()


def test_code_gets_its_colours_as_soon_as_it_has_ended() -> None:
    shown = Shown("```python\n" + "x = None\n" * 1000)
    assert "tok-" not in shown.blocks[0]
    shown.add("```\nthen this")
    assert "tok-" in shown.blocks[0]


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
