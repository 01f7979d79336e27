"""The protocol over real connections, and the command that serves it."""

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
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from host_support import ROOT, Plugins, copy_plugin
from plugin_interfaces.errors import ConfigError
from plugin_interfaces.web import ServerOptions
from plugin_interfaces.web.journal import Journal
from plugin_interfaces.web.protocol import (
    Connect,
    ContactChanged,
    EventsLost,
    Failed,
    GetHistory,
    ListContacts,
    Ping,
    PluginStream,
    Reload,
    RequestEnded,
    RequestStarted,
    SendMessage,
    StopRequest,
    Welcome,
)
from plugin_interfaces.web.routes import COMMANDS_AT_ONCE
from web_support import PATIENCE, Client, Running, client, served, serving

ECHO = """
from plugin_interfaces import PluginHandler

class Echo(PluginHandler):
    def handle_message(self, message, context):
        return message
"""

FLOOD = """
from plugin_interfaces import PluginHandler

class Floods(PluginHandler):
    async def handle_message(self, message, context):
        async with context.stream() as stream:
            for number in range(int(message)):
                await stream.send_async(f"{number} ")
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


# ---- WebSocket ----


def test_two_clients_see_the_same(plugins: Plugins, data: Path) -> None:
    """What one sends, the other is told with its reply."""
    plugins.py(ECHO)

    async def main(running: Running) -> None:
        async with client(running) as one, client(running) as two:
            await one.call(Connect(instance_id="plugin"))
            sent = await one.call(SendMessage(instance_id="plugin", content="hello"))
            for each in (one, two):
                started = await each.until(RequestStarted)
                assert (sent["request_id"], "hello") == (started.request_id, started.message.content)
                ended = await each.until(RequestEnded)
                assert ended.message is not None
                assert "hello" == ended.message.content

    with serving([plugins.path], data) as running:
        asyncio.run(main(running))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("{", 0),
        ("null", 0),
        ("[]", 0),
        ("{}", 0),
        ('{"id": 3}', 3),
        ('{"command": "fly", "id": 4}', 4),
        ('{"command": "connect", "id": 5}', 5),
        ('{"command": "connect", "instance_id": 1, "id": 6}', 6),
        ('{"command": "ping", "wings": 2, "id": 7}', 7),
        ('{"command": "ping", "id": "8"}', 0),
        ('{"command": "ping", "id": 1e400}', 0),
        ('{"command": "set-config", "instance_id": "a", "key": "b", "value": ' + "[" * 100_000, 0),
        (b"\xff\xfe", 0),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_command_is_answered(plugins: Plugins, data: Path, text: str | bytes, number: int) -> None:
    """With its number where that can be read; the connection goes on."""

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.send(text)
            answer = await one.until(Failed)
            assert (number, "invalid_argument") == (answer.id, answer.error.status)
            assert {} == await one.call(Ping())

    with serving([plugins.path], data) as running:
        asyncio.run(main(running))


def test_a_client_that_comes_back_misses_nothing(plugins: Plugins, data: Path) -> None:
    """Cut off in the middle of 20 streams, again and again: each chunk comes once."""
    plugins.py(FLOOD)
    chunks: dict[str, str] = {}

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            for _ in range(20):
                await one.call(SendMessage(instance_id="plugin", content="100"))
            heard = [event for event in one.events if event.sequence]
            welcome = one.events[0]
            assert isinstance(welcome, Welcome)
        while len([event for event in heard if isinstance(event, RequestEnded)]) < 20:
            at = heard[-1].sequence
            async with client(running, f"?after={at}&epoch={welcome.epoch}") as again:
                assert isinstance(again.events[0], Welcome)
                assert again.events[0].resumed
                for _ in range(200):
                    heard.append(await again.next())
                    if isinstance(heard[-1], RequestEnded):
                        break
        first = heard[0].sequence
        assert list(range(first, first + len(heard))) == [event.sequence for event in heard]
        for event in heard:
            if isinstance(event, PluginStream):
                chunks[event.message_id] = chunks.get(event.message_id, "") + (event.data.chunk or "")

    with serving([plugins.path], data) as running:
        asyncio.run(main(running))
    assert ["".join(f"{number} " for number in range(100))] * 20 == list(chunks.values())


def test_a_client_that_was_away_too_long_is_told(plugins: Plugins, data: Path) -> None:
    """It cannot be resumed, and reads the history anew."""
    plugins.py(FLOOD)

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content="100"))
            await one.until(RequestEnded)
            epoch = running.backend.journal.epoch
        async with client(running, f"?after=1&epoch={epoch}") as late:
            assert isinstance(late.events[0], Welcome)
            assert not late.events[0].resumed
            page = await late.call(GetHistory(instance_id="plugin"))
            assert page["messages"][-1]["content"].endswith(" 99 ")

    with serving([plugins.path], data) as running:
        running.backend.journal._max_events = 10
        asyncio.run(main(running))


def test_a_slow_client_holds_nobody_up(plugins: Plugins, data: Path) -> None:
    """It reads nothing while 4,000 chunks come: the plugin and the other client go on, and it is told what it lost."""
    chunk = """"x" * 4000)
                if number % 50 == 0:
                    await asyncio.sleep(0.01"""
    plugins.py("import asyncio\n" + FLOOD.replace('f"{number} "', chunk))

    async def main(running: Running) -> None:
        async with client(running, max_queue=1) as slow, client(running) as quick:
            await quick.call(Connect(instance_id="plugin"))
            await quick.call(SendMessage(instance_id="plugin", content="4000"))
            ended = await quick.until(RequestEnded)
            assert "ok" == ended.status
            assert not any(isinstance(event, EventsLost) for event in quick.events)
            journal = running.backend.journal
            assert journal.read(0, 1)[0] > 0
            lost = await slow.until(EventsLost)
            following = await slow.next()
            before = next(event.sequence for event in reversed(slow.events[:-2]) if event.sequence)
            assert before + lost.count + 1 == following.sequence

    with serving([plugins.path], data) as running:
        running.backend.journal._max_events = 500
        asyncio.run(main(running))


def test_more_commands_at_once_than_allowed_wait(plugins: Plugins, data: Path) -> None:
    """All of them are answered."""

    async def main(running: Running) -> set[int]:
        async with client(running) as one:
            count = 5 * COMMANDS_AT_ONCE
            for _ in range(count):
                await one.send(ListContacts())
            return {(await one.answer(number)).id for number in range(1, count + 1)}

    with serving([plugins.path], data) as running:
        assert set(range(1, 5 * COMMANDS_AT_ONCE + 1)) == asyncio.run(main(running))


def test_more_clients_than_allowed_are_told(plugins: Plugins, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And may come when another has gone."""
    monkeypatch.setattr("plugin_interfaces.web.routes.MAX_CLIENTS", 1)

    async def main(running: Running) -> int:
        async with client(running):
            url = running.url.replace("http", "ws") + "api/socket"
            async with connect(url, additional_headers=running.headers) as refused:
                await refused.wait_closed()
        async with client(running) as later:
            await later.call(Ping())
        return int(refused.close_code or 0)

    with serving([plugins.path], data) as running:
        assert 1013 == asyncio.run(main(running))


def test_a_client_that_vanishes_leaves_nothing(plugins: Plugins, data: Path) -> None:
    """Its session is closed, however it went."""
    plugins.py(ECHO)

    async def main(running: Running) -> None:
        for _ in range(20):
            async with client(running) as one:
                await one.send(ListContacts())
                one._socket.transport.abort()

        async def gone() -> None:
            while running.server.clients:
                await asyncio.sleep(0.01)

        running.run(asyncio.wait_for(gone(), PATIENCE))

    with serving([plugins.path], data) as running:
        asyncio.run(main(running))


def test_a_request_is_stopped_over_the_wire(plugins: Plugins, data: Path) -> None:
    """The plugin notices."""
    folder = plugins.py(
        """
        import asyncio
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Works(PluginHandler):
            async def handle_message(self, message, context):
                try:
                    async with context.stream() as stream:
                        await stream.send_async("begun")
                        await asyncio.Event().wait()
                finally:
                    (Path(__file__).parent / "stopped").touch()
        """
    )

    async def main(running: Running) -> str:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            sent = await one.call(SendMessage(instance_id="plugin", content="x"))
            await one.until(PluginStream)
            await one.send(StopRequest(instance_id="plugin", request_id=sent["request_id"]))
            return (await one.until(RequestEnded)).status

    with serving([plugins.path], data) as running:
        assert "cancelled" == asyncio.run(main(running))
    assert (folder / "stopped").exists()


def test_a_reload_in_the_middle_of_a_stream_over_the_wire(plugins: Plugins, data: Path) -> None:
    """The stream ends as cancelled, and the contact is connected again."""
    plugins.py(FLOOD)

    async def main(running: Running) -> None:
        async with client(running) as one:
            await one.call(Connect(instance_id="plugin"))
            await one.call(SendMessage(instance_id="plugin", content="100000000"))
            await one.until(PluginStream, lambda event: event.type == "stream_data")
            number = await one.send(Reload(instance_id="plugin"))
            await one.until(PluginStream, lambda event: event.type == "stream_cancel")
            await one.answer(number)
            contact = (await one.call(ListContacts()))["contacts"][0]
            assert "connected" == contact["state"]
            await one.call(SendMessage(instance_id="plugin", content="3"))
            assert "ok" == (await one.until(RequestEnded, lambda event: event.status == "ok")).status

    with serving([plugins.path], data) as running:
        asyncio.run(main(running))


# ---- HTTP ----


def command(running: Running, text: str | bytes) -> tuple[int, dict[str, Any]]:
    """The status and the answer of a command over HTTP."""
    answer = httpx.post(f"{running.url}api/command", headers=running.headers, content=text, timeout=PATIENCE)
    return answer.status_code, answer.json()


def test_commands_are_answered_over_http_too(plugins: Plugins, data: Path) -> None:
    """With a status that fits."""
    plugins.py(ECHO)
    with serving([plugins.path], data) as running:
        assert (200, {"event": "reply", "sequence": 0, "id": 3, "result": {}}) == command(
            running, '{"command": "ping", "id": 3}'
        )
        status, answer = command(running, '{"command": "connect", "instance_id": "nobody", "id": 4}')
        assert (404, "failed", 4, "not_found") == (status, answer["event"], answer["id"], answer["error"]["status"])
        status, answer = command(running, '{"command": "send-message", "instance_id": "plugin", "content": "x"}')
        assert (409, "not_connected") == (status, answer["error"]["status"])
        assert 400 == command(running, "nonsense")[0]
        assert 405 == httpx.get(f"{running.url}api/command", headers=running.headers).status_code


def test_events_come_over_http_too_and_are_resumed(plugins: Plugins, data: Path) -> None:
    """As EventSource wants them: Last-Event-ID is the last that was seen."""
    plugins.py(ECHO)

    def read(headers: dict[str, str], until: str) -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        number = ""
        with httpx.stream("GET", f"{running.url}api/events", headers=headers, timeout=PATIENCE) as answer:
            assert "text/event-stream" in answer.headers["content-type"]
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    number = line[4:]
                elif line.startswith("data: "):
                    found.append((number, json.loads(line[6:])))
                    if found[-1][1]["event"] == until:
                        return found
        raise AssertionError("the stream ended")

    with serving([plugins.path], data) as running:
        command(running, '{"command": "connect", "instance_id": "plugin"}')
        first = read(running.headers, "welcome")[0][1]
        command(running, '{"command": "send-message", "instance_id": "plugin", "content": "x"}')
        seen = f"{first['epoch']}.{first['latest']}"
        events = read({**running.headers, "Last-Event-ID": seen}, "request-ended")
        assert events[0][1]["resumed"]
        numbered = [event for _, event in events if event["sequence"]]
        assert first["latest"] + 1 == numbered[0]["sequence"]
        rest = read({**running.headers, "Last-Event-ID": events[-2][0]}, "request-ended")
        assert [events[-1]] == [one for one in rest if one[1]["event"] == "request-ended"]


def test_a_conversation_is_downloaded(plugins: Plugins, data: Path) -> None:
    """Under a name that a browser saves it by."""
    plugins.py(ECHO)
    with serving([plugins.path], data) as running:
        url = f"{running.url}api/export"
        answer = httpx.get(url, headers=running.headers, params={"instance_id": "plugin", "format": "json"})
        assert ("[]\n", "application/json") == (answer.text, answer.headers["content-type"])
        assert "attachment; filename*=UTF-8''Test.json" == answer.headers["content-disposition"]
        assert 404 == httpx.get(url, headers=running.headers, params={"instance_id": "nobody"}).status_code


def test_a_file_is_uploaded_as_it_is(plugins: Plugins, data: Path) -> None:
    """To a plugin that accepts it."""
    plugins.py(ECHO, manifest='accepts = ["*"]\n')
    with serving([plugins.path], data) as running:
        command(running, '{"command": "connect", "instance_id": "plugin"}')
        query = {"instance_id": "plugin", "name": "a/b.bin"}
        body = bytes(range(256)) * 100_000
        answer = httpx.post(
            f"{running.url}api/upload", headers=running.headers, params=query, content=body, timeout=PATIENCE
        )
        path = Path(answer.json()["result"]["path"])
        assert ("b.bin", True) == (path.name, path.read_bytes() == body)


# ---- beginning and end ----


def test_a_port_that_is_taken_is_an_error(plugins: Plugins, data: Path) -> None:
    """Where it was asked for; the text says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = Running([plugins.path], data, ServerOptions(port=taken.getsockname()[1], page=False))
        with pytest.raises(ConfigError, match="choose another with --port"):
            running.start()


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


async def restarted_client(url: str, token: str, after: int, epoch: str) -> Client:
    socket = await connect(
        f"{url.replace('http', 'ws')}api/socket?after={after}&epoch={epoch}",
        additional_headers={"Authorization": f"Bearer {token}"},
    )
    return Client(socket)


def test_a_restart_brings_all_back(plugins: Plugins, data: Path) -> None:
    """Link, contacts, connections and conversations; the client is told that its numbers are of another run."""
    plugins.py(ECHO)

    async def talk(link: str) -> tuple[str, int]:
        url, _, token = link.partition("?token=")
        one = await restarted_client(url, token, 0, "")
        welcome = await one.next()
        assert isinstance(welcome, Welcome)
        await one.call(Connect(instance_id="plugin"))
        await one.call(SendMessage(instance_id="plugin", content="remember"))
        ended = await one.until(RequestEnded)
        await one.close()
        return welcome.epoch, ended.sequence

    async def look(link: str, epoch: str, at: int) -> list[str]:
        url, _, token = link.partition("?token=")
        one = await restarted_client(url, token, at, epoch)
        welcome = await one.next()
        assert isinstance(welcome, Welcome)
        assert not welcome.resumed
        contact = (await one.call(ListContacts()))["contacts"][0]
        if contact["state"] != "connected":
            await one.until(ContactChanged, lambda event: event.contact.state == "connected")
        page = await one.call(GetHistory(instance_id="plugin"))
        await one.close()
        return [message["content"] for message in page["messages"]]

    with served([plugins.path], data, "--no-page") as program:
        link = program.link
        epoch, at = asyncio.run(talk(link))
        assert 0 == program.stop()
        program.start()
        assert link == program.link
        assert ["remember", "remember"] == asyncio.run(look(link, epoch, at))


async def loaded(link: str) -> None:
    """Until the first contact is loaded."""
    url, _, token = link.partition("?token=")
    one = await restarted_client(url, token, 0, "")
    await one.next()
    contact = (await one.call(ListContacts()))["contacts"][0]
    if contact["state"] != "disconnected":
        await one.until(ContactChanged, lambda event: event.contact.state == "disconnected")
    await one.close()


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

            def on_mount(self, context):
                (Path(__file__).parent / "mounted").touch()
        """
    )

    with served([plugins.path], data, "--no-page") as program:
        asyncio.run(loaded(program.link))
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
        asyncio.run(loaded(program.link))
        program.process.send_signal(signal.SIGINT)
        assert "disposing\n" == program.process.stdout.readline()
        assert 128 + signal.SIGINT == program.stop(signal.SIGINT)


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


def test_without_the_extra_it_says_how_to_get_it(plugins: Plugins, data: Path, tmp_path: Path) -> None:
    """In one line, and no trace."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('nicegui', 'uvicorn', 'fastapi', 'starlette'):\n"
        "            raise ModuleNotFoundError(f'No module named {name}', name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    done = cli("serve", str(plugins.path), "--data", str(data), env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert (2, "") == (done.returncode, done.stdout)
    assert "pip install 'plugin-interfaces[web]'" in done.stderr


def test_the_schema_is_printed(tmp_path: Path) -> None:
    """Without serving."""
    done = cli("serve", "--schema", cwd=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert "The protocol of plugin-interfaces" == json.loads(done.stdout)["title"]


def test_a_key_without_a_certificate_is_wrong_usage(plugins: Plugins) -> None:
    """As typer has it."""
    assert 2 == cli("serve", str(plugins.path), "--tls-key", "key.pem").returncode


def test_the_journal_of_a_server_is_bounded() -> None:
    """By events and by bytes, unless it is said otherwise."""
    journal = Journal()
    assert 0 < journal._max_events <= 100_000
    assert 0 < journal._max_bytes <= 256 << 20


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
