"""What tests in a browser share: the server as a person starts it, and pages that must not stumble."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from host_support import copy_plugin

ROOT = Path(__file__).parents[2]
PLUGINS = Path(__file__).parent / "plugins"
CHROMIUM_OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000

expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str:
    """Where the browser is; skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("there is no Chromium here: apt-get install chromium")


class Server:
    """`plugin-interfaces serve` in a process of its own, on copies of plugins, under one port for all its lives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plugins = folder / "plugins"
        self.data = folder / "data"
        self.log = folder / "server.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.link = ""
        self._process: subprocess.Popen[str] | None = None

    def put(self, *sources: Path) -> Self:
        """Copies plugins there."""
        for source in sources:
            copy_plugin(source, self.plugins)
        return self

    def start(self) -> Self:
        """Starts it; returns when it listens."""
        command = [sys.executable, "-m", "plugin_interfaces.cli", "serve", str(self.plugins), "--no-browser"]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--data", str(self.data)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        self.link = self._process.stdout.readline().strip()
        assert self.link, self.log.read_text()
        return self

    def stop(self) -> None:
        """Ends it as a terminal does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @property
    def url(self) -> str:
        """The address without the token."""
        return f"http://127.0.0.1:{self.port}/"

    def command(self, name: str, /, **fields: Any) -> Any:
        """Does what a client asks for over HTTP; the answer."""
        token = self.link.partition("token=")[2]
        request = urllib.request.Request(
            f"{self.url}api/command",
            json.dumps({"command": name, **fields}).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def contact(self, plugin_id: str, name: str = "", *, connected: bool = True) -> str:
        """A new contact; its id."""
        instance_id: str = self.command("add-contact", plugin_id=plugin_id, name=name)["result"]["instance_id"]
        if connected:
            self.command("connect", instance_id=instance_id)
        return instance_id


class Client:
    """A browser's page, with words for what a person does. `problems` are what the page complained about."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server = server
        self.context = context
        self.problems: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(message.text)

    def start(self) -> Self:
        """Opens the link that the server printed."""
        self.page.goto(self.server.link)
        expect(self.page.locator(".contact").first).to_be_visible()
        return self

    def open(self, instance_id: str) -> Self:
        """Opens the link, and with it a contact."""
        self.page.goto(f"{self.server.link}&contact={instance_id}")
        expect(self.row(instance_id)).to_have_attribute("aria-current", "true")
        return self

    def row(self, instance_id: str) -> Locator:
        """A contact in the list."""
        return self.page.locator(f'[data-contact="{instance_id}"]')

    @property
    def field(self) -> Locator:
        """Where messages are written."""
        return self.page.locator(".composer textarea")

    @property
    def messages(self) -> Locator:
        """All messages that are in the document."""
        return self.page.locator("article.message:not(.is-silent)")

    @property
    def settings(self) -> Locator:
        """The right pane."""
        return self.page.locator(".pane-settings")

    def say(self, text: str) -> None:
        """Writes a message and sends it with Enter."""
        expect(self.page.locator(".composer:not(.is-off)")).to_be_visible()
        self.field.fill(text)
        self.field.press("Enter")

    def last(self, text: str | re.Pattern[str]) -> Locator:
        """The newest message, once it has a text."""
        expect(self.messages.last).to_contain_text(text)
        return self.messages.last

    def menu(self, entry: str) -> None:
        """Picks an entry of the contact's menu."""
        self.page.locator(".more-button").click()
        self.page.locator(".q-menu .q-item", has_text=entry).click()

    def close(self) -> None:
        """Closes it."""
        self.page.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A browser of its own, with other cookies and another cache."""
    # What fades in has other colours on its way, and takes its time.
    context = browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context
