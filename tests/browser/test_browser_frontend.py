"""The front end that docs/protocol.md shows: the page as it stands there, against a running server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from host_support import ROOT, Plugins
from web_support import Served, served

PLUGIN = """
import asyncio
from plugin_interfaces import PluginHandler

class Both(PluginHandler):
    async def handle_message(self, message, context):
        if not message.startswith("stream"):
            return message.upper()
        async with context.stream() as stream:
            for number in range(int(message.split()[1])):
                await stream.send_async(f"{number} ")
                if number % 20 == 0:
                    await asyncio.sleep(0.01)
"""


@pytest.fixture
def program(plugins: Plugins, tmp_path: Path) -> Iterator[Served]:
    """The server with that page in place of its own."""
    plugins.py(PLUGIN, "one")
    plugins.py(PLUGIN, "two")
    document = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    found = re.search(r"<!-- test: index.html -->\n```html\n(.*?)```", document, re.DOTALL)
    assert found is not None
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text(found[1])
    with served([plugins.path], tmp_path / "data", "--frontend", str(tmp_path / "page")) as program:
        yield program


@pytest.fixture
def page(browser: Browser, program: Served) -> Iterator[Page]:
    """A tab with the page, connected with the first contact."""
    context = browser.new_context()
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(program.link)
    expect(page.get_by_role("status")).to_have_text("connected")
    yield page
    context.close()
    assert [] == problems


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def test_it_chats(page: Page) -> None:
    """A reply at once, and one that streams."""
    say(page, "hello")
    say(page, "stream 3")
    expect(page.locator("#messages p")).to_have_text(["hello", "HELLO", "stream 3", "0 1 2"])


def test_it_changes_the_conversation(page: Page) -> None:
    """Each has its own messages."""
    say(page, "for one")
    expect(page.locator("#messages p")).to_have_count(2)
    page.get_by_label("Contact").select_option("two")
    expect(page.locator("#messages p")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("connected")
    say(page, "for two")
    expect(page.locator("#messages p")).to_have_text(["for two", "FOR TWO"])
    page.get_by_label("Contact").select_option("one")
    expect(page.locator("#messages p")).to_have_text(["for one", "FOR ONE"])


def test_two_tabs_see_the_same(page: Page, program: Served) -> None:
    """Also what comes while the second one opens."""
    say(page, "stream 2000")
    other = page.context.new_page()
    other.goto(program.url)
    whole = ["stream 2000", "".join(f"{number} " for number in range(2000)).strip()]
    for tab in (page, other):
        expect(tab.locator("#messages p")).to_have_text(whole)


def test_a_tab_that_is_loaded_anew_misses_nothing(page: Page) -> None:
    """In the middle of a stream."""
    say(page, "stream 2000")
    expect(page.locator("#messages p").nth(1)).to_contain_text("100 ")
    page.reload()
    whole = ["stream 2000", "".join(f"{number} " for number in range(2000)).strip()]
    expect(page.locator("#messages p")).to_have_text(whole)


def test_a_tab_whose_server_restarts_goes_on(page: Page, program: Served) -> None:
    """By itself, with the conversation."""
    say(page, "before")
    expect(page.locator("#messages p")).to_have_text(["before", "BEFORE"])
    assert 0 == program.stop()
    program.start()
    expect(page.get_by_role("status")).to_have_text("connected")
    say(page, "after")
    expect(page.locator("#messages p")).to_have_text(["before", "BEFORE", "after", "AFTER"])
