"""The protocol as it is published: the schema, the documents, and what a decoder makes of anything."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from host_support import ROOT, Plugins
from plugin_interfaces.host.events import (
    DisconnectRequestEvent,
    MessageEvent,
    StreamEvent,
    UiRefreshEvent,
)
from plugin_interfaces.metadata import HistoryMessage
from plugin_interfaces.web.commands import MAX_PAGE
from plugin_interfaces.web.journal import MAX_BYTES, MAX_EVENTS
from plugin_interfaces.web.protocol import (
    COMMANDS,
    EVENTS,
    AnyEvent,
    Command,
    Message,
    PluginDisconnectRequest,
    PluginMessage,
    PluginStream,
    PluginUiRefreshed,
    Reply,
    StreamData,
)
from plugin_interfaces.web.routes import (
    COMMANDS_AT_ONCE,
    MAX_CLIENTS,
    MAX_MESSAGE_BYTES,
    UnreadableCommand,
    decode_command,
)
from plugin_interfaces.web.schema import result_type, schema
from plugin_interfaces.web.security import MAX_BODY_BYTES
from web_support import serving

DOCUMENT = (ROOT / "docs" / "protocol.md").read_text("utf-8")
SCHEMA = json.loads((ROOT / "docs" / "protocol.schema.json").read_text("utf-8"))

BASE: dict[str, Any] = {"plugin_id": "p", "instance_id": "i", "sequence": 1, "time_ms": 2}


def documented(name: str) -> str:
    """The program that docs/protocol.md shows under a name."""
    found = re.search(rf"<!-- test: {re.escape(name)} -->\n```\w+\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1]


@functools.cache
def validator(part: str) -> jsonschema.Draft202012Validator:
    """Of one part of the schema."""
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": SCHEMA["$defs"]})


def validate(value: object, part: str) -> None:
    """Errors: ValidationError where a value is not what a part of the schema says."""
    validator(part).validate(value)


# ---- what is published ----


def test_the_published_schema_is_that_of_the_types() -> None:
    """Write it anew where it is not: plugin-interfaces serve --schema > docs/protocol.schema.json."""
    assert json.loads(msgspec.json.encode(schema())) == SCHEMA


def test_the_schema_is_one() -> None:
    """By the words of JSON Schema itself."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", [*COMMANDS, *EVENTS], ids=lambda kind: kind.__name__)
def test_the_document_names_each_command_and_event(kind: type[msgspec.Struct]) -> None:
    """So that nobody needs the code to know of one."""
    assert f"`{kind.__struct_config__.tag}`" in DOCUMENT


def test_all_that_is_documented_exists() -> None:
    """A table has no command or event that was taken away."""
    tables = DOCUMENT.partition("| commands | |")[2].partition("\n\n- ")[0]
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert names == {kind.__struct_config__.tag for kind in (*COMMANDS, *EVENTS)}


@pytest.mark.parametrize("name", ["index.html", "chat.py"])
def test_a_front_end_takes_less_than_sixty_lines(name: str) -> None:
    """Blank ones counted."""
    assert len(documented(name).splitlines()) < 60


@pytest.mark.parametrize(
    "text",
    [
        f"the last {MAX_EVENTS:,} events or {MAX_BYTES >> 20} MiB",
        f"| a command | {MAX_MESSAGE_BYTES >> 20} MiB;",
        f"| an upload over HTTP | {MAX_BODY_BYTES >> 20} MiB |",
        f"| commands of one client at once | {COMMANDS_AT_ONCE};",
        f"| clients at once | {MAX_CLIENTS};",
        f"| a page of history | {MAX_PAGE} messages |",
    ],
)
def test_the_limits_are_those_of_the_document(text: str) -> None:
    """Each as the code has it."""
    assert text in " ".join(DOCUMENT.split())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda kind: kind.__name__)
def test_each_command_says_what_it_is_answered_with(command: type[Command[Any]]) -> None:
    """And is described."""
    assert issubclass(result_type(command), msgspec.Struct)
    assert SCHEMA["$defs"][command.__name__]["description"]


# ---- the crate's names ----


@pytest.mark.parametrize(
    ("of_host", "to_client"),
    [
        (
            MessageEvent(**BASE, content="c", kind="info", message_id="m"),
            PluginMessage(plugin_id="p", instance_id="i", message_id="m", content="c", timestamp=2, kind="info"),
        ),
        (
            StreamEvent(**BASE, stream=3, request=4, type="stream_start"),
            PluginStream(
                type="stream_start",
                plugin_id="p",
                instance_id="i",
                data=StreamData(stream_id="3", message_type="normal"),
                timestamp=2,
                message_id="m",
            ),
        ),
        (
            StreamEvent(**BASE, stream=3, request=4, type="stream_data", chunk="c"),
            PluginStream(
                type="stream_data",
                plugin_id="p",
                instance_id="i",
                data=StreamData(stream_id="3", chunk="c", is_final=False),
                timestamp=2,
                message_id="m",
            ),
        ),
        (
            StreamEvent(**BASE, stream=3, request=4, type="stream_end", success=False, reason="r"),
            PluginStream(
                type="stream_end",
                plugin_id="p",
                instance_id="i",
                data=StreamData(stream_id="3", success=False, error="r"),
                timestamp=2,
                message_id="m",
            ),
        ),
        (UiRefreshEvent(**BASE), PluginUiRefreshed(plugin="p", instance="i")),
        (DisconnectRequestEvent(**BASE), PluginDisconnectRequest(plugin_id="p", instance_id="i", timestamp=2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_events_have_the_names_and_fields_of_the_crate(of_host: Any, to_client: Any) -> None:
    """And a few more."""
    name, payload = of_host.to_frontend()
    crate = msgspec.to_builtins(payload)
    told = msgspec.to_builtins(to_client)
    assert name == told["event"]
    assert crate == {key: told[key] for key in crate}


def test_a_message_has_the_names_of_the_history() -> None:
    """Those of the crate, in its JSON."""
    message = Message(id="1", content="c", plugin_id="p", role="user")
    kept = HistoryMessage(id="1", content="c", plugin_id="p", role="user", created_at=message.created_at)
    told = msgspec.to_builtins(message)
    assert msgspec.to_builtins(kept) == {key: told[key] for key in msgspec.to_builtins(kept)}


# ---- what is read ----

texts = st.text(max_size=8)
json_values = st.recursive(
    st.sampled_from([None, False, True, 0.5, 1 << 64]) | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
usual = {str: "x", bool: True, int: 3}


def member(field: msgspec.structs.FieldInfo) -> st.SearchStrategy[object]:
    """A value that fits in many cases, so that commands are read too, and any other in the rest."""
    fits = usual.get(field.type, "x" if field.required else field.default)
    return st.sampled_from([fits, fits, fits, None, False, -1, 1 << 64, 0.5, "", "json", [1], {"a": None}])


commands = st.one_of(
    st.fixed_dictionaries(
        {"command": st.just(command.__struct_config__.tag)}
        | {field.name: member(field) for field in msgspec.structs.fields(command) if field.required},
        optional={field.name: member(field) for field in msgspec.structs.fields(command) if not field.required},
    )
    for command in COMMANDS
)


def read(data: bytes | str) -> Command[Any] | None:
    """A command, or None where it is refused; anything else that is raised fails the test."""
    refused = None
    try:
        return decode_command(data)
    except UnreadableCommand as error:
        refused = error
    assert ("invalid_argument", True) == (refused.error.status, bool(refused.error.message))
    return None


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b"\xed\xa0\x80")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Never anything else."""
    read(data)


@given(json_values)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Never anything else."""
    read(json.dumps(value))


@given(commands)
def test_any_members_are_read_or_refused_as_the_schema_says(value: dict[str, object]) -> None:
    """What is read, the schema allows."""
    if read(json.dumps(value)) is not None:
        validate(value, "command")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda kind: kind.__name__)
def test_a_command_is_read_as_it_was_written(command: type[Command[Any]]) -> None:
    """With the least and with all that it can have."""
    samples: dict[str, Any] = {
        "given": True,
        "data": b"\0\xff",
        "value": "v",
        "timeout": 1.5,
        "limit": 3,
        "format": "json",
    }
    least, whole = {}, {}
    for field in msgspec.structs.fields(command):
        value = samples.get(field.name, field.default if not field.required else "x")
        whole[field.name] = value
        if field.required:
            least[field.name] = value
    for values in (least, whole):
        written = command(**values)
        data = msgspec.json.encode(written)
        assert written == decode_command(data)
        validate(json.loads(data), "command")


def test_all_that_a_server_tells_is_in_the_schema(plugins: Plugins, tmp_path: Path) -> None:
    """Of a whole conversation, in JSON as clients get it."""
    plugins.py(
        """
        from plugin_interfaces import LogLevel, MessageKind, PluginHandler

        class Everything(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("by itself", MessageKind.INFO)
                context.refresh_ui()
                context.send_to_frontend("own", {"a": 1})
                context.log(LogLevel.ERROR, "logged")
                with context.stream() as stream:
                    stream.send("chunk")
                raise RuntimeError("and fails")
        """,
        manifest='permissions = ["network"]\n[config.size]\ntype = "integer"\n',
    )
    commands = [
        *({"command": name} for name in ("list-plugins", "list-contacts", "ping")),
        {"command": "connect"},
        {"command": "send-message", "content": "x"},
        {"command": "get-history"},
        {"command": "get-ui"},
        {"command": "get-config"},
        {"command": "get-logs"},
        {"command": "export-history"},
        {"command": "mark-read"},
        {"command": "clear-history"},
        {"command": "stop-request", "request_id": "1"},
        {"command": "list-plugins", "refresh": True},
        {"command": "remove-contact"},
    ]
    with serving([plugins.path], tmp_path / "data") as running:
        session = running.backend.session()
        decoder = msgspec.json.Decoder(AnyEvent)

        async def ask(number: int) -> None:
            of_contact = commands[number - 1]["command"] not in ("list-plugins", "list-contacts", "ping")
            command = {"id": number, **commands[number - 1]} | ({"instance_id": "plugin"} if of_contact else {})
            validate(command, "command")
            await session.answer(decode_command(json.dumps(command)))

        async def talk() -> list[bytes]:
            told: list[bytes] = []
            # How a contact has changed is told a moment later; then it is removed.
            missing: set[object] = {"contact-changed", len(commands)}
            for number in range(1, len(commands)):
                await ask(number)
            async for batch in session.entries():
                told += [entry.data for entry in batch]
                for event in [entry.event for entry in batch]:
                    missing.discard(event.id if isinstance(event, Reply) else event.__struct_config__.tag)
                if missing == {len(commands)}:
                    await ask(len(commands))
                if not missing:
                    break
            return told

        told = running.run(talk())
    seen = set()
    validate([json.loads(data) for data in told], "events")
    for data in told:
        event = json.loads(data)
        validate(event, "event")
        decoder.decode(data)
        seen.add(event["event"])
        if event["event"] == "reply":
            part = SCHEMA["results"][commands[event["id"] - 1]["command"]]
            jsonschema.Draft202012Validator({**part, "$defs": SCHEMA["$defs"]}).validate(event["result"])
    wanted = {kind.__struct_config__.tag for kind in EVENTS} - {
        "events-lost",
        "plugin-disconnect-request",
        "plugin-report",
    }
    assert wanted <= seen


# ---- the front ends of the document ----


def test_the_documented_program_chats(plugins: Plugins, tmp_path: Path) -> None:
    """With a plugin that answers at once and one that streams; it says why one cannot be reached."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Both(PluginHandler):
            def handle_message(self, message, context):
                if message != "stream":
                    return message.upper()
                with context.stream() as stream:
                    for word in ("one", "two"):
                        stream.send(word + " ")
        """
    )
    program = tmp_path / "chat.py"
    program.write_text(documented("chat.py"))

    def run(contact: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", str(program), running.link, contact]
        return subprocess.run(command, input="hello\nstream\n", capture_output=True, text=True, timeout=60, check=False)

    with serving([plugins.path], tmp_path / "data") as running:
        done = run("plugin")
        assert ("HELLO\none two \n", "", 0) == (done.stdout, done.stderr, done.returncode)
        done = run("nobody")
        assert ("", 1) == (done.stdout, done.returncode)
        assert "there is no such contact" in done.stderr
