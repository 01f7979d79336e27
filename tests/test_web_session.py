"""Sessions: what a client asks for and is told, without a server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from host_support import EventLog, Plugins
from plugin_interfaces._abi import State
from plugin_interfaces.host import Host
from plugin_interfaces.host.events import RequestEndedEvent, StateEvent
from plugin_interfaces.web import Backend, CommandFailed, Session
from plugin_interfaces.web.contacts import Contacts, Record
from plugin_interfaces.web.journal import Journal
from plugin_interfaces.web.protocol import (
    AddContact,
    CancelStream,
    ClearHistory,
    Connect,
    Contact,
    ContactChanged,
    ContactRemoved,
    DisableContact,
    DisablePlugin,
    Disconnect,
    EnableContact,
    EnablePlugin,
    Error,
    Event,
    EventsLost,
    ExportHistory,
    Failed,
    GetConfig,
    GetHistory,
    GetLogs,
    GetUi,
    HistoryCleared,
    ListContacts,
    ListPlugins,
    MarkRead,
    PauseStream,
    Ping,
    PluginDisconnectRequest,
    PluginEvent,
    PluginMessage,
    PluginReport,
    PluginStream,
    PluginUiRefreshed,
    Reload,
    RemoveContact,
    RenameContact,
    Reply,
    RequestEnded,
    RequestStarted,
    ResetConfig,
    ResumeStream,
    RetryMessage,
    SendMessage,
    SetConfig,
    SetPermission,
    StopRequest,
    UiEvent,
    Upload,
    Welcome,
)
from plugin_interfaces.web.uploads import safe_name
from web_support import PATIENCE, Reader, backend

ECHO = """
from plugin_interfaces import PluginHandler

class Echo(PluginHandler):
    def handle_message(self, message, context):
        return message
"""

# Says its steps only when it is told to, so that a test can look in between.
STREAMS = """
import asyncio
from plugin_interfaces import PluginHandler

class Streams(PluginHandler):
    async def handle_message(self, message, context):
        if message.startswith("go "):
            self.steps.put_nowait(message[3:])
            return ""
        self.steps = asyncio.Queue()
        async with context.stream() as stream:
            await stream.send_async("begun ")
            while (step := await self.steps.get()) != "end":
                await stream.send_async(step)

    async def on_disconnect(self, context):
        self.steps.put_nowait("end")
"""


def run(plugins: Plugins, test: Callable[[Backend], Awaitable[Any]], **options: Any) -> Any:
    """Runs a test with a backend on a folder of plugins."""

    async def main() -> Any:
        async with backend([plugins.path], plugins.path.parent / "data", **options) as one:
            return await asyncio.wait_for(test(one), 3 * PATIENCE)

    return asyncio.run(main())


async def connected(session: Session, instance_id: str = "plugin") -> Contact:
    return await session.call(Connect(instance_id=instance_id))


async def failed(session: Session, command: Any) -> tuple[str, str]:
    """The status and the text that a command fails with."""
    with pytest.raises(CommandFailed) as caught:
        await session.call(command)
    return caught.value.error.status, str(caught.value)


def contents(events: list[Event]) -> dict[str, str]:
    """The texts of messages as a client puts them together, by the message's id."""
    texts: dict[str, str] = {}
    for event in events:
        if isinstance(event, RequestStarted | RequestEnded) and event.message is not None:
            texts[event.message.id] = event.message.content
        elif isinstance(event, PluginMessage):
            texts[event.message_id] = event.content
        elif isinstance(event, PluginStream) and event.type == "stream_start":
            texts[event.message_id] = ""
        elif isinstance(event, PluginStream) and event.type == "stream_data":
            texts[event.message_id] += event.data.chunk or ""
    return texts


# ---- beginning ----


def test_the_first_event_is_a_welcome(plugins: Plugins) -> None:
    """A new client has missed nothing that it could have."""

    async def test(one: Backend) -> None:
        event = await anext(aiter(one.session()))
        assert isinstance(event, Welcome)
        assert (one.journal.epoch, False, 1) == (event.epoch, event.resumed, event.protocol)

    run(plugins, test)


def test_who_has_no_contacts_gets_one_of_each_plugin(plugins: Plugins) -> None:
    """Loaded, and not connected."""
    plugins.py(ECHO, "one")
    plugins.py(ECHO, "two")

    async def test(one: Backend) -> list[tuple[str, str]]:
        reader = Reader(one.session())
        for name in ("one", "two"):
            await reader.contact(lambda one, name=name: (one.instance_id, one.state) == (name, "disconnected"))
        found = await reader.session.call(ListContacts())
        await reader.close()
        return [(contact.instance_id, contact.state) for contact in found.contacts]

    assert [("one", "disconnected"), ("two", "disconnected")] == run(plugins, test)


# ---- contacts ----


def test_a_plugin_has_several_contacts(plugins: Plugins) -> None:
    """Each with an id and a name of its own."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[tuple[str, str]]:
        session = one.session()
        await session.call(AddContact(plugin_id="plugin", name="Second"))
        await session.call(AddContact(plugin_id="plugin", instance_id="my own"))
        found = await session.call(ListContacts())
        return [(contact.instance_id, contact.name) for contact in found.contacts]

    assert [("plugin", "Test"), ("plugin-2", "Second"), ("my own", "Test")] == run(plugins, test)


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

    async def test(one: Backend) -> tuple[str, str]:
        session = one.session()
        await connected(session)
        found, text = await failed(session, command)
        assert text
        await session.call(Ping())
        return found, (await session.call(ListContacts())).contacts[0].state

    assert (status, "connected") == run(plugins, test)


def test_a_connection_that_is_asked_for_wrongly_is_not_wanted(plugins: Plugins) -> None:
    """Nothing of a command that cannot be understood is kept."""
    plugins.py(ECHO)

    async def test(one: Backend) -> bool:
        session = one.session()
        await failed(session, Connect(instance_id="plugin", timeout=0))
        return (await session.call(ListContacts())).contacts[0].wants_connection

    assert not run(plugins, test)


def test_a_contact_is_renamed_for_all(plugins: Plugins) -> None:
    """The other client is told."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        other = Reader(one.session())
        await one.session().call(RenameContact(instance_id="plugin", name=" Parrot "))
        await other.until(ContactChanged, lambda event: event.contact.name == "Parrot")
        await other.close()

    run(plugins, test)


def test_a_contact_that_was_removed_is_gone_for_all(plugins: Plugins) -> None:
    """Its conversation is kept unless it is to be forgotten."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[int]:
        reader = Reader(one.session())
        kept = []
        for forget in (False, True):
            await connected(reader.session)
            await reader.session.call(SendMessage(instance_id="plugin", content="hello"))
            await reader.session.call(RemoveContact(instance_id="plugin", forget=forget))
            kept.append(len(one.host.store.messages("plugin")) > 0)
            assert [] == (await reader.session.call(ListContacts())).contacts
            assert () == one.host.instances
            await reader.session.call(AddContact(plugin_id="plugin"))
        await reader.until(ContactRemoved)
        await reader.close()
        return kept

    assert [True, False] == run(plugins, test)


def test_a_contact_is_switched_off_and_on(plugins: Plugins) -> None:
    """Off, it is not loaded."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[Any]:
        session = one.session()
        await connected(session)
        off = await session.call(DisableContact(instance_id="plugin"))
        refused = await failed(session, SendMessage(instance_id="plugin", content="x"))
        instances = len(one.host.instances)
        on = await session.call(EnableContact(instance_id="plugin"))
        return [off.state, off.enabled, refused[0], instances, on.state, on.enabled]

    assert ["disabled", False, "not_connected", 0, "disconnected", True] == run(plugins, test)


def test_a_plugin_is_switched_off_with_all_its_contacts(plugins: Plugins) -> None:
    """And they come back with it."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        off = await reader.session.call(DisablePlugin(plugin_id="plugin"))
        assert (False, ()) == (off.plugins[0].enabled, one.host.instances)
        on = await reader.session.call(EnablePlugin(plugin_id="plugin"))
        assert on.plugins[0].enabled
        await reader.contact(lambda one: one.state == "connected")
        await reader.close()

    run(plugins, test)


def test_a_plugin_that_cannot_be_used_is_listed_with_the_reason(plugins: Plugins) -> None:
    """What to do is in it."""
    plugins.folder("broken", 'library = "nothing"\n')

    async def test(one: Backend) -> tuple[str, bool]:
        found = (await one.session().call(ListPlugins())).plugins[0]
        assert found.error is not None
        return found.plugin_id, "libnothing.so" in found.error.message

    assert ("broken", True) == run(plugins, test)


def test_a_folder_whose_name_is_no_text_is_listed(plugins: Plugins) -> None:
    """Names of files are bytes; its own are replaced where they cannot travel."""
    folder = plugins.path / os.fsdecode(b"bad\xff")
    folder.mkdir()
    folder.joinpath("config.toml").write_text("nonsense")

    async def test(one: Backend) -> list[tuple[str, bool]]:
        reader = Reader(one.session())
        await reader.session.answer(ListPlugins(id=1, refresh=True))
        answer = await reader.until(Reply)
        await reader.close()
        return [(found.plugin_id, found.error is not None) for found in answer.result.plugins]

    assert [("bad?", True)] == run(plugins, test)


def test_a_plugin_that_came_later_is_found_on_request(plugins: Plugins) -> None:
    """And can be added."""

    async def test(one: Backend) -> list[str]:
        session = one.session()
        plugins.py(ECHO, "late")
        before = await session.call(ListPlugins())
        after = await session.call(ListPlugins(refresh=True))
        contact = await session.call(AddContact(plugin_id="late"))
        return [len(before.plugins), len(after.plugins), contact.state]  # type: ignore[list-item]

    assert [0, 1, "disconnected"] == run(plugins, test)


def test_a_contact_that_does_not_load_says_why_and_can_be_reloaded(plugins: Plugins) -> None:
    """When it was mended."""
    folder = plugins.py("raise RuntimeError('out of order')")

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        contact = await reader.contact(lambda one: one.state == "failed")
        assert contact.error is not None
        assert "out of order" in contact.error.message
        status, text = await failed(reader.session, SendMessage(instance_id="plugin", content="x"))
        assert ("not_connected", True) == (status, "out of order" in text)
        (folder / "plugin.py").write_text(ECHO)
        contact = await reader.session.call(Reload(instance_id="plugin"))
        assert ("disconnected", None) == (contact.state, contact.error)
        await reader.close()

    run(plugins, test)


def test_a_connection_that_fails_says_why(plugins: Plugins) -> None:
    """The error stays with the contact until it succeeds."""
    plugins.py(
        """
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Shy(PluginHandler):
            def on_connect(self, context):
                if not (Path(__file__).parent / "open").exists():
                    raise RuntimeError("nobody is at home")
        """
    )

    async def test(one: Backend) -> None:
        session = one.session()
        assert ("error", True) == (
            (found := await failed(session, Connect(instance_id="plugin")))[0],
            "nobody is at home" in found[1],
        )
        contact = (await session.call(ListContacts())).contacts[0]
        assert contact.error is not None
        assert ("disconnected", True, "plugin") == (contact.state, contact.wants_connection, contact.error.instance_id)
        (plugins.path / "plugin" / "open").touch()
        assert None is (await connected(session)).error

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

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        connecting = asyncio.ensure_future(reader.session.call(Connect(instance_id="plugin")))
        await reader.until(ContactChanged, lambda event: event.contact.state == "connecting")
        assert "timeout" == (await failed(reader.session, Connect(instance_id="plugin", timeout=0.05)))[0]
        assert "connected" == (await connected(reader.session, "other")).state
        (folder / "plugin.py").write_text(ECHO)
        assert "connected" == (await reader.session.call(Reload(instance_id="plugin"))).state
        (folder / "let go").touch()
        with pytest.raises(CommandFailed):
            await connecting
        assert "connected" == (await reader.session.call(ListContacts())).contacts[0].state
        await reader.close()

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

    async def test(one: Backend) -> tuple[str, bool]:
        status, text = await failed(one.session(), Connect(instance_id="plugin", timeout=0.05))
        return status, "reload it to give it up" in text

    assert ("timeout", True) == run(plugins, test)


def test_a_plugin_that_asks_for_it_is_disconnected(plugins: Plugins) -> None:
    """All clients are told, and it is not connected again by itself."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Leaves(PluginHandler):
            def handle_message(self, message, context):
                context.call_disconnect()
                return "bye"
        """
    )

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="x"))
        request = await reader.until(PluginDisconnectRequest)
        event = await reader.until(
            ContactChanged, lambda event: event.sequence > request.sequence and event.contact.state == "disconnected"
        )
        assert not event.contact.wants_connection
        await reader.close()

    run(plugins, test)


def test_permissions_are_given_and_taken(plugins: Plugins) -> None:
    """As the command does."""
    plugins.py(ECHO, manifest='permissions = ["network"]\n')

    async def test(one: Backend) -> list[bool]:
        session = one.session()
        given = []
        for wanted in (False, True):
            found = await session.call(SetPermission(plugin_id="plugin", permission="network", given=wanted))
            given.append(found.plugins[0].permissions[0].given)
        return given

    assert [False, True] == run(plugins, test)


# ---- conversation ----


def test_a_message_and_its_reply_are_told_to_all(plugins: Plugins) -> None:
    """With the ids of the history, in the order in which it has them."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        sender, other = Reader(one.session()), Reader(one.session())
        await connected(sender.session)
        sent = await sender.session.call(SendMessage(instance_id="plugin", content="hello"))
        for reader in (sender, other):
            started = await reader.until(RequestStarted)
            ended = await reader.until(RequestEnded)
            assert ("hello", sent.request_id) == (started.message.content, started.request_id)
            assert ("ok", sent.request_id) == (ended.status, ended.request_id)
            assert started.sequence < ended.sequence
        page = await other.session.call(GetHistory(instance_id="plugin"))
        assert {message.id: message.content for message in page.messages} == contents(other.events)
        assert ["user", "plugin"] == [message.role for message in page.messages]
        for reader in (sender, other):
            await reader.close()

    run(plugins, test)


def test_what_a_program_in_the_same_process_sends_is_told_too(plugins: Plugins) -> None:
    """Before its reply."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("from within")
        ended = await reader.until(RequestEnded)
        started = reader.of(RequestStarted)
        assert ["from within"] == [event.message.content for event in started]
        assert started[0].sequence < ended.sequence
        await reader.close()

    run(plugins, test)


def test_each_event_is_told_once(plugins: Plugins) -> None:
    """Numbered without a gap, whoever sends."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        readers = [Reader(one.session()) for _ in range(4)]
        await connected(readers[0].session)
        await asyncio.gather(
            *(
                reader.session.call(SendMessage(instance_id="plugin", content=f"{at}"))
                for at, reader in enumerate(readers)
            )
        )
        for reader in readers:
            await reader.until(RequestEnded, lambda _, reader=reader: len(reader.of(RequestEnded)) == 4)
            numbers = [event.sequence for event in reader.events if event.sequence]
            assert list(range(numbers[0], numbers[0] + len(numbers))) == numbers
            assert 4 == len(reader.of(RequestStarted))
            await reader.close()

    run(plugins, test)


def test_a_failure_is_a_message_and_an_error(plugins: Plugins) -> None:
    """Which plugin, what happened."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Fails(PluginHandler):
            def handle_message(self, message, context):
                raise ValueError("no such thing")
        """
    )

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="x"))
        ended = await reader.until(RequestEnded)
        assert ended.error is not None
        assert ended.message is not None
        assert ("error", "plugin plugin", "plugin") == (ended.status, ended.error.what, ended.error.instance_id)
        assert "no such thing" in ended.error.message
        page = await reader.session.call(GetHistory(instance_id="plugin"))
        last = page.messages[-1]
        shown = (ended.message.id, ended.message.message_type, ended.message.status, ended.message.content)
        assert (last.id, last.message_type, last.status, last.content) == shown
        await reader.close()

    run(plugins, test)


def test_messages_of_the_plugin_keep_their_kind(plugins: Plugins) -> None:
    """Also those that answer nothing."""
    plugins.py(
        """
        from plugin_interfaces import MessageKind, PluginHandler

        class Tells(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("careful", MessageKind.WARNING)
                return ""
        """
    )

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="x"))
        event = await reader.until(PluginMessage)
        await reader.until(RequestEnded)
        page = await reader.session.call(GetHistory(instance_id="plugin"))
        kept = next(message for message in page.messages if message.id == event.message_id)
        assert ("plugin_message", "careful", "warning") == (event.message_type, event.content, event.kind)
        assert ("careful", "warning") == (kept.content, kept.message_type)
        await reader.close()

    run(plugins, test)


def test_a_stream_fills_a_message_of_the_history(plugins: Plugins) -> None:
    """The page that is read in between is as far as the events; what follows continues it."""
    plugins.py(STREAMS)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="begin"))
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        page = await reader.session.call(GetHistory(instance_id="plugin"))
        message = page.messages[-1]
        assert ("begun ", "active") == (message.content, message.status)
        start = reader.of(PluginStream)[0]
        assert (start.data.stream_id, start.request_id) == (message.stream_id, message.request_id)
        await reader.session.call(CancelStream(instance_id="plugin", stream_id=message.stream_id))
        await reader.until(PluginStream, lambda event: event.type == "stream_cancel")
        last = next(
            found
            for found in (await reader.session.call(GetHistory(instance_id="plugin"))).messages
            if found.id == message.id
        )
        assert ("cancelled", "", "") == (last.status, last.stream_id, last.request_id)
        await reader.close()

    run(plugins, test)


def test_pages_and_events_together_are_the_conversation(plugins: Plugins) -> None:
    """However often a page is read while chunks come: nothing twice, nothing missed."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Talks(PluginHandler):
            async def handle_message(self, message, context):
                async with context.stream() as stream:
                    for number in range(400):
                        await stream.send_async(f"{number} ")
        """
    )
    whole = "".join(f"{number} " for number in range(400))

    async def test(one: Backend) -> int:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="x"))
        pages = []
        while not reader.of(RequestEnded):
            pages.append(await reader.session.call(GetHistory(instance_id="plugin")))
        await reader.close()
        for page in pages:
            texts = {message.id: message.content for message in page.messages}
            for event in reader.of(PluginStream):
                if event.sequence <= page.sequence:
                    continue
                if event.type == "stream_start":
                    texts[event.message_id] = ""
                elif event.type == "stream_data":
                    texts[event.message_id] += event.data.chunk or ""
            assert whole in texts.values()
        return len(pages)

    assert run(plugins, test) > 0


def test_a_request_is_stopped(plugins: Plugins) -> None:
    """The plugin's own work ends, not only what is shown of it."""
    plugins.py(
        """
        import asyncio
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Works(PluginHandler):
            async def handle_message(self, message, context):
                try:
                    async with context.stream() as stream:
                        await stream.send_async("begun")
                        await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    context.send_message_to_frontend("stopped")
                    raise
        """
    )

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        sent = await reader.session.call(SendMessage(instance_id="plugin", content="x"))
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        assert [sent.request_id] == (await reader.session.call(ListContacts())).contacts[0].open_requests
        await reader.session.call(StopRequest(instance_id="plugin", request_id=sent.request_id))
        ended = await reader.until(RequestEnded)
        assert "cancelled" == ended.status
        assert "stopped" == (await reader.until(PluginMessage)).content
        assert [] == (await reader.session.call(ListContacts())).contacts[0].open_requests
        again = await failed(reader.session, StopRequest(instance_id="plugin", request_id=sent.request_id))
        assert "ended" == again[0]
        await reader.close()

    run(plugins, test)


def test_a_request_of_another_contact_is_not_stopped(plugins: Plugins) -> None:
    """The id must be of this one."""
    plugins.py(STREAMS, "one")
    plugins.py(STREAMS, "two")

    async def test(one: Backend) -> str:
        session = one.session()
        for name in ("one", "two"):
            await connected(session, name)
        sent = await session.call(SendMessage(instance_id="one", content="x"))
        return (await failed(session, StopRequest(instance_id="two", request_id=sent.request_id)))[0]

    assert "ended" == run(plugins, test)


def test_a_stream_is_paused_and_resumed(plugins: Plugins) -> None:
    """All clients see it, and so does the history."""
    plugins.py(STREAMS)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="begin"))
        start = await reader.until(PluginStream, lambda event: event.type == "stream_data")
        stream = start.data.stream_id
        for command, kind, status in (
            (PauseStream(instance_id="plugin", stream_id=stream), "stream_pause", "paused"),
            (ResumeStream(instance_id="plugin", stream_id=stream), "stream_resume", "active"),
        ):
            await reader.session.call(command)
            await reader.until(PluginStream, lambda event, kind=kind: event.type == kind)
            page = await reader.session.call(GetHistory(instance_id="plugin"))
            assert status == page.messages[-1].status
        await reader.close()

    run(plugins, test)


def test_a_message_is_sent_anew(plugins: Plugins) -> None:
    """Its own id or that of its reply tells which."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[str]:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="again"))
        started, ended = await reader.until(RequestStarted), await reader.until(RequestEnded)
        assert ended.message is not None
        for message_id in (started.message.id, ended.message.id):
            await reader.session.call(RetryMessage(instance_id="plugin", message_id=message_id))
        await reader.until(RequestEnded, lambda _: len(reader.of(RequestEnded)) == 3)
        await reader.close()
        return [event.message.content for event in reader.of(RequestStarted)]

    assert ["again"] * 3 == run(plugins, test)


def test_history_is_read_back_page_by_page(plugins: Plugins) -> None:
    """Each page says whether there is more."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[tuple[list[str], bool]]:
        session = one.session()
        await connected(session)
        for number in range(3):
            await one.host.instance("plugin").send_async(str(number))
        pages, before = [], ""
        while not pages or pages[-1][1]:
            page = await session.call(GetHistory(instance_id="plugin", limit=4, before=before))
            pages.append(([message.content for message in page.messages], page.more))
            before = page.messages[0].id
        return pages

    assert [(["1", "1", "2", "2"], True), (["0", "0"], False)] == run(plugins, test)


def test_a_conversation_is_forgotten_for_all(plugins: Plugins) -> None:
    """Unread and last with it."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("secret")
        await reader.until(RequestEnded)
        await reader.session.call(ClearHistory(instance_id="plugin"))
        await reader.until(HistoryCleared)
        assert [] == (await reader.session.call(GetHistory(instance_id="plugin"))).messages
        contact = (await reader.session.call(ListContacts())).contacts[0]
        assert (None, 0) == (contact.last, contact.unread)
        await reader.close()

    run(plugins, test)


def test_a_conversation_is_exported(plugins: Plugins) -> None:
    """As Markdown and as JSON, under the contact's name."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        session = one.session()
        await connected(session)
        await session.call(RenameContact(instance_id="plugin", name="../My bird"))
        await one.host.instance("plugin").send_async("**hello**")
        text = await session.call(ExportHistory(instance_id="plugin"))
        assert ("..__My_bird.md".replace("..__", ".._"), "text/markdown") == (text.name, text.media_type)
        assert 2 == text.content.count("\n\n**hello**\n")
        data = await session.call(ExportHistory(instance_id="plugin", format="json"))
        assert data.content.count('"content": "**hello**"') == 2

    run(plugins, test)


def test_unread_messages_are_counted_until_they_are_read(plugins: Plugins) -> None:
    """The person's own are not."""
    plugins.py(ECHO)

    async def test(one: Backend) -> list[int]:
        reader = Reader(one.session())
        await connected(reader.session)
        for _ in range(2):
            await one.host.instance("plugin").send_async("x")
        await reader.until(ContactChanged, lambda event: event.contact.unread == 2)
        contact = await reader.session.call(MarkRead(instance_id="plugin"))
        await reader.close()
        return [contact.unread]

    assert [0] == run(plugins, test)


def test_what_was_said_before_a_contact_was_added_is_read(plugins: Plugins) -> None:
    """What comes afterwards is not, also over a restart, whether or not anything was ever read."""
    plugins.py(ECHO)
    with Host([plugins.path], plugins.path.parent / "data") as host:
        instance = host.load("plugin")
        instance.connect()
        instance.send("in a terminal")

    async def unread(one: Backend) -> int:
        return (await one.session().call(ListContacts())).contacts[0].unread

    async def more(one: Backend) -> int:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("x")
        await reader.contact(lambda contact: contact.unread == 1)
        await reader.close()
        return await unread(one)

    assert [0, 1, 1] == [run(plugins, unread), run(plugins, more), run(plugins, unread)]


def test_messages_alone_do_not_write_the_contacts(plugins: Plugins) -> None:
    """Only what the person decides does, and what was read."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.close()
        file = plugins.path.parent / "data" / "contacts.json"
        before = file.stat().st_mtime_ns
        await one.host.instance("plugin").send_async("x")
        one.contacts.save()
        assert before == file.stat().st_mtime_ns
        await reader.close()

    run(plugins, test)


def test_a_change_while_contacts_are_written_is_not_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written the next time."""
    contacts = Contacts(tmp_path)
    record = Record(instance_id="a", plugin_id="a", name="before")
    contacts.add(record)
    format_json = msgspec.json.format

    def meanwhile(data: bytes, *, indent: int) -> bytes:
        record.name = "after"
        contacts.changed()
        return format_json(data, indent=indent)

    with monkeypatch.context() as patch:
        patch.setattr(msgspec.json, "format", meanwhile)
        contacts.save()
    contacts.save()
    contacts.close()
    assert "after" in (tmp_path / "contacts.json").read_text()


def test_an_instance_that_is_given_up_leaves_nothing_open(plugins: Plugins) -> None:
    """Its stream and its request have no end that would be told."""
    plugins.py(STREAMS)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await reader.session.call(SendMessage(instance_id="plugin", content="begin"))
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        log = EventLog()
        one.host.add_listener(log)
        await reader.session.call(RemoveContact(instance_id="plugin"))
        await asyncio.to_thread(log.wait_for, StateEvent, lambda event: event.state == State.GONE)
        assert ({}, {}) == (one.conversations._streams, one.conversations._requests)
        await reader.close()

    run(plugins, test)


def test_logs_are_kept_and_warnings_told(plugins: Plugins) -> None:
    """As many as asked for, the newest."""
    plugins.py(
        """
        from plugin_interfaces import LogLevel, PluginHandler

        class Logs(PluginHandler):
            def handle_message(self, message, context):
                context.log(LogLevel.INFO, "first")
                context.log(LogLevel.ERROR, "second")
                return ""
        """
    )

    async def test(one: Backend) -> list[str]:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("x")
        await reader.until(RequestEnded)
        lines = (await reader.session.call(GetLogs(instance_id="plugin"))).lines
        newest = (await reader.session.call(GetLogs(instance_id="plugin", limit=1))).lines
        await reader.close()
        return [line.text for line in lines[-2:]] + [line.text for line in newest]

    assert ["first", "second", "second"] == run(plugins, test)


# ---- reading along ----


def test_a_client_that_comes_back_gets_what_it_missed(plugins: Plugins) -> None:
    """Over many streams: nothing missed, nothing twice."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Talks(PluginHandler):
            async def handle_message(self, message, context):
                async with context.stream() as stream:
                    for number in range(50):
                        await stream.send_async(f"{number} ")
        """
    )

    async def test(one: Backend) -> None:
        steady = Reader(one.session())
        await connected(steady.session)
        sends = [
            asyncio.ensure_future(steady.session.call(SendMessage(instance_id="plugin", content=f"{number}")))
            for number in range(20)
        ]
        heard: list[Event] = []
        at, epoch = 0, one.journal.epoch
        while len([event for event in heard if isinstance(event, RequestEnded)]) < 20:
            # Comes, hears some, and goes again.
            session = one.session(at, epoch)
            async for batch in session.batches():
                heard += [event for event in batch if event.sequence]
                if session.sequence > at:
                    at = session.sequence
                    break
            session.close()
        await asyncio.gather(*sends)
        assert list(range(1, len(heard) + 1)) == [event.sequence for event in heard]
        streamed = [text for text in contents(heard).values() if len(text) > 4]
        assert ["".join(f"{number} " for number in range(50))] * 20 == streamed
        await steady.close()

    run(plugins, test)


@pytest.mark.parametrize(
    ("after", "epoch"), [(0, "another"), (10_000, ""), (0, "")], ids=["another epoch", "the future", "long gone"]
)
def test_who_cannot_get_all_is_told(plugins: Plugins, after: int, epoch: str) -> None:
    """And goes on from now."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        log = EventLog()
        one.host.add_listener(log)
        await connected(one.session())
        for _ in range(5):
            await one.host.instance("plugin").send_async("x")
        await asyncio.to_thread(log.wait_for, RequestEndedEvent, lambda _: len(log.of(RequestEndedEvent)) == 5)
        welcome = await anext(aiter(one.session(after, epoch or one.journal.epoch)))
        assert isinstance(welcome, Welcome)
        assert not welcome.resumed

    run(plugins, test, journal=Journal(max_events=5))


def test_a_slow_client_is_told_how_much_it_lost(plugins: Plugins) -> None:
    """Nobody waits for it, and what it has not read costs nothing."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        slow = one.session()
        events = aiter(slow)
        await anext(events)  # the welcome
        await connected(one.session())
        at = slow.sequence
        for _ in range(20):
            await one.host.instance("plugin").send_async("x")
        lost = await anext(events)
        following = await anext(events)
        assert isinstance(lost, EventsLost)
        assert following.sequence == at + lost.count + 1
        assert 0 == len(slow._own)

    run(plugins, test, journal=Journal(max_events=5))


def test_answers_come_among_the_events(plugins: Plugins) -> None:
    """With the command's number, whether they succeed or fail."""
    plugins.py(ECHO)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await reader.session.answer(Ping(id=7))
        await reader.session.answer(GetHistory(id=8, instance_id="nobody"))
        assert 7 == (await reader.until(Reply)).id
        answer = await reader.until(Failed)
        assert (8, "not_found") == (answer.id, answer.error.status)
        await reader.close()

    run(plugins, test)


def test_a_page_stands_between_the_events_that_it_has_and_the_others(plugins: Plugins) -> None:
    """So a client that takes all in order needs no numbers."""
    plugins.py(STREAMS.replace('"begun "', 'f"{context.instance_id} begun "'))

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        await asyncio.gather(
            reader.session.call(SendMessage(instance_id="plugin", content="begin")),
            *(reader.session.answer(GetHistory(id=number, instance_id="plugin")) for number in range(1, 30)),
        )
        await reader.until(Reply, lambda event: event.id == 29)
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        await reader.close()
        at = 0
        for event in reader.events:
            if isinstance(event, Reply):
                assert at <= event.result.sequence
                later = next(
                    (other.sequence for other in reader.events[reader.events.index(event) :] if other.sequence), None
                )
                assert later is None or later > event.result.sequence
            at = event.sequence or at

    run(plugins, test)


def test_a_client_that_does_not_read_its_answers_is_held_up(plugins: Plugins) -> None:
    """What waits for it is bounded, whatever it asks for."""

    async def test(one: Backend) -> None:
        session = one.session()
        events = aiter(session.batches())
        await anext(events)
        session.tell(Failed(id=0, error=Error(what="", message="", status="error", code=-1)))
        for _ in range(4):
            await session.answer(Ping())
        await asyncio.wait_for(session.room(6), PATIENCE)
        waiting = asyncio.ensure_future(session.room(5))
        await asyncio.sleep(0)
        assert not waiting.done()
        await anext(events)
        await asyncio.wait_for(waiting, PATIENCE)

    run(plugins, test)


def test_a_closed_session_ends_its_iteration(plugins: Plugins) -> None:
    """Also while it waits."""

    async def test(one: Backend) -> list[type[Event]]:
        session = one.session()
        seen = []
        async for event in session:
            seen.append(type(event))
            session.close()
        session.close()
        return seen

    assert [Welcome] == run(plugins, test)


# ---- settings ----


def test_the_settings_are_drawn_and_changed(plugins: Plugins) -> None:
    """Only what changed travels."""
    plugins.sample("settings")

    async def test(one: Backend) -> None:
        session = one.session()
        await connected(session, "settings")
        frame = await session.call(GetUi(instance_id="settings"))
        assert frame.tree is not None
        field = frame.tree.find("Greeting")
        changed = await session.call(
            UiEvent(
                instance_id="settings",
                widget_id=field.id,
                value="Good morning",
                revision=frame.revision,
                base=frame.revision,
            )
        )
        assert (None, True) == (changed.tree, bool(changed.patch))

    run(plugins, test)


def test_a_plugin_that_wants_its_settings_drawn_anew_says_so(plugins: Plugins) -> None:
    """With the crate's field names."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Refreshes(PluginHandler):
            def handle_message(self, message, context):
                context.refresh_ui()
                return ""
        """
    )

    async def test(one: Backend) -> tuple[str, str]:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("x")
        event = await reader.until(PluginUiRefreshed)
        await reader.close()
        return event.plugin, event.instance

    assert ("plugin", "plugin") == run(plugins, test)


@pytest.mark.parametrize(
    "command",
    [
        SetConfig(instance_id="plugin", key="size", value=7),
        ResetConfig(instance_id="plugin", key="size"),
        UiEvent(instance_id="plugin", widget_id="", value=7),
    ],
    ids=lambda command: type(command).__name__,
)
def test_others_are_told_of_settings_that_one_client_has_changed(plugins: Plugins, command: Any) -> None:
    """They draw them anew."""
    plugins.py(ECHO, manifest="[config.size]\ntype = 'integer'\n")

    async def test(one: Backend) -> None:
        other = Reader(one.session())
        await connected(other.session)
        tree = (await other.session.call(GetUi(instance_id="plugin"))).tree
        assert tree is not None
        if isinstance(command, UiEvent):
            changing: Any = msgspec.structs.replace(command, widget_id=tree.find("size").id)
        else:
            changing = command
        await one.session().call(changing)
        assert "plugin" == (await other.until(PluginUiRefreshed)).instance
        await other.close()

    run(plugins, test)


def test_an_event_of_the_plugins_own_is_passed_on(plugins: Plugins) -> None:
    """As it said it."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Tells(PluginHandler):
            def handle_message(self, message, context):
                context.send_to_frontend("weather", '{"rain": true}')
                return ""
        """
    )

    async def test(one: Backend) -> tuple[str, str]:
        reader = Reader(one.session())
        await connected(reader.session)
        await one.host.instance("plugin").send_async("x")
        event = await reader.until(PluginEvent)
        await reader.close()
        return event.name, event.payload

    assert ("weather", '{"rain": true}') == run(plugins, test)


def test_settings_of_the_manifest_are_read_and_written(plugins: Plugins) -> None:
    """A secret stays on the server; None goes back to the default."""
    manifest = """
        [config.size]
        type = "integer"
        default = 3
        [config.key]
        secret = true
        """
    plugins.py(ECHO, manifest=manifest)

    async def test(one: Backend) -> list[Any]:
        session = one.session()
        await session.call(SetConfig(instance_id="plugin", key="key", value="hush"))
        changed = await session.call(SetConfig(instance_id="plugin", key="size", value=7))
        back = await session.call(ResetConfig(instance_id="plugin", key="size"))
        read = await session.call(GetConfig(instance_id="plugin"))
        assert "hush" not in repr([changed, back, read])
        return [changed.settings[0].value, back.settings[0].value, read.settings[1].value, read.settings[1].filled]

    assert [7, 3, None, True] == run(plugins, test)


def test_an_uploaded_file_is_the_value_of_a_file_pick(plugins: Plugins) -> None:
    """And lies where only its owner reads it."""
    plugins.sample("settings")

    async def test(one: Backend) -> None:
        session = one.session()
        await connected(session, "settings")
        tree = (await session.call(GetUi(instance_id="settings"))).tree
        assert tree is not None
        pick = next(widget for widget in tree.walk() if widget.kind == "file_pick" and not widget.folder)
        uploaded = await session.call(
            Upload(instance_id="settings", name="../../a picture.png", data=b"\x89PNG", widget_id=pick.id)
        )
        path = Path(uploaded.path)
        assert (b"\x89PNG", "a picture.png", 0o600) == (path.read_bytes(), path.name, path.stat().st_mode & 0o777)
        assert path.is_relative_to(plugins.path.parent / "data")
        tree = (await session.call(GetUi(instance_id="settings"))).tree
        assert tree is not None
        assert uploaded.path == next(widget for widget in tree.walk() if widget.id == pick.id).value

    run(plugins, test)


def test_a_file_that_the_plugin_accepts_is_a_message(plugins: Plugins) -> None:
    """With the address of the file; it goes with the contact that is forgotten."""
    plugins.py(ECHO, manifest='accepts = [".TXT"]\n')

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        assert [".TXT"] == (await connected(reader.session)).accepts
        uploaded = await reader.session.call(Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
        started = await reader.until(RequestStarted)
        assert Path(uploaded.path).as_uri() == started.message.content
        await reader.session.call(RemoveContact(instance_id="plugin", forget=True))
        assert not Path(uploaded.path).exists()
        await reader.close()

    run(plugins, test)


def test_a_file_for_a_plugin_that_is_not_connected_is_not_kept(plugins: Plugins) -> None:
    """It is refused as any message is."""
    plugins.py(ECHO, manifest='accepts = ["*"]\n')

    async def test(one: Backend) -> tuple[str, bool]:
        session = one.session()
        await session.call(EnableContact(instance_id="plugin"))
        status, _ = await failed(session, Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
        return status, (plugins.path.parent / "data" / "uploads").exists()

    assert ("not_connected", False) == run(plugins, test)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../a picture.png", "a picture.png"),
        ("C:\\notes\\today.txt", "today.txt"),
        ("a;b|c\n.txt", "a_b_c_.txt"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("", "file"),
        ("a" * 1000 + ".txt", "a" * 116 + ".txt"),
        ("é" * 1000 + "a.txt", "é" * 57 + "a.txt"),
    ],
)
def test_a_file_is_kept_under_its_own_name_where_that_is_one(name: str, expected: str) -> None:
    """And can hurt nobody; of a long one, the end."""
    assert expected == safe_name(name)


# ---- plugins that fail ----


def test_a_plugin_whose_every_entry_fails_hurts_nobody(plugins: Plugins) -> None:
    """Each failure is told with its reason, and the next command is answered."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Fails(PluginHandler):
            def _fail(self, *arguments):
                raise RuntimeError("out of order")

            on_connect = on_disconnect = on_dispose = save_state = update_ui = handle_message = _fail
            broken = True

            def on_connect(self, context):
                if not hasattr(type(self), "tried"):
                    type(self).tried = True
                    raise RuntimeError("out of order")
        """
    )
    plugins.py(ECHO, "other")

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        session = reader.session
        assert "out of order" in (await failed(session, Connect(instance_id="plugin")))[1]
        await connected(session)
        await session.call(GetUi(instance_id="plugin"))
        await reader.until(PluginReport, lambda event: "update_ui" in event.error.what)
        await session.call(SendMessage(instance_id="plugin", content="x"))
        ended = await reader.until(RequestEnded)
        assert ended.error is not None
        assert "out of order" in ended.error.message
        await session.call(Disconnect(instance_id="plugin"))
        await reader.until(PluginReport, lambda event: "on_disconnect" in event.error.what)
        assert "disconnected" == (await session.call(Reload(instance_id="plugin"))).state
        await session.call(RemoveContact(instance_id="plugin"))
        await connected(session, "other")
        assert "hello" == await one.host.instance("other").send_async("hello")
        await reader.close()

    run(plugins, test)


def test_a_reload_in_the_middle_of_a_stream_ends_it(plugins: Plugins) -> None:
    """And the next one is a stream of its own."""
    plugins.py(STREAMS)

    async def test(one: Backend) -> None:
        reader = Reader(one.session())
        await connected(reader.session)
        for number in (1, 2):
            await reader.session.call(SendMessage(instance_id="plugin", content="begin"))
            await reader.until(
                PluginStream,
                lambda _, number=number: len([e for e in reader.of(PluginStream) if e.type == "stream_data"]) == number,
            )
            assert "connected" == (await reader.session.call(Reload(instance_id="plugin"))).state
            await reader.until(RequestEnded, lambda _, number=number: len(reader.of(RequestEnded)) == number)
        steps = [event.type for event in reader.of(PluginStream)]
        assert ["stream_start", "stream_data", "stream_cancel"] * 2 == steps
        assert {"cancelled"} == {event.status for event in reader.of(RequestEnded)}
        page = await reader.session.call(GetHistory(instance_id="plugin"))
        assert {"cancelled"} == {message.status for message in page.messages if message.content == "begun "}
        await reader.close()

    run(plugins, test)


def test_settings_that_hang_are_given_up_once(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks again is told at once, and no thread more is lost."""
    monkeypatch.setattr("plugin_interfaces.web.presence.UI_SECONDS", 0.05)
    plugins.py(
        """
        import threading
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Hangs(PluginHandler):
            def update_ui(self, context, ui, instance):
                while not (Path(__file__).parent / "go on").exists():
                    threading.Event().wait(0.01)
        """
    )

    async def test(one: Backend) -> list[str]:
        session = one.session()
        await connected(session)
        statuses = [(await failed(session, GetUi(instance_id="plugin")))[0] for _ in range(2)]
        (plugins.path / "plugin" / "go on").touch()
        return statuses

    assert ["timeout", "invalid_state"] == run(plugins, test)


# ---- what is kept ----


def test_contacts_and_conversations_survive_a_restart(plugins: Plugins) -> None:
    """Names, what was wanted, and what is unread."""
    plugins.py(ECHO)

    async def before(one: Backend) -> None:
        reader = Reader(one.session())
        session = reader.session
        await session.call(RenameContact(instance_id="plugin", name="Parrot"))
        await connected(session)
        await session.call(AddContact(plugin_id="plugin", name="Silent"))
        await session.call(DisableContact(instance_id="plugin-2"))
        await one.host.instance("plugin").send_async("seen")
        await reader.until(RequestEnded)
        await session.call(MarkRead(instance_id="plugin"))
        await one.host.instance("plugin").send_async("unseen")
        await reader.close()

    async def after(one: Backend) -> list[tuple[Any, ...]]:
        reader = Reader(one.session())
        await reader.contact(lambda one: one.state == "connected")
        found = await reader.session.call(ListContacts())
        await reader.close()
        return [
            (contact.name, contact.state, contact.unread, contact.last and contact.last.content)
            for contact in found.contacts
        ]

    run(plugins, before)
    assert [("Parrot", "connected", 1, "unseen"), ("Silent", "disabled", 0, None)] == run(plugins, after)


def test_contacts_that_were_removed_stay_away(plugins: Plugins) -> None:
    """Who has none any more is not given new ones."""
    plugins.py(ECHO)

    async def remove(one: Backend) -> None:
        await one.session().call(RemoveContact(instance_id="plugin"))

    async def listed(one: Backend) -> int:
        return len((await one.session().call(ListContacts())).contacts)

    run(plugins, remove)
    assert 0 == run(plugins, listed)


def test_contacts_that_cannot_be_understood_are_left_as_they_are(plugins: Plugins) -> None:
    """The error names the file."""
    file = plugins.path.parent / "data" / "contacts.json"
    file.parent.mkdir()
    file.write_text('{"contacts": [1]}')

    async def test(one: Backend) -> None:
        raise AssertionError("it has begun")

    from plugin_interfaces.errors import ConfigError

    with pytest.raises(ConfigError, match=r"contacts\.json: cannot be understood"):
        run(plugins, test)
    assert '{"contacts": [1]}' == file.read_text()


def test_one_server_at_a_time_has_a_folder(plugins: Plugins) -> None:
    """The second is told so; after the first has ended it may."""
    from plugin_interfaces.errors import ConfigError

    async def test(one: Backend) -> None:
        with pytest.raises(ConfigError, match="another server uses this folder"):
            Backend(one.host, one.data)

    run(plugins, test)
    run(plugins, lambda one: one.session().call(Ping()))


def test_without_a_folder_nothing_is_kept(plugins: Plugins) -> None:
    """And everything works."""
    plugins.py(ECHO, manifest='accepts = ["*"]\n')

    async def main() -> Path:
        async with Host([plugins.path]) as host, Backend(host) as one:
            assert "connected" == (await connected(one.session())).state
            uploaded = await one.session().call(Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
            assert b"hello" == Path(uploaded.path).read_bytes()
        return Path(uploaded.path)

    assert not asyncio.run(main()).exists()
