"""Markdown of plugins as HTML that can do nothing: no raw HTML, no scripts, no pictures from elsewhere.

A reply that is still coming is rendered block by block: a long one costs no more for each piece than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

__all__ = ["GrowingText", "code_block", "highlighted", "render"]

_HIGHLIGHT_LIMIT: Final = 60_000
_GROWING_HIGHLIGHT_LIMIT: Final = 3_000
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)")
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
            f'<div class="code"><div class="code-head"><span>{escape(language)}</span>{copy}</div>'
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


# js-default escapes raw HTML and refuses javascript:, vbscript:, file: and most data: links.
_markdown = MarkdownIt("js-default", {"linkify": True, "breaks": True}, renderer_cls=_Renderer)


def render(text: str) -> list[str]:
    """The blocks of a text (paragraphs, lists, code, tables) as HTML, in their order."""
    return list(_render(text)) if len(text) <= _HIGHLIGHT_LIMIT else _blocks(text, growing=False)[0]


@lru_cache(maxsize=512)
def _render(text: str) -> tuple[str, ...]:
    # Every page that shows a message renders it: the same text comes once for each.
    return tuple(_blocks(text, growing=False)[0])


def _blocks(text: str, *, growing: bool) -> tuple[list[str], int]:
    """The blocks of a text, and the line in which the last one begins."""
    env: dict[str, Any] = {"growing": growing}
    tokens = _markdown.parse(text, env)
    blocks: list[str] = []
    begin = last_line = 0
    for at, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            opening = tokens[begin]
            last_line = opening.map[0] if opening.map else last_line
            blocks.append(_markdown.renderer.render(tokens[begin : at + 1], _markdown.options, env))
            begin = at + 1
    return blocks, last_line


class GrowingText:
    """A text that comes piece by piece. Not for several threads at once.

    Attributes:
        text: what has come.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._settled_blocks = 0
        self._settled_text = 0

    def append(self, piece: str) -> None:
        """Adds what came."""
        self.text += piece

    def changed(self) -> tuple[int, list[str]]:
        """The blocks from a number on, as they look now; those before are as they were.

        A block is settled once another has begun after it, with a line that is whole: until then that line may turn out
        to belong to it. Only what is not settled is parsed again.
        """
        first = self._settled_blocks
        rest = self.text[self._settled_text :]
        blocks, line = _blocks(rest, growing=True)
        if len(blocks) > 1:
            lines = _LINE.findall(rest)  # those that are whole
            if line < len(lines):
                self._settled_blocks += len(blocks) - 1
                self._settled_text += sum(len(part) for part in lines[:line])
        return first, blocks

    def finished(self) -> list[str]:
        """All blocks, once nothing more comes: links may be defined after their use; code gets its colours."""
        return render(self.text)


def code_block(code: str, language: str, copy: str) -> str:
    """Code as a block of its own, with its language and a button that copies it, named `copy`."""
    token = Token("fence", "code", 0, content=code, info=language)
    return str(_markdown.renderer.render([token], _markdown.options, {"copy": copy}))
