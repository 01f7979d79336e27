"""What tests of the host share: plugins made on the spot, and a listener that can be waited on."""

from __future__ import annotations

import subprocess
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from plugin_interfaces.host.events import Event

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
