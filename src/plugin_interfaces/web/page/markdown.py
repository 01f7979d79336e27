"""Markdown of plugins as HTML that can do nothing: no raw HTML, no scripts, no pictures from elsewhere.

A reply that is still coming is rendered block by block: a long one costs no more for each piece than a short one.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

__all__ = ["Blocks", "GrowingText", "code_block", "highlighted", "prepare", "render"]

_MARKDOWN_LIMIT: Final = 200_000
_HIGHLIGHT_LIMIT: Final = 60_000
_GROWING_HIGHLIGHT_LIMIT: Final = 3_000
_LONG: Final = 1_000  # characters of a block; from then on it is parsed again when it is longer by one part in:
_PART: Final = 16
_END_LENGTH: Final = 64
_BLOCK_ENDS: Final = re.compile(r"[\r\n][ \t]*[\r\n]+[^\s\d*+>-]")
_CODE_ENDS: Final = re.compile(r"[\r\n] {0,3}(?:`{3,}|~{3,})[ \t]*[\r\n]")
_DEFINITION: Final = re.compile(r"\]:")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)")
_CODE_OPEN: Final = '<div class="code">'
_COPY_ICON: Final = '<i class="material-icons" aria-hidden="true">content_copy</i>'

_formatter = HtmlFormatter(nowrap=True, classprefix="tok-")


@lru_cache(maxsize=256)
def highlighted(code: str, language: str) -> str:
    """Code as HTML whose parts have classes `tok-…`; escaped only, where the language is not known."""
    if not language or len(code) > _HIGHLIGHT_LIMIT:
        return escape(code)
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    return str(highlight(code, lexer, _formatter))


class _Renderer(RendererHTML):
    """CommonMark's HTML, with what a page of chat adds to code, tables and pictures."""

    def fence(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        plain = env.get("growing", False) and len(token.content) > _GROWING_HIGHLIGHT_LIMIT
        body = escape(token.content) if plain else highlighted(token.content, language)
        label = escape(env.get("copy", "Copy"))
        name = f'aria-label="{label}" title="{label}"'
        copy = f'<button type="button" class="code-copy" data-copy-code {name}>{_COPY_ICON}</button>'
        return (
            f'{_CODE_OPEN}<div class="code-head"><span>{escape(language)}</span>{copy}</div>'
            f'<pre tabindex="0"><code>{body}</code></pre></div>\n'
        )

    def code_block(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return self.fence(tokens, at, options, env)

    def table_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return '<div class="table-frame" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        source = str(token.attrs.get("src", ""))
        name = escape(self.renderInlineAsText(token.children, options, env))
        if source.startswith("data:image/"):
            return f'<img src="{escape(source)}" alt="{name}">'
        # To fetch it would tell its server that this was read.
        return f'<a href="{escape(source)}">{name or escape(source)}</a>'


class _Parsers(threading.local):
    """One for each thread: it remembers what it found last."""

    def __init__(self) -> None:
        # js-default escapes raw HTML and refuses javascript:, vbscript:, file: and most data: links.
        self.markdown = MarkdownIt("js-default", {"linkify": True, "breaks": True}, renderer_cls=_Renderer)
        # What it makes when it is first needed, no reply shall wait for.
        self.markdown.render("a@b.c https://example.com *d*\n\n- e\n\n| f |\n|---|\n| g |\n")


_parsers = _Parsers()


class Blocks(NamedTuple):
    """Blocks from the one with the number `first` on; those before are as they were."""

    first: int
    blocks: list[str]


def render(text: str) -> list[str]:
    """The blocks of a text (paragraphs, lists, code, tables) as HTML, in their order."""
    return list(_render(text))


@lru_cache(maxsize=256)
def _render(text: str) -> tuple[str, ...]:
    # Every page that shows a message renders it: the same text comes once for each.
    return tuple(_blocks(text, growing=False)[0])


async def prepare(texts: Iterable[str]) -> None:
    """Renders texts beside, so that others need not wait while they are rendered."""
    await asyncio.to_thread(lambda: [_render(text) for text in texts])


def _blocks(text: str, *, growing: bool) -> tuple[list[str], int]:
    """The blocks of a text, of which the last may be growing, and the line in which that begins."""
    if len(text) > _MARKDOWN_LIMIT:
        return [f'<p class="plain">{escape(text)}</p>'], 0
    markdown = _parsers.markdown
    env: dict[str, Any] = {}
    tokens = markdown.parse(text, env)
    blocks: list[str] = []
    begin = last_line = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            opening = tokens[begin]
            last_line = opening.map[0] if opening.map else last_line
            env["growing"] = growing and at + 1 == len(tokens)
            blocks.append(markdown.renderer.render(tokens[begin : at + 1], markdown.options, env))
            begin = at + 1
    return blocks, last_line


class GrowingText:
    """A text that comes piece by piece. Not for several threads at once.

    What is drawn again for a piece is bounded, however long the text is. A block is settled once another has begun
    after it; only what is not settled is parsed again, and where that is long, once it is longer by a part.
    """

    def __init__(self, text: str = "") -> None:
        self._settled: list[str] = []
        self._settled_blocks = 0
        self._drawn = ""  # what is not settled, as far as it was parsed
        self._in_code = False  # where that ends
        self._gap = ""  # the white space at its end, which blocks do not show
        self._more: list[str] = []  # what was shown behind it as it is
        self._more_length = 0
        self._end = ""  # of what is shown, as much as may tell with the next piece that a block ends
        self._fresh = [text]

    @property
    def text(self) -> str:
        """What has come."""
        return "".join([*self._settled, self._drawn, *self._more, *self._fresh])

    def append(self, piece: str) -> None:
        """Adds what came."""
        self._fresh.append(piece)

    def changed(self) -> Blocks | str:
        """The blocks that look different now; or a text that goes as it is behind what is there."""
        fresh = "".join(self._fresh)
        self._fresh.clear()
        if self._can_wait(fresh):
            shown = fresh if self._more else self._gap + fresh
            self._more.append(fresh)
            return shown
        rest = "".join([self._drawn, *self._more, fresh])
        first = self._settled_blocks
        blocks, line = _blocks(rest, growing=True)
        if len(blocks) > 1:
            lines = _LINE.findall(rest)
            # Those are whole; until it is, a line may turn out to belong to the block before.
            if line < len(lines):
                settled = sum(len(part) for part in lines[:line])
                self._settled_blocks += len(blocks) - 1
                self._settled.append(rest[:settled])
                rest = rest[settled:]
        self._drawn, self._end = rest, rest[-_END_LENGTH:]
        self._in_code = bool(blocks) and blocks[-1].startswith(_CODE_OPEN)
        self._gap = "" if self._in_code else rest[len(rest.rstrip()) :]
        self._more.clear()
        self._more_length = 0
        return Blocks(first, blocks)

    def _can_wait(self, fresh: str) -> bool:
        """Whether what came may be shown as it is until more has come."""
        self._more_length += len(fresh)
        if len(self._drawn) < _LONG or self._more_length * _PART > len(self._drawn):
            return False
        end = self._end + fresh
        self._end = end[-_END_LENGTH:]
        return (_CODE_ENDS if self._in_code else _BLOCK_ENDS).search(end) is None

    def finished(self) -> Blocks:
        """The blocks that look different once nothing more comes: code gets its colours, links know where they lead."""
        text = self.text
        if _DEFINITION.search(text):  # perhaps of links that are used before
            return Blocks(0, render(text))
        rest = text[sum(len(part) for part in self._settled) :]
        return Blocks(self._settled_blocks, _blocks(rest, growing=False)[0])


def code_block(code: str, language: str, copy: str) -> str:
    """Code as a block of its own, with its language and a button that copies it, named `copy`."""
    token = Token("fence", "code", 0, content=code, info=language)
    markdown = _parsers.markdown
    return str(markdown.renderer.render([token], markdown.options, {"copy": copy}))
