"""The server from its beginning to its end, and `plugin-interfaces serve`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from host_support import PATIENCE, ROOT, Plugins, copy_plugin
from plugin_interfaces.errors import ConfigError
from plugin_interfaces.web import Server, ServerOptions
from plugin_interfaces.web.protocol import Connect, GetHistory, RequestEnded, SendMessage
from web_support import ECHO, Running, Served, backend, client, served, serving


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


# ---- beginning and end ----


def test_no_command_line_has_the_token(plugins: Plugins, data: Path, tmp_path: Path) -> None:
    """The browser is given a file that leads to the link, which nobody else may read and which does not stay."""
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" > "$0.address"\ncp -p "${1#file://}" "$0.html"\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "plugin_interfaces.cli", "serve", str(plugins.path), "--port", "0", "--no-page"]
    environment = {**os.environ, "DISPLAY": ":0", "BROWSER": f"{browser} %s"}
    with subprocess.Popen(
        [*command, "--data", str(data)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    address, page = Path(f"{browser}.address").read_text(), Path(f"{browser}.html")
    assert address == (data / "open.html").as_uri()
    assert 0o600 == page.stat().st_mode & 0o777
    assert f'href="{link}"' in page.read_text()
    assert not (data / "open.html").exists()


def test_a_port_that_is_taken_is_an_error(plugins: Plugins, data: Path) -> None:
    """Where it was asked for; the text says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = Running([plugins.path], data, ServerOptions(port=taken.getsockname()[1], page=False))
        with pytest.raises(ConfigError, match="choose another with --port"):
            running.start()


def test_a_server_that_does_not_start_frees_its_port(
    plugins: Plugins, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says that it did not."""

    @contextlib.asynccontextmanager
    async def fails(_: object) -> AsyncIterator[None]:
        raise RuntimeError("out of order")
        yield

    monkeypatch.setattr("plugin_interfaces.web.server._application", lambda *_: FastAPI(lifespan=fails))

    async def main() -> None:
        async with backend([plugins.path], data) as one:
            server = Server(one, ServerOptions(port=0))
            port = server.port
            with pytest.raises(ConfigError, match="did not start"):
                await server.__aenter__()
            socket.create_server(("127.0.0.1", port)).close()

    asyncio.run(main())


def test_open_connections_do_not_keep_the_server(plugins: Plugins, data: Path) -> None:
    """They are told that it goes away."""

    async def main() -> int:
        with contextlib.ExitStack() as stack:
            running = await asyncio.to_thread(stack.enter_context, serving([plugins.path], data))
            async with client(running) as one:
                await asyncio.to_thread(stack.close)
                await one._socket.wait_closed()
                return int(one._socket.close_code or 0)

    assert 1012 == asyncio.run(main())


def test_a_restart_brings_all_back(plugins: Plugins, data: Path) -> None:
    """Link, contacts, connections and conversations; the client is told that its numbers are of another run."""
    plugins.py(ECHO)

    async def talk(program: Served) -> tuple[str, int]:
        async with client(program) as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content="remember"))
            ended = await one.until(RequestEnded)
            return one.welcome.epoch, ended.sequence

    async def look(program: Served, epoch: str, at: int) -> list[str]:
        async with client(program, f"?after={at}&epoch={epoch}") as one:
            assert not one.welcome.resumed
            await one.contact("connected")
            page = await one.call(GetHistory(instance_id="plugin"))
            return [message["content"] for message in page["messages"]]

    with served([plugins.path], data, "--no-page") as program:
        link = program.link
        epoch, at = asyncio.run(talk(program))
        assert 0 == program.stop()
        program.start()
        assert link == program.link
        assert ["remember", "remember"] == asyncio.run(look(program, epoch, at))


async def loaded(program: Served) -> None:
    """Until the first contact is loaded."""
    async with client(program) as one:
        await one.contact("disconnected")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(plugins: Plugins, data: Path, number: signal.Signals) -> None:
    """The plugins are ended first."""
    folder = plugins.py(
        """
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Ends(PluginHandler):
            def on_dispose(self, context):
                (Path(__file__).parent / "ended").touch()
        """
    )

    with served([plugins.path], data, "--no-page") as program:
        asyncio.run(loaded(program))
        assert 0 == program.stop(number)
    assert (folder / "ended").exists()


def test_a_second_signal_does_not_wait_for_a_plugin_that_hangs(plugins: Plugins, data: Path) -> None:
    """The first one does."""
    plugins.py(
        """
        import threading
        from plugin_interfaces import PluginHandler

        class Hangs(PluginHandler):
            def on_dispose(self, context):
                print("disposing", flush=True)
                threading.Event().wait()
        """
    )
    with served([plugins.path], data, "--no-page") as program:
        assert program.process.stdout is not None
        asyncio.run(loaded(program))
        program.process.send_signal(signal.SIGINT)
        assert "disposing\n" == program.process.stdout.readline()
        assert 128 + signal.SIGINT == program.stop(signal.SIGINT)


# ---- the command ----


def cli(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """`plugin-interfaces` with arguments, to its end."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_it_refuses_to_be_reached_by_others(plugins: Plugins, data: Path) -> None:
    """With what to do, and an exit code."""
    done = cli("serve", str(plugins.path), "--data", str(data), "--host", "0.0.0.0")
    assert (1, "") == (done.returncode, done.stdout)
    assert "--tls-cert" in done.stderr


def test_it_warns_where_others_reach_it(plugins: Plugins, data: Path) -> None:
    """Asked to all the same."""
    command = [sys.executable, "-m", "plugin_interfaces.cli", "serve", str(plugins.path), "--data", str(data)]
    options = ["--host", "0.0.0.0", "--insecure-public", "--port", "0", "--no-page", "--no-browser"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        link = process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE)
    assert link.startswith("http://127.0.0.1:")
    assert "others can reach this server" in " ".join(errors.split())


def hidden(folder: Path, *packages: str) -> str:
    """A PYTHONPATH with which packages seem not to be installed."""
    (folder / "sitecustomize.py").write_text(
        "import sys\nclass Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {packages!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name}', name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    return str(folder)


def test_without_the_extra_it_says_how_to_get_it(plugins: Plugins, data: Path, tmp_path: Path) -> None:
    """In one line, and no trace."""
    path = hidden(tmp_path, "nicegui", "uvicorn", "fastapi", "starlette")
    done = cli("serve", str(plugins.path), "--data", str(data), env={**os.environ, "PYTHONPATH": path})
    assert (2, "") == (done.returncode, done.stdout)
    assert "pip install 'plugin-interfaces[web]'" in done.stderr


@pytest.mark.parametrize("arguments", [("--no-page",), ("--frontend", ".")], ids=" ".join)
def test_what_the_page_needs_is_for_the_page_alone(
    plugins: Plugins, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Without it, nothing is loaded for it."""
    monkeypatch.setenv("PYTHONPATH", hidden(tmp_path, "nicegui"))
    with served([plugins.path], data, *arguments) as program:
        assert program.port


def test_the_schema_is_printed(tmp_path: Path) -> None:
    """Without serving."""
    done = cli("serve", "--schema", cwd=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert "The protocol of plugin-interfaces" == json.loads(done.stdout)["title"]


def test_a_key_without_a_certificate_is_wrong_usage(plugins: Plugins) -> None:
    """As typer has it."""
    assert 2 == cli("serve", str(plugins.path), "--tls-key", "key.pem").returncode


def test_samples_are_served(tmp_path: Path) -> None:
    """The page's own program on a copy of a sample in C, as `make run` starts it."""
    copy_plugin(ROOT / "c_plugins" / "echo", tmp_path / "plugins")
    with served([tmp_path / "plugins"], tmp_path / "data") as program:
        answer = httpx.get(program.link, headers={"Accept": "text/html"}, follow_redirects=True, timeout=PATIENCE)
        assert (200, True) == (answer.status_code, "text/html" in answer.headers["content-type"])
        # The library's own paths are behind the guard too.
        scripts = re.findall(r"/_nicegui/[^\"' ]+", answer.text)
        assert scripts
        for path in (scripts[0], "/_nicegui_ws/socket.io/?EIO=4&transport=polling", "/nothing"):
            assert 401 == httpx.get(program.url.rstrip("/") + path, timeout=PATIENCE).status_code
