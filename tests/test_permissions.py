"""Permissions: what a manifest asks for, what the person gives, and what the plugin finds."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from host_support import Plugins
from plugin_interfaces import NotPermitted
from plugin_interfaces.config import Manifest, denied_permissions, load_manifest, set_denied
from plugin_interfaces.errors import ConfigError, LoadError, ManifestError, PluginInterfacesError
from plugin_interfaces.host import Host, Instance
from plugin_interfaces.host.discovery import PluginFolder, look_at
from plugin_interfaces.metadata import PluginMetadata
from plugin_interfaces.symbols import convert_ffi_to_metadata, metadata_to_ffi

Load = Callable[..., Instance]

ASKED = 'permissions = ["network", "files"]\n'

TELLS = """
from plugin_interfaces import NotPermitted, PluginHandler

class Tells(PluginHandler):
    def handle_message(self, message, context):
        if message == "refuse":
            raise NotPermitted("network", "allow the network first")
        return f"{context.has_permission(message)} {context.metadata.permissions}"
"""


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    """A manifest that asks for two permissions."""
    (tmp_path / "config.toml").write_text(f'[plugin]\nid = "a"\n{ASKED}')
    return load_manifest(tmp_path)


# ---- the manifest, and what the person wrote ----


@pytest.mark.parametrize("name", ["", " ", "a b", " a", "a\\t", "a\\u00a0b", "a\\u0000"])
def test_a_permission_is_one_word(tmp_path: Path, name: str) -> None:
    """Else the manifest is wrong."""
    (tmp_path / "config.toml").write_text(f'[plugin]\nid = "a"\npermissions = ["{name}"]')
    with pytest.raises(ManifestError, match="is no permission: write each as one word"):
        load_manifest(tmp_path)


def test_what_is_asked_for_is_given(manifest: Manifest) -> None:
    """Unless the person denies it."""
    assert ((), ("network", "files")) == (denied_permissions(manifest), manifest.metadata().permissions)


def test_what_is_denied_is_remembered_until_it_is_given(manifest: Manifest) -> None:
    """In user.toml, of which nothing else changes."""
    path = manifest.folder / "user.toml"
    path.write_text("# mine\n[plugin]\ndisabled = true\n")
    set_denied(manifest, "files", True)
    set_denied(manifest, "files", True)
    assert '# mine\n[plugin]\ndisabled = true\ndenied = ["files"]\n' == path.read_text()
    set_denied(manifest, "network", True)
    set_denied(manifest, "files", False)
    assert ("network",) == denied_permissions(manifest)
    set_denied(manifest, "network", False)
    assert "# mine\n[plugin]\ndisabled = true\n" == path.read_text()


def test_a_permission_that_is_not_asked_for_cannot_be_denied(manifest: Manifest) -> None:
    """The error tells what is."""
    with pytest.raises(ConfigError, match="it asks for: network, files"):
        set_denied(manifest, "camera", True)


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ('[plugin]\ndenied = ["files", "camera"]', ("files",)),
        ("[user]\nx = 1", ()),
        ('[plugin]\ndenied = "network"', ("network", "files")),
        ("[plugin]\ndenied = [1]", ("network", "files")),
        ("plugin = 1", ("network", "files")),
        ("[plugin", ("network", "files")),
    ],
)
def test_what_cannot_be_understood_is_a_refusal(manifest: Manifest, text: str, denied: tuple[str, ...]) -> None:
    """The person may have meant to deny."""
    (manifest.folder / "user.toml").write_text(text)
    assert denied == denied_permissions(manifest)


# ---- the plugin ----


def test_permissions_cross_to_c_and_back() -> None:
    """As one text with spaces between."""
    metadata = PluginMetadata(id="a", name="A", permissions=("network", "files"))
    assert metadata == convert_ffi_to_metadata(metadata_to_ffi(metadata))


def test_a_plugin_in_c_finds_what_it_was_given(host: Host, plugins: Plugins) -> None:
    """From the next load on, which a reload is."""
    folder = plugins.c("permissions")
    text = (folder / "config.toml").read_text()
    (folder / "config.toml").write_text(text + ASKED)
    host.discover()
    instance = host.load("permissions")
    instance.connect()
    host.deny("permissions", "network")
    before = instance.send("permissions")
    instance = host.reload(instance)
    after = instance.send("permissions")
    host.allow("permissions", "network")
    assert ("network files", "files", "network files") == (
        before,
        after,
        host.reload(instance).send("permissions"),
    )


def test_a_plugin_in_python_finds_what_it_was_given(host: Host, plugins: Plugins) -> None:
    """Also where it was denied before the host looked."""
    folder = plugins.py(TELLS)
    (folder / "config.toml").write_text((folder / "config.toml").read_text() + ASKED)
    (folder / "user.toml").write_text('[plugin]\ndenied = ["files"]\n')
    host.discover()
    instance = host.load("plugin")
    instance.connect()
    assert ["True ('network',)", "False ('network',)"] == [instance.send(name) for name in ("network", "files")]


def test_a_permission_of_a_plugin_that_is_not_there_is_an_error(host: Host, plugins: Plugins) -> None:
    """So is one of a plugin whose manifest is unusable."""
    folder = plugins.folder("broken")
    (folder / "config.toml").write_text("[plugin")
    host.discover()
    with pytest.raises(LoadError, match="there is no such plugin"):
        host.deny("nothing", "network")
    with pytest.raises(ManifestError):
        host.allow("broken", "network")


@pytest.mark.parametrize("language", ["c", "py"])
def test_a_plugin_that_may_not_says_so(language: str, c: Load, py: Load) -> None:
    """As an error of its own kind, with the plugin's words."""
    instance = c("permissions") if language == "c" else py(TELLS)
    with pytest.raises(NotPermitted, match="allow the network first") as caught:
        instance.send("refuse")
    assert (-20, True) == (caught.value.code, isinstance(caught.value, PluginInterfacesError))


def test_connecting_may_not_be_permitted(host: Host, plugins: Plugins) -> None:
    """The same kind of error."""
    plugins.py("""
        from plugin_interfaces import NotPermitted, PluginHandler
        class P(PluginHandler):
            def on_connect(self, context): raise NotPermitted("network", "allow the network first")
    """)
    host.discover()
    with pytest.raises(NotPermitted, match="allow the network first"):
        host.load("plugin").connect()


def test_inspect_shows_what_is_asked_for_and_what_is_given(plugins: Plugins) -> None:
    """For a person, and as JSON."""
    folder = plugins.py(TELLS)
    (folder / "config.toml").write_text((folder / "config.toml").read_text() + ASKED)
    (folder / "user.toml").write_text('[plugin]\ndenied = ["network"]\n')

    def run(*options: str) -> str:
        command = [sys.executable, "-m", "plugin_interfaces.cli", "inspect", str(folder), *options]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    expected = [{"name": "network", "given": False}, {"name": "files", "given": True}]
    assert expected == json.loads(run("--json"))["permissions"]
    lines = [line.split() for line in run().splitlines()]
    assert [["permission", "network", "(denied)"], ["permission", "files", "(given)"]] == [
        line for line in lines if line[:1] == ["permission"]
    ]


def test_what_is_denied_while_a_plugin_is_loaded_stays_denied(
    host: Host, plugins: Plugins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the load had read before is not shown after the decision."""
    plugins.py(TELLS, manifest='permissions = ["network"]\n')
    host.discover()
    denying = threading.Thread(target=host.deny, args=("plugin", "network"))

    def look_again(folder: PluginFolder) -> PluginFolder:
        fresh = look_at(folder.path)
        denying.start()
        denying.join(0.2)  # it has the time to, and must not
        return fresh

    monkeypatch.setattr("plugin_interfaces.host.catalog.look_again", look_again)
    host.load("plugin")
    denying.join(20)
    assert ("network",) == host.find("plugin").denied
