"""Plugins as clients see them: those there, what the person decides about them, what they say of themselves."""

from __future__ import annotations

import os

from host_support import Plugins
from plugin_interfaces.web import Backend
from plugin_interfaces.web.protocol import (
    AddContact,
    DisablePlugin,
    EnablePlugin,
    GetLogs,
    ListPlugins,
    PluginEvent,
    Reply,
    RequestEnded,
    SetPermission,
)
from web_support import ECHO, Reader, run


def test_a_plugin_that_cannot_be_used_is_listed_with_the_reason(plugins: Plugins) -> None:
    """What to do is in it."""
    plugins.folder("broken", 'library = "nothing"\n')

    async def test(one: Backend, reader: Reader) -> tuple[str, bool]:
        found = (await reader.call(ListPlugins())).plugins[0]
        assert found.error is not None
        return found.plugin_id, "libnothing.so" in found.error.message

    assert ("broken", True) == run(plugins, test)


def test_a_folder_whose_name_is_no_text_is_listed(plugins: Plugins) -> None:
    """Names of files are bytes; its own are replaced where they cannot travel."""
    folder = plugins.path / os.fsdecode(b"bad\xff")
    folder.mkdir()
    folder.joinpath("config.toml").write_text("nonsense")

    async def test(one: Backend, reader: Reader) -> list[tuple[str, bool]]:
        await reader.session.answer(ListPlugins(id=1, refresh=True))
        answer = await reader.until(Reply)
        return [(found.plugin_id, found.error is not None) for found in answer.result.plugins]

    assert [("bad?", True)] == run(plugins, test)


def test_a_plugin_that_came_later_is_found_on_request(plugins: Plugins) -> None:
    """And can be added."""

    async def test(one: Backend, reader: Reader) -> list[str]:
        plugins.py(ECHO, "late")
        before = await reader.call(ListPlugins())
        after = await reader.call(ListPlugins(refresh=True))
        contact = await reader.call(AddContact(plugin_id="late"))
        return [len(before.plugins), len(after.plugins), contact.state]  # type: ignore[list-item]

    assert [0, 1, "disconnected"] == run(plugins, test)


def test_a_plugin_is_switched_off_with_all_its_contacts(plugins: Plugins) -> None:
    """And they come back with it."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        off = await reader.call(DisablePlugin(plugin_id="plugin"))
        assert (False, ()) == (off.plugins[0].enabled, one.host.instances)
        on = await reader.call(EnablePlugin(plugin_id="plugin"))
        assert on.plugins[0].enabled
        await reader.contact(lambda one: one.state == "connected")

    run(plugins, test)


def test_permissions_are_given_and_taken(plugins: Plugins) -> None:
    """As the command does."""
    plugins.py(ECHO, manifest='permissions = ["network"]\n')

    async def test(one: Backend, reader: Reader) -> list[bool]:
        given = []
        for wanted in (False, True):
            found = await reader.call(SetPermission(plugin_id="plugin", permission="network", given=wanted))
            given.append(found.plugins[0].permissions[0].given)
        return given

    assert [False, True] == run(plugins, test)


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

    async def test(one: Backend, reader: Reader) -> tuple[str, str]:
        await reader.connect()
        await one.host.instance("plugin").send_async("x")
        event = await reader.until(PluginEvent)
        return event.name, event.payload

    assert ("weather", '{"rain": true}') == run(plugins, test)


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

    async def test(one: Backend, reader: Reader) -> list[str]:
        await reader.connect()
        await one.host.instance("plugin").send_async("x")
        await reader.until(RequestEnded)
        lines = (await reader.call(GetLogs(instance_id="plugin"))).lines
        newest = (await reader.call(GetLogs(instance_id="plugin", limit=1))).lines
        return [line.text for line in lines[-2:]] + [line.text for line in newest]

    assert ["first", "second", "second"] == run(plugins, test)
