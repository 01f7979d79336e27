"""The settings UI of one instance: drawn by its plugin, or from the manifest where the plugin draws none."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from .._abi import Entry, ResponseFlag, State
from .._ffi import fast, surrogate_error
from ..errors import ClosedError, StateError, UiError, error_from_status
from ..pluginui import Frame, UiValue, Widget, decode_frame, draw_form
from ..pluginui.components import Change
from ..pluginui.form import form_value, key_of
from .calls import call_entry

if TYPE_CHECKING:
    from .instance import Instance

_Entered: TypeAlias = "tuple[str, int, float]"
"""A value as the core takes it: as text, as integer, as real number."""

_CoreEvent: TypeAlias = "tuple[int, int, int, int, float, str]"
"""As `fast.ui_update` takes it: id, revision, flags, integer, number, text."""


class Settings:
    """What `ui` and `ui_event` of an instance do; it says which errors."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._form_lock = threading.Lock()
        self._form_revision = 0
        self._form_drawn: list[dict[str, Any]] = []  # the widgets of the last form

    @property
    def _what(self) -> str:
        return f"plugin {self._instance.id}, settings"

    def draw(self, base: int, *, dark: bool) -> Frame:
        """The whole tree, or what changed since the revision `base`."""
        return self._form(base) if self._has_form() else self._update(None, base, dark=dark)

    def tell(
        self,
        widget: Widget | str | int,
        value: UiValue | None,
        *,
        clicked: bool,
        submitted: bool,
        revision: int,
        base: int,
        dark: bool,
    ) -> Frame:
        """Tells of what the person did with a widget, and draws anew."""
        number = widget.number if isinstance(widget, Widget) else int(widget, 16) if isinstance(widget, str) else widget
        if isinstance(widget, Widget):
            self._check(widget, value, clicked=clicked)
        entered = ("", 0, 0.0) if value is None else self._entered(value)
        if self._has_form():
            if value is not None:
                self._set(number, value)
            return self._form(base)
        flags = (ResponseFlag.CLICKED if clicked else 0) | (ResponseFlag.SUBMITTED if submitted else 0)
        if value is not None:
            flags |= ResponseFlag.CHANGED
        text, integer, real = entered
        return self._update((number, revision, int(flags), integer, real, text), base, dark=dark)

    def _check(self, widget: Widget, value: UiValue | None, *, clicked: bool) -> None:
        if value is None and clicked and widget.kind == "confirm":
            raise UiError(self._what, "a confirm is answered with True or False")
        if value is not None and not widget.takes(value):
            raise UiError(self._what, f"a {widget.kind} takes no {type(value).__name__}")

    def _entered(self, value: UiValue) -> _Entered:
        if isinstance(value, str):
            return value, 0, 0.0
        if isinstance(value, bool | int | float):
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise UiError(self._what, f"{value} is more than a whole number of 64 bits can be")
            return "", int(value) if -(2**63) <= value < 2**63 else 0, float(value)
        if any("\0" in item for item in value):
            raise UiError(self._what, "a value that is chosen has no NUL")
        return "".join(f"{item}\0" for item in value), 0, 0.0

    def _update(self, event: _CoreEvent | None, base: int, *, dark: bool) -> Frame:
        update = functools.partial(fast.ui_update, self._instance.handle, event, int(dark), base)
        try:
            status, data, text = call_entry(self._instance, "settings", update)
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what, error) from None
        if status < 0:
            failure = error_from_status(status, self._what, text)
            if isinstance(failure, ClosedError | StateError):
                raise failure
            raise UiError(failure.what, failure.message, status)
        return decode_frame(data)

    # ---- the form ----

    def _has_form(self) -> bool:
        """Whether the host draws for it; one that is gone is left to the core, which says so."""
        instance = self._instance
        return instance.state in (State.MOUNTED, State.CONNECTED) and not instance.has(Entry.UPDATE_UI)

    def _set(self, number: int, value: UiValue) -> None:
        manifest = self._instance.folder.manifest
        fields = manifest.config if manifest else {}
        key = key_of(fields, f"{number:016x}")
        self._instance.config.set(key, form_value(fields[key], value))

    def _form(self, base: int) -> Frame:
        """As the core does it for a plugin that draws: an unchanged form keeps its revision."""
        manifest = self._instance.folder.manifest
        fields = manifest.config if manifest else {}
        with self._form_lock:
            tree = draw_form(fields, self._instance.config.all())
            last, self._form_drawn = self._form_drawn, msgspec.to_builtins(list(tree.children))
            # There are always the same widgets: those of the manifest.
            changed = [drawn for drawn, before in zip(self._form_drawn, last, strict=False) if drawn != before]
            known = base == self._form_revision != 0
            if changed or not last:
                self._form_revision += 1
            if known:
                patch = [Change(id=widget["id"], set=widget) for widget in changed]
                return Frame(revision=self._form_revision, base=base, patch=patch)
            return Frame(revision=self._form_revision, tree=tree)
