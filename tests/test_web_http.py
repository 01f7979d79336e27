"""The protocol over HTTP: commands, events, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from host_support import PATIENCE, Plugins
from web_support import ECHO, Running, serving


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


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
