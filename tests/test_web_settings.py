"""Settings as clients draw and change them, and files that they upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from host_support import Plugins
from plugin_interfaces.web import Backend
from plugin_interfaces.web.protocol import (
    EnableContact,
    GetConfig,
    GetUi,
    PluginUiRefreshed,
    RemoveContact,
    RequestStarted,
    ResetConfig,
    SetConfig,
    UiEvent,
    Upload,
)
from plugin_interfaces.web.uploads import safe_name
from web_support import ECHO, Reader, run

# ---- settings ----


def test_the_settings_are_drawn_and_changed(plugins: Plugins) -> None:
    """Only what changed travels."""
    plugins.sample("settings")

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect("settings")
        frame = await reader.call(GetUi(instance_id="settings"))
        assert frame.tree is not None
        field = frame.tree.find("Greeting")
        changed = await reader.call(
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

    async def test(one: Backend, reader: Reader) -> tuple[str, str]:
        await reader.connect()
        await one.host.instance("plugin").send_async("x")
        event = await reader.until(PluginUiRefreshed)
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

    async def test(one: Backend, other: Reader) -> None:
        await other.connect()
        tree = (await other.call(GetUi(instance_id="plugin"))).tree
        assert tree is not None
        if isinstance(command, UiEvent):
            changing: Any = msgspec.structs.replace(command, widget_id=tree.find("size").id)
        else:
            changing = command
        await one.session().call(changing)
        assert "plugin" == (await other.until(PluginUiRefreshed)).instance

    run(plugins, test)


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

    async def test(one: Backend, reader: Reader) -> list[Any]:
        await reader.call(SetConfig(instance_id="plugin", key="key", value="hush"))
        changed = await reader.call(SetConfig(instance_id="plugin", key="size", value=7))
        back = await reader.call(ResetConfig(instance_id="plugin", key="size"))
        read = await reader.call(GetConfig(instance_id="plugin"))
        assert "hush" not in repr([changed, back, read])
        return [changed.settings[0].value, back.settings[0].value, read.settings[1].value, read.settings[1].filled]

    assert [7, 3, None, True] == run(plugins, test)


# ---- files ----


def test_an_uploaded_file_is_the_value_of_a_file_pick(plugins: Plugins) -> None:
    """And lies where only its owner reads it."""
    plugins.sample("settings")

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect("settings")
        tree = (await reader.call(GetUi(instance_id="settings"))).tree
        assert tree is not None
        pick = next(widget for widget in tree.walk() if widget.kind == "file_pick" and not widget.folder)
        uploaded = await reader.call(
            Upload(instance_id="settings", name="../../a picture.png", data=b"\x89PNG", widget_id=pick.id)
        )
        path = Path(uploaded.path)
        assert (b"\x89PNG", "a picture.png", 0o600) == (path.read_bytes(), path.name, path.stat().st_mode & 0o777)
        assert path.is_relative_to(plugins.path.parent / "data")
        tree = (await reader.call(GetUi(instance_id="settings"))).tree
        assert tree is not None
        assert uploaded.path == next(widget for widget in tree.walk() if widget.id == pick.id).value

    run(plugins, test)


def test_a_file_that_the_plugin_accepts_is_a_message(plugins: Plugins) -> None:
    """With the address of the file; it goes with the contact that is forgotten."""
    plugins.py(ECHO, manifest='accepts = [".TXT"]\n')

    async def test(one: Backend, reader: Reader) -> None:
        assert [".TXT"] == (await reader.connect()).accepts
        uploaded = await reader.call(Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
        started = await reader.until(RequestStarted)
        assert Path(uploaded.path).as_uri() == started.message.content
        await reader.call(RemoveContact(instance_id="plugin", forget=True))
        assert not Path(uploaded.path).exists()

    run(plugins, test)


def test_a_file_for_a_plugin_that_is_not_connected_is_not_kept(plugins: Plugins) -> None:
    """It is refused as any message is."""
    plugins.py(ECHO, manifest='accepts = ["*"]\n')

    async def test(one: Backend, reader: Reader) -> tuple[str, bool]:
        await reader.call(EnableContact(instance_id="plugin"))
        status, _ = await reader.refused(Upload(instance_id="plugin", name="notes.txt", data=b"hello"))
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
