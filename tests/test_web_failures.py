"""Commands that cannot be done, and plugins that fail or hang."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from host_support import PATIENCE, EventLog, Plugins
from plugin_interfaces._abi import State
from plugin_interfaces.host.events import StateEvent
from plugin_interfaces.web import Backend, CommandFailed
from plugin_interfaces.web.protocol import (
    AddContact,
    CancelStream,
    Connect,
    ContactChanged,
    Disconnect,
    EnablePlugin,
    GetHistory,
    GetUi,
    PauseStream,
    Ping,
    PluginReport,
    PluginStream,
    Reload,
    RemoveContact,
    RenameContact,
    RequestEnded,
    ResumeStream,
    RetryMessage,
    SendMessage,
    SetConfig,
    SetPermission,
    StopRequest,
    UiEvent,
    Upload,
)
from web_support import ECHO, STREAMS, Reader, run


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (AddContact(plugin_id="nobody"), "error"),
        (AddContact(plugin_id="plugin", instance_id="plugin"), "invalid_argument"),
        (AddContact(plugin_id="plugin", name="\n"), "invalid_argument"),
        (AddContact(plugin_id="plugin", name="x" * 201), "invalid_argument"),
        (RenameContact(instance_id="plugin", name=" "), "invalid_argument"),
        (RenameContact(instance_id="nobody", name="x"), "not_found"),
        (RemoveContact(instance_id="nobody"), "not_found"),
        (Connect(instance_id="plugin", timeout=0), "invalid_argument"),
        (Connect(instance_id="plugin", timeout=float("nan")), "invalid_argument"),
        (SendMessage(instance_id="nobody", content="x"), "not_found"),
        (SendMessage(instance_id="plugin", content="\ud800"), "invalid_text"),
        (SendMessage(instance_id="plugin", content="x", timeout=-1), "invalid_argument"),
        (RetryMessage(instance_id="plugin", message_id="none"), "not_found"),
        (StopRequest(instance_id="plugin", request_id="1"), "ended"),
        (StopRequest(instance_id="plugin", request_id="-1"), "invalid_argument"),
        (StopRequest(instance_id="plugin", request_id="9" * 30), "invalid_argument"),
        (PauseStream(instance_id="plugin", stream_id="1"), "invalid_handle"),
        (ResumeStream(instance_id="plugin", stream_id="x"), "invalid_argument"),
        (CancelStream(instance_id="plugin", stream_id="²"), "invalid_argument"),
        (GetHistory(instance_id="plugin", limit=0), "invalid_argument"),
        (GetHistory(instance_id="plugin", limit=501), "invalid_argument"),
        (GetUi(instance_id="nobody"), "not_found"),
        (UiEvent(instance_id="plugin", widget_id="none"), "invalid_argument"),
        (UiEvent(instance_id="plugin", widget_id="0" * 15 + "7", value=1), "error"),
        (SetConfig(instance_id="plugin", key="none", value=1), "not_found"),
        (SetConfig(instance_id="plugin", key="size", value="large"), "invalid_argument"),
        (SetConfig(instance_id="plugin", key="size", value={"a": []}), "invalid_argument"),
        (SetPermission(plugin_id="plugin", permission="fly", given=True), "invalid_argument"),
        (EnablePlugin(plugin_id="nobody"), "error"),
        (Upload(instance_id="plugin", name="a.exe", data=b""), "unsupported"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_what_cannot_be_done_fails_with_a_status(plugins: Plugins, command: Any, status: str) -> None:
    """And a text, and everything else goes on."""
    plugins.py(ECHO, manifest="[config.size]\ntype = 'integer'\n")

    async def test(one: Backend, reader: Reader) -> tuple[str, str]:
        await reader.connect()
        found, text = await reader.refused(command)
        assert text
        await reader.call(Ping())
        return found, (await reader.contacts())[0].state

    assert (status, "connected") == run(plugins, test)


def test_a_plugin_whose_every_entry_fails_hurts_nobody(plugins: Plugins) -> None:
    """Each failure is told with its reason, and the next command is answered."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Fails(PluginHandler):
            def _fail(self, *arguments):
                raise RuntimeError("out of order")

            on_disconnect = on_dispose = save_state = update_ui = handle_message = _fail

            def on_connect(self, context):
                if not hasattr(type(self), "tried"):
                    type(self).tried = True
                    raise RuntimeError("out of order")
        """
    )
    plugins.py(ECHO, "other")

    async def test(one: Backend, reader: Reader) -> None:
        assert "out of order" in (await reader.refused(Connect(instance_id="plugin")))[1]
        await reader.connect()
        await reader.call(GetUi(instance_id="plugin"))
        await reader.until(PluginReport, lambda event: "update_ui" in event.error.what)
        await reader.send("x")
        ended = await reader.until(RequestEnded)
        assert ended.error is not None
        assert "out of order" in ended.error.message
        await reader.call(Disconnect(instance_id="plugin"))
        await reader.until(PluginReport, lambda event: "on_disconnect" in event.error.what)
        assert "disconnected" == (await reader.call(Reload(instance_id="plugin"))).state
        await reader.call(RemoveContact(instance_id="plugin"))
        await reader.connect("other")
        assert "hello" == await one.host.instance("other").send_async("hello")

    run(plugins, test)


def test_a_reload_in_the_middle_of_a_stream_ends_it(plugins: Plugins) -> None:
    """And the next one is a stream of its own."""
    plugins.py(STREAMS)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        for number in (1, 2):
            await reader.send("begin")
            await reader.until(
                PluginStream,
                lambda _, number=number: len([e for e in reader.of(PluginStream) if e.type == "stream_data"]) == number,
            )
            assert "connected" == (await reader.call(Reload(instance_id="plugin"))).state
            await reader.until(RequestEnded, lambda _, number=number: len(reader.of(RequestEnded)) == number)
        steps = [event.type for event in reader.of(PluginStream)]
        assert ["stream_start", "stream_data", "stream_cancel"] * 2 == steps
        assert {"cancelled"} == {event.status for event in reader.of(RequestEnded)}
        page = await reader.history()
        assert {"cancelled"} == {message.status for message in page.messages if message.content == "begun "}

    run(plugins, test)


def test_an_instance_that_is_given_up_leaves_nothing_open(plugins: Plugins) -> None:
    """Its stream and its request have no end that would be told."""
    plugins.py(STREAMS)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("begin")
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        log = EventLog()
        one.host.add_listener(log)
        await reader.call(RemoveContact(instance_id="plugin"))
        await asyncio.to_thread(log.wait_for, StateEvent, lambda event: event.state == State.GONE)
        assert ({}, {}) == (one.conversations._streams, one.conversations._requests)

    run(plugins, test)


def test_a_contact_that_hangs_can_be_reloaded(plugins: Plugins) -> None:
    """Others are served meanwhile, and it says that it is connecting."""
    folder = plugins.py(
        """
        import threading
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Hangs(PluginHandler):
            def on_connect(self, context):
                while not (Path(__file__).parent / "let go").exists():
                    threading.Event().wait(0.01)
                raise RuntimeError("given up long ago")
        """
    )
    plugins.py(ECHO, "other")

    async def test(one: Backend, reader: Reader) -> None:
        connecting = asyncio.ensure_future(reader.call(Connect(instance_id="plugin")))
        await reader.until(ContactChanged, lambda event: event.contact.state == "connecting")
        assert "timeout" == (await reader.refused(Connect(instance_id="plugin", timeout=0.05)))[0]
        assert "connected" == (await reader.connect("other")).state
        (folder / "plugin.py").write_text(ECHO)
        assert "connected" == (await reader.call(Reload(instance_id="plugin"))).state
        (folder / "let go").touch()
        with pytest.raises(CommandFailed):
            await connecting
        assert "connected" == (await reader.contacts())[0].state

    run(plugins, test)


def test_connecting_is_not_waited_for_longer_than_asked(plugins: Plugins) -> None:
    """The error says what to do."""
    plugins.py(
        """
        import threading
        from plugin_interfaces import PluginHandler

        class Hangs(PluginHandler):
            def on_connect(self, context):
                threading.Event().wait(1)
        """
    )

    async def test(one: Backend, reader: Reader) -> tuple[str, bool]:
        status, text = await reader.refused(Connect(instance_id="plugin", timeout=0.05))
        return status, "reload it to give it up" in text

    assert ("timeout", True) == run(plugins, test)


# Hangs while it draws its settings, until it is told to go on.
HANGS = """
import threading
from pathlib import Path
from plugin_interfaces import PluginHandler

class Hangs(PluginHandler):
    def update_ui(self, context, ui, instance):
        while not (Path(__file__).parent / "go on").exists():
            threading.Event().wait(0.01)
"""


def test_settings_that_hang_are_given_up_once(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again is told at once, and no thread more is lost."""
    monkeypatch.setattr("plugin_interfaces.web.presence.UI_SECONDS", 0.05)
    folder = plugins.py(HANGS)

    async def test(one: Backend, reader: Reader) -> list[str]:
        await reader.connect()
        statuses = [(await reader.refused(GetUi(instance_id="plugin")))[0] for _ in range(2)]
        (folder / "go on").touch()
        return statuses

    assert ["timeout", "invalid_state"] == run(plugins, test)


def test_settings_that_hang_are_given_up_when_who_asked_has_gone(
    plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one who asks loses no thread more."""
    monkeypatch.setattr("plugin_interfaces.web.presence.UI_SECONDS", 0.05)
    folder = plugins.py(HANGS)

    async def test(one: Backend, reader: Reader) -> str:
        await reader.connect()
        asking = asyncio.ensure_future(reader.call(GetUi(instance_id="plugin")))
        await asyncio.sleep(0)  # so that it has begun
        asking.cancel()

        async def given_up() -> None:
            while not one.presence("plugin")._hanging:
                await asyncio.sleep(0.01)

        try:
            await asyncio.wait_for(given_up(), PATIENCE)
            return (await reader.refused(GetUi(instance_id="plugin")))[0]
        finally:
            (folder / "go on").touch()

    assert "invalid_state" == run(plugins, test)
