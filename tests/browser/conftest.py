"""Fixtures of the tests in a browser: one browser and one server for each module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("nicegui", reason="the page needs the extra `web`")
pytest.importorskip("playwright", reason="the tests in a browser need playwright")

from browser_support import CHROMIUM_OPTIONS, PLUGINS, ROOT, Client, Server, chromium, new_context
from playwright.sync_api import Browser, BrowserContext, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the plugins for these tests and two samples in C."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.put(*sorted(PLUGINS.iterdir()), ROOT / "c_plugins" / "settings", ROOT / "c_plugins" / "typewriter").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What pages without wishes of their own share; they find the scripts in its cache."""
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture
def client(browser: Browser, context: BrowserContext, server: Server) -> Iterator[Callable[..., Client]]:
    """Opens a page, with options of a browser of its own; at the end none of them may have complained."""
    clients: list[Client] = []

    def opened(**options: Any) -> Client:
        clients.append(Client(new_context(browser, **options) if options else context, server))
        return clients[-1]

    yield opened
    for one in clients:
        one.close()
        if one.context is not context:
            one.context.close()
    assert [] == [problem for one in clients for problem in one.problems]
