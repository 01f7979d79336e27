"""What tests of the host share: plugins made on the spot, and a listener that can be waited on."""

from __future__ import annotations

import shutil
import subprocess
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import msgspec

from plugin_interfaces.errors import StateError
from plugin_interfaces.host import Host, Instance, build_plugin
from plugin_interfaces.host.events import Event
from plugin_interfaces.pluginui import Widget

ROOT = Path(__file__).parents[1]
SOURCES = Path(__file__).parent / "plugins"
PATIENCE = 20.0

_E = TypeVar("_E", bound=Event)


def compile_plugin(source: Path, target: Path) -> None:
    """Compiles one C file to a plugin's library, with the warnings that a careful author has."""
    options = ["-std=gnu11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-pthread"]
    subprocess.run(
        ["cc", *options, f"-I{ROOT / 'include'}", str(source), "-o", str(target)],
        check=True,
        timeout=60,
    )


def copy_plugin(source: Path, folder: Path) -> Path:
    """A copy of a plugin in a folder, without what a person has set, and compiled where it is in C."""
    copy = folder / source.name
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("user.toml", "__pycache__", "*.so", "*.db"))
    if any(copy.glob("*.c")):
        result = build_plugin(copy, ROOT / "include")
        assert "built" == result.status, f"{copy.name}: {result.message}\n{result.log}"
    return copy


class Plugins:
    """A folder of plugins."""

    def __init__(self, path: Path, compiled: Callable[[str], Path]) -> None:
        self.path = path
        self._compiled = compiled
        path.mkdir(exist_ok=True)

    def c(self, name: str, plugin_id: str | None = None, manifest: str = "") -> Path:
        """The folder of a plugin whose library is compiled from tests/plugins/<name>.c."""
        folder = self.folder(plugin_id or name, "", manifest)
        (folder / f"lib{folder.name}.so").write_bytes(self._compiled(name).read_bytes())
        return folder

    def sample(self, name: str) -> Path:
        """The folder of a copy of a sample in C."""
        return copy_plugin(ROOT / "c_plugins" / name, self.path)

    def py(self, source: str, plugin_id: str = "plugin", manifest: str = "") -> Path:
        """The folder of a plugin in Python."""
        folder = self.folder(plugin_id, 'module = "plugin.py"\n', manifest)
        (folder / "plugin.py").write_text(textwrap.dedent(source))
        return folder

    def folder(self, plugin_id: str, plugin: str = "", manifest: str = "") -> Path:
        """A folder with a config.toml alone: `plugin` goes into its [plugin], `manifest` behind that."""
        folder = self.path / plugin_id
        folder.mkdir()
        text = f'[plugin]\nid = "{plugin_id}"\nname = "Test"\nversion = "1.0.0"\n{plugin}{textwrap.dedent(manifest)}'
        (folder / "config.toml").write_text(text)
        return folder


class EventLog:
    """A listener that keeps all events and can be waited on."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._arrived = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._arrived:
            self.events.append(event)
            self._arrived.notify_all()

    def of(self, kind: type[_E]) -> list[_E]:
        """All of one kind so far."""
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind: type[_E], wanted: Callable[[_E], bool] = lambda _: True) -> _E:
        """The first event of a kind that is wanted, waited for where it has not come; fails after a while."""

        seen = 0
        found: _E | None = None

        def look() -> bool:
            nonlocal seen, found
            while found is None and seen < len(self.events):
                event = self.events[seen]
                seen += 1
                if isinstance(event, kind) and wanted(event):
                    found = event
            return found is not None

        with self._arrived:
            self._arrived.wait_for(look, PATIENCE)
        assert found is not None, f"no such {kind.__name__} came; the last were: {self.events[-10:]}"
        return found


def whole(instance: Instance) -> Widget:
    """The whole tree of an instance's settings."""
    tree = instance.ui().tree
    assert tree is not None
    return tree


def find_widget(instance: Instance, label: str, kind: str = "") -> Widget:
    """The first widget of the settings with a label."""
    return whole(instance).find(label, kind)


def plain(widget: Widget) -> dict[str, Any]:
    """The members of a widget, without ids."""
    members: dict[str, Any] = msgspec.to_builtins(widget)
    del members["id"]
    if "children" in members:
        members["children"] = [plain(child) for child in widget.children]
    return members


def refused_in_listener(host: Host, instance: Instance, call: Callable[[Instance], object]) -> StateError:
    """What a call is refused with that a listener makes, on the thread of the listeners."""
    errors: SimpleQueue[StateError] = SimpleQueue()

    def listener(_: Event) -> None:
        try:
            call(instance)
        except StateError as error:
            errors.put(error)

    remove = host.add_listener(listener)
    instance.send("go")
    error = errors.get(timeout=PATIENCE)
    remove()
    return error
