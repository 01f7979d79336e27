"""Contacts: adding and removing them, connecting them, what is unread, and what is kept over a restart."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from host_support import PATIENCE, Plugins
from plugin_interfaces._abi import State
from plugin_interfaces.errors import ConfigError
from plugin_interfaces.host import HistoryStore, Host
from plugin_interfaces.host.bundles import Bundle
from plugin_interfaces.web import Backend
from plugin_interfaces.web.backend import BROUGHT_UP_AT_ONCE
from plugin_interfaces.web.contacts import Contacts, Record
from plugin_interfaces.web.protocol import (
    AddContact,
    Connect,
    ContactChanged,
    ContactRemoved,
    DisableContact,
    EnableContact,
    ListContacts,
    MarkRead,
    Ping,
    PluginDisconnectRequest,
    Reload,
    RemoveContact,
    RenameContact,
    RequestEnded,
    SendMessage,
    Upload,
)
from web_support import ECHO, Reader, backend, run

# ---- what the person has ----


def test_who_has_no_contacts_gets_one_of_each_plugin(plugins: Plugins) -> None:
    """Loaded, and not connected."""
    plugins.py(ECHO, "one")
    plugins.py(ECHO, "two")

    async def test(one: Backend, reader: Reader) -> list[tuple[str, str]]:
        for name in ("one", "two"):
            await reader.contact(lambda one, name=name: (one.instance_id, one.state) == (name, "disconnected"))
        found = await reader.call(ListContacts())
        return [(contact.instance_id, contact.state) for contact in found.contacts]

    assert [("one", "disconnected"), ("two", "disconnected")] == run(plugins, test)


def test_a_plugin_has_several_contacts(plugins: Plugins) -> None:
    """Each with an id and a name of its own."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[tuple[str, str]]:
        await reader.call(AddContact(plugin_id="plugin", name="Second"))
        await reader.call(AddContact(plugin_id="plugin", instance_id="my own"))
        found = await reader.call(ListContacts())
        return [(contact.instance_id, contact.name) for contact in found.contacts]

    assert [("plugin", "Test"), ("plugin-2", "Second"), ("my own", "Test")] == run(plugins, test)


def test_a_contact_is_renamed_for_all(plugins: Plugins) -> None:
    """The other client is told."""
    plugins.py(ECHO)

    async def test(one: Backend, other: Reader) -> None:
        await one.session().call(RenameContact(instance_id="plugin", name=" Parrot "))
        await other.until(ContactChanged, lambda event: event.contact.name == "Parrot")

    run(plugins, test)


def test_a_contact_that_was_removed_is_gone_for_all(plugins: Plugins) -> None:
    """Its conversation is kept unless it is to be forgotten."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[int]:
        kept = []
        for forget in (False, True):
            await reader.connect()
            await reader.send("hello")
            await reader.call(RemoveContact(instance_id="plugin", forget=forget))
            kept.append(len(one.host.store.messages("plugin")) > 0)
            assert [] == await reader.contacts()
            assert () == one.host.instances
            await reader.call(AddContact(plugin_id="plugin"))
        await reader.until(ContactRemoved)
        return kept

    assert [True, False] == run(plugins, test)


def test_a_contact_is_switched_off_and_on(plugins: Plugins) -> None:
    """Off, it is not loaded."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[Any]:
        await reader.connect()
        off = await reader.call(DisableContact(instance_id="plugin"))
        refused = await reader.refused(SendMessage(instance_id="plugin", content="x"))
        instances = len(one.host.instances)
        on = await reader.call(EnableContact(instance_id="plugin"))
        return [off.state, off.enabled, refused[0], instances, on.state, on.enabled]

    assert ["disabled", False, "not_connected", 0, "disconnected", True] == run(plugins, test)


def test_a_contact_that_is_switched_off_while_it_loads_is_not_loaded(plugins: Plugins) -> None:
    """Neither by what was at it, nor by what has waited for that."""
    folder = plugins.py("""
        import threading
        from pathlib import Path
        from plugin_interfaces import PluginHandler

        class Slow(PluginHandler):
            def initialize(self, context):
                while not (Path(__file__).parent / "go on").exists():
                    threading.Event().wait(0.01)
    """)

    async def test(one: Backend, reader: Reader) -> list[Any]:
        gone = threading.Event()
        one.host.add_listener(lambda event: gone.set() if getattr(event, "state", None) == State.GONE else None)
        await reader.contact(lambda contact: contact.state == "loading")
        waiting = asyncio.create_task(reader.refused(EnableContact(instance_id="plugin")))
        switching = asyncio.create_task(reader.call(DisableContact(instance_id="plugin")))
        while one.presence("plugin").record.enabled:
            await asyncio.sleep(0)
        (folder / "go on").touch()
        status, _ = await waiting
        ended = await asyncio.to_thread(gone.wait, PATIENCE)
        return [(await switching).state, status, ended, one.host.instances]

    assert ["disabled", "not_connected", True, ()] == run(plugins, test)


# ---- connecting ----


def test_a_contact_that_does_not_load_says_why_and_can_be_reloaded(plugins: Plugins) -> None:
    """When it was mended."""
    folder = plugins.py("raise RuntimeError('out of order')")

    async def test(one: Backend, reader: Reader) -> None:
        contact = await reader.contact(lambda one: one.state == "failed")
        assert contact.error is not None
        assert "out of order" in contact.error.message
        status, text = await reader.refused(SendMessage(instance_id="plugin", content="x"))
        assert ("not_connected", True) == (status, "out of order" in text)
        (folder / "plugin.py").write_text(ECHO)
        contact = await reader.call(Reload(instance_id="plugin"))
        assert ("disconnected", None) == (contact.state, contact.error)

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

    async def test(one: Backend, reader: Reader) -> None:
        assert ("error", True) == (
            (found := await reader.refused(Connect(instance_id="plugin")))[0],
            "nobody is at home" in found[1],
        )
        contact = (await reader.contacts())[0]
        assert contact.error is not None
        assert ("disconnected", True, "plugin") == (contact.state, contact.wants_connection, contact.error.instance_id)
        (plugins.path / "plugin" / "open").touch()
        assert None is (await reader.connect()).error

    run(plugins, test)


def test_a_connection_that_is_asked_for_wrongly_is_not_wanted(plugins: Plugins) -> None:
    """Nothing of a command that cannot be understood is kept."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> bool:
        await reader.refused(Connect(instance_id="plugin", timeout=0))
        return (await reader.contacts())[0].wants_connection

    assert not run(plugins, test)


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

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("x")
        request = await reader.until(PluginDisconnectRequest)
        event = await reader.until(
            ContactChanged, lambda event: event.sequence > request.sequence and event.contact.state == "disconnected"
        )
        assert not event.contact.wants_connection

    run(plugins, test)


# ---- what is unread ----


def test_unread_messages_are_counted_until_they_are_read(plugins: Plugins) -> None:
    """The person's own are not."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[int]:
        await reader.connect()
        for _ in range(2):
            await one.host.instance("plugin").send_async("x")
        await reader.until(ContactChanged, lambda event: event.contact.unread == 2)
        contact = await reader.call(MarkRead(instance_id="plugin"))
        return [contact.unread]

    assert [0] == run(plugins, test)


def test_what_was_said_before_a_contact_was_added_is_read(plugins: Plugins) -> None:
    """What comes afterwards is not, also over a restart, whether or not anything was ever read."""
    plugins.py(ECHO)
    with Host([plugins.path], plugins.path.parent / "data") as host:
        instance = host.load("plugin")
        instance.connect()
        instance.send("in a terminal")

    async def unread(one: Backend, reader: Reader) -> int:
        return (await reader.contacts())[0].unread

    async def more(one: Backend, reader: Reader) -> int:
        await reader.connect()
        await one.host.instance("plugin").send_async("x")
        await reader.contact(lambda contact: contact.unread == 1)
        return await unread(one, reader)

    assert [0, 1, 1] == [run(plugins, unread), run(plugins, more), run(plugins, unread)]


# ---- what is kept ----


# Connects when the test says so.
HELD = """
import asyncio
from pathlib import Path
from plugin_interfaces import PluginHandler

class Held(PluginHandler):
    async def on_connect(self, context):
        gate = Path(__file__).parent.parent / "open"
        while not gate.exists():
            await asyncio.sleep(0.01)
"""


def test_contacts_are_brought_up_a_few_at_a_time_and_at_once_where_somebody_looks(
    plugins: Plugins, tmp_path: Path
) -> None:
    """The others wait, and are seen to."""
    plugins.py(HELD)
    data, gate = tmp_path / "data", plugins.path / "open"
    ids = [f"number {number}" for number in range(BROUGHT_UP_AT_ONCE + 3)]

    async def main() -> list[str]:
        gate.touch()
        async with backend([plugins.path], data) as one:
            for instance_id in ids:
                await one.session().call(AddContact(plugin_id="plugin", instance_id=instance_id))
                await one.session().call(Connect(instance_id=instance_id))
            await one.session().call(RemoveContact(instance_id="plugin"))
        gate.unlink()
        async with backend([plugins.path], data) as one, Reader(one.session()) as reader:
            for instance_id in ids[:BROUGHT_UP_AT_ONCE]:
                await reader.contact(lambda one, name=instance_id: (one.instance_id, one.state) == (name, "connecting"))
            waiting = [contact.state for contact in await reader.contacts() if contact.state != "connecting"]
            await reader.history(ids[-1])
            await reader.contact(lambda one: (one.instance_id, one.state) == (ids[-1], "connecting"))
            gate.touch()
            for instance_id in ids:
                await reader.contact(lambda one, name=instance_id: (one.instance_id, one.state) == (name, "connected"))
            return waiting

    assert ["unloaded"] * 3 == asyncio.run(main())


def test_contacts_and_conversations_survive_a_restart(plugins: Plugins) -> None:
    """Names, what was wanted, and what is unread."""
    plugins.py(ECHO)

    async def before(one: Backend, reader: Reader) -> None:
        await reader.call(RenameContact(instance_id="plugin", name="Parrot"))
        await reader.connect()
        await reader.call(AddContact(plugin_id="plugin", name="Silent"))
        await reader.call(DisableContact(instance_id="plugin-2"))
        await one.host.instance("plugin").send_async("seen")
        await reader.until(RequestEnded)
        await reader.call(MarkRead(instance_id="plugin"))
        await one.host.instance("plugin").send_async("unseen")

    async def after(one: Backend, reader: Reader) -> list[tuple[Any, ...]]:
        await reader.contact(lambda one: one.state == "connected")
        found = await reader.call(ListContacts())
        return [
            (contact.name, contact.state, contact.unread, contact.last and contact.last.content)
            for contact in found.contacts
        ]

    run(plugins, before)
    assert [("Parrot", "connected", 1, "unseen"), ("Silent", "disabled", 0, None)] == run(plugins, after)


def test_a_conversation_that_is_damaged_holds_up_no_other(plugins: Plugins) -> None:
    """The server starts, and has the rest."""
    plugins.py(ECHO)

    async def before(one: Backend, reader: Reader) -> None:
        await reader.call(AddContact(plugin_id="plugin", name="Damaged"))
        await reader.connect()
        await one.host.instance("plugin").send_async("hello")

    async def after(one: Backend, reader: Reader) -> list[str | None]:
        found = await reader.call(ListContacts())
        return [contact.last and contact.last.content for contact in found.contacts]

    run(plugins, before)
    path = plugins.path.parent / "data" / "history.sqlite3"
    with HistoryStore(path) as store:
        store.add_bundles([Bundle(0, 1, "plugin-2", "plugin", "0" * 16, b"not a bundle")])
    assert ["hello", None] == run(plugins, after)


def test_contacts_that_were_removed_stay_away(plugins: Plugins) -> None:
    """Who has none any more is not given new ones."""
    plugins.py(ECHO)

    async def remove(one: Backend, reader: Reader) -> None:
        await reader.call(RemoveContact(instance_id="plugin"))

    async def listed(one: Backend, reader: Reader) -> int:
        return len(await reader.contacts())

    run(plugins, remove)
    assert 0 == run(plugins, listed)


def test_contacts_that_cannot_be_understood_are_left_as_they_are(plugins: Plugins) -> None:
    """The error names the file."""
    file = plugins.path.parent / "data" / "contacts.json"
    file.parent.mkdir()
    file.write_text('{"contacts": [1]}')

    async def test(*_: object) -> None:
        raise AssertionError("it has begun")

    with pytest.raises(ConfigError, match=r"contacts\.json: cannot be understood"):
        run(plugins, test)
    assert '{"contacts": [1]}' == file.read_text()


def test_messages_alone_do_not_write_the_contacts(plugins: Plugins) -> None:
    """Only what the person decides does, and what was read."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await one.close()
        file = plugins.path.parent / "data" / "contacts.json"
        before = file.stat().st_mtime_ns
        await one.host.instance("plugin").send_async("x")
        one.contacts.save()
        assert before == file.stat().st_mtime_ns

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


def test_one_server_at_a_time_has_a_folder(plugins: Plugins) -> None:
    """The second is told so; after the first has ended it may."""

    async def test(one: Backend, _: Reader) -> None:
        with pytest.raises(ConfigError, match="another server uses this folder"):
            Backend(one.host, one.data)

    run(plugins, test)
    run(plugins, lambda _, reader: reader.call(Ping()))


def test_without_a_folder_nothing_is_kept(plugins: Plugins) -> None:
    """And everything works."""
    plugins.py(ECHO, manifest='accepts = ["*"]\n')

    async def main() -> Path:
        async with backend([plugins.path], None) as one, Reader(one.session()) as reader:
            assert "connected" == (await reader.connect()).state
            uploaded = await reader.call(Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
            assert b"hello" == Path(uploaded.path).read_bytes()
        return Path(uploaded.path)

    assert not asyncio.run(main()).exists()
