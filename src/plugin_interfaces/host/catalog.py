"""The plugins that a host finds, and what the person decided about each."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from ..config import denied_permissions, set_denied, set_disabled
from ..errors import LoadError
from .discovery import PluginFolder, discover, look_again, look_at


class Catalog:
    """Folders with plugins. Host is one.

    Attributes:
        plugins: what was found, also what cannot be used, with the reason in `error`.
    """

    def __init__(self, folders: Iterable[Path | str]) -> None:
        """Finds the plugins in `folders`."""
        self._folders = list(folders)
        self.plugins: list[PluginFolder] = []
        self._places: dict[str, int] = {}  # where in `plugins` each id is first
        self._plugins_lock = threading.Lock()  # guards both
        self.discover()

    def discover(self) -> list[PluginFolder]:
        """Looks at the folders again; instances that are loaded stay. Returns the new `plugins`."""
        plugins = discover(self._folders)
        with self._plugins_lock:
            self._show(plugins)
        return plugins

    def _show(self, plugins: list[PluginFolder]) -> None:
        """Under the lock."""
        self.plugins = plugins
        self._places = {}
        for place, folder in enumerate(plugins):
            self._places.setdefault(folder.id, place)

    def find(self, plugin_id: str) -> PluginFolder:
        """The plugin with an id. Errors: LoadError."""
        with self._plugins_lock:
            place = self._places.get(plugin_id)
            if place is not None:
                return self.plugins[place]
            known = ", ".join(folder.id for folder in self.plugins) or "none"
        raise LoadError(f"plugin {plugin_id}", f"there is no such plugin; there are: {known}")

    def enable(self, plugin_id: str) -> None:
        """Lets a plugin be loaded again; remembered in its user.toml. Errors: LoadError, ConfigError."""
        self._set_disabled(plugin_id, False)

    def _set_disabled(self, plugin_id: str, disabled: bool) -> None:
        folder = self.find(plugin_id)
        set_disabled(folder.required_manifest, disabled)
        folder.disabled = disabled

    def deny(self, plugin_id: str, permission: str) -> None:
        """Withdraws a permission that a plugin asks for; remembered in its user.toml.

        Instances that are loaded keep it: it takes effect when the plugin is loaded the next time.

        Errors: LoadError, ConfigError (the plugin does not ask for it).
        """
        self._set_denied(plugin_id, permission, True)

    def allow(self, plugin_id: str, permission: str) -> None:
        """Gives a permission again that was denied; as deny, from the next load on. Errors: LoadError, ConfigError."""
        self._set_denied(plugin_id, permission, False)

    def _set_denied(self, plugin_id: str, permission: str, denied: bool) -> None:
        folder = self.find(plugin_id)
        set_denied(folder.required_manifest, permission, denied)
        folder.denied = denied_permissions(folder.required_manifest)

    def _look_again(self, folder: PluginFolder) -> PluginFolder:
        """The plugin as it is on disk now: it may have been compiled, or changed, since it was found."""
        fresh = look_again(folder)
        if fresh is folder:
            return folder
        if fresh.manifest is None or fresh.manifest.id == folder.id:
            self._put(folder, fresh)
            return fresh
        return folder

    def _replace(self, folder: PluginFolder) -> None:
        """As it is on disk now, also where its id has changed."""
        self._put(folder, look_at(folder.path))

    def _put(self, old: PluginFolder, fresh: PluginFolder) -> None:
        """In its place, where it is still there."""
        with self._plugins_lock:
            place = self._places.get(old.id)
            if place is not None and self.plugins[place] is old and fresh.id == old.id:
                self.plugins[place] = fresh
            else:
                self._show([fresh if other is old else other for other in self.plugins])
