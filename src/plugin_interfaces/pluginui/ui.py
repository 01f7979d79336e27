"""What a plugin in Python draws its settings with: a method for each widget of the C table PluginUiTable."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from .._abi import ResponseFlag, WidgetFlag
from .._ffi import NULL, ffi, text_from_c, text_to_c
from ..types import CData

_V = TypeVar("_V", str, int, float, bool, None)

_texts_of: WeakKeyDictionary[CData, object] = WeakKeyDictionary()

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1


class Response(Generic[_V]):
    """What the person did with one widget since the last frame; true where that was anything.

    Attributes:
        id: of the widget.
        value: the value now; where `changed` is false, the one that was passed in.
    """

    __slots__ = ("_flags", "id", "value")

    def __init__(self, flags: int, widget_id: int, value: _V) -> None:
        self._flags = flags
        self.id = widget_id
        self.value: _V = value

    def __bool__(self) -> bool:
        return bool(self._flags & ~ResponseFlag.HOVERED)

    def __repr__(self) -> str:
        return f"<Response {ResponseFlag(self._flags)!r} value={self.value!r}>"

    @property
    def clicked(self) -> bool:
        """A button was pressed, a choice made."""
        return bool(self._flags & ResponseFlag.CLICKED)

    @property
    def changed(self) -> bool:
        """The value differs from the one passed in."""
        return bool(self._flags & ResponseFlag.CHANGED)

    @property
    def submitted(self) -> bool:
        """Enter in a text field."""
        return bool(self._flags & ResponseFlag.SUBMITTED)

    @property
    def lost_focus(self) -> bool:
        """The person went on to another widget."""
        return bool(self._flags & ResponseFlag.LOST_FOCUS)

    @property
    def hovered(self) -> bool:
        """The pointer is over it."""
        return bool(self._flags & ResponseFlag.HOVERED)


def _flags(enabled: bool, password: bool = False) -> int:
    return (0 if enabled else WidgetFlag.DISABLED) | (WidgetFlag.PASSWORD if password else 0)


class Ui:
    """One frame being drawn; usable until the method that was given it returns.

    The plugin owns the values: it passes the present one, and takes over `response.value` where that has changed.
    """

    __slots__ = ("_response", "_table", "_ui")

    def __init__(self, ui: CData) -> None:
        self._ui = ui
        self._table = ui.table
        self._response = ffi.new("PluginResponse *")

    def _reset(self) -> CData:
        response = self._response
        response.struct_size = ffi.sizeof("PluginResponse")
        response.flags = 0
        response.id = 0
        response.integer = 0
        response.number = 0.0
        response.text.data = NULL
        response.text.length = 0
        return response

    # ---- texts ----

    def heading(self, text: str) -> None:
        """A headline."""
        fast.ui_heading(self._ui, text)

    def label(self, text: str) -> None:
        """Plain text."""
        fast.ui_label(self._ui, text)

    def markdown(self, text: str) -> None:
        """CommonMark without HTML."""
        fast.ui_markdown(self._ui, text)

    def error(self, text: str) -> None:
        """Something that is wrong."""
        fast.ui_error(self._ui, text)

    def separator(self) -> None:
        """A line."""
        fast.ui_separator(self._ui)

    def space(self, points: float) -> None:
        """A gap, in 1/72 inch."""
        fast.ui_space(self._ui, points)

    def spinner(self, label: str = "") -> None:
        """Work of unknown length."""
        fast.ui_spinner(self._ui, label)

    def progress(self, label: str, fraction: float) -> None:
        """Work that is done to `fraction`, 0 to 1."""
        fast.ui_progress(self._ui, label, fraction)

    def tooltip(self, text: str) -> None:
        """An explanation for the widget drawn last."""
        fast.ui_tooltip(self._ui, text)

    # ---- what is operated ----

    def button(self, label: str, *, enabled: bool = True) -> Response[None]:
        """Something to press."""
        fast.ui_button(self._ui, label, _flags(enabled), response)
        return Response(response.flags, response.id, None)

    def text_edit_singleline(
        self, label: str, value: str, *, hint: str = "", password: bool = False, enabled: bool = True
    ) -> Response[str]:
        """One line of text; `hint` stands in the empty field."""
        fast.ui_text_edit_singleline(self._ui, label, value, hint, _flags(enabled, password), response
        )
        return self._text(response, value)

    def text_edit_multiline(self, label: str, value: str, *, hint: str = "", enabled: bool = True) -> Response[str]:
        """Several lines of text."""
        fast.ui_text_edit_multiline(self._ui, label, value, hint, _flags(enabled), response
        )
        return self._text(response, value)

    def integer(
        self, label: str, value: int, minimum: int = INT_MIN, maximum: int = INT_MAX, *, enabled: bool = True
    ) -> Response[int]:
        """A whole number."""
        fast.ui_integer(self._ui, label, value, minimum, maximum, _flags(enabled), response)
        return Response(response.flags, response.id, int(response.integer))

    def number(
        self,
        label: str,
        value: float,
        minimum: float = float("-inf"),
        maximum: float = float("inf"),
        step: float = 0.0,
        *,
        enabled: bool = True,
    ) -> Response[float]:
        """A number."""
        fast.ui_number(self._ui, label, value, minimum, maximum, step, _flags(enabled), response)
        return Response(response.flags, response.id, float(response.number))

    def slider(
        self, label: str, value: float, minimum: float, maximum: float, step: float = 0.0, *, enabled: bool = True
    ) -> Response[float]:
        """A number to drag."""
        fast.ui_slider(self._ui, label, value, minimum, maximum, step, _flags(enabled), response)
        return Response(response.flags, response.id, float(response.number))

    def checkbox(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as a box."""
        return self._switch("checkbox", label, value, enabled)

    def toggle(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as a switch."""
        return self._switch("toggle", label, value, enabled)

    def selectable_value(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as an entry in a list."""
        return self._switch("selectable_value", label, value, enabled)

    def radio(
        self, label: str, value: str, choices: Iterable[tuple[str, str] | str], *, enabled: bool = True
    ) -> Response[str]:
        """One of choices that are all in sight: `(value, label)`, or a text that is both."""
        array = _choices(choices)
        fast.ui_radio(self._ui, label, value, array, len(array), _flags(enabled), response)
        return self._text(response, value)

    def combo_box(
        self,
        label: str,
        value: str,
        choices: Iterable[tuple[str, str] | str],
        *,
        placeholder: str = "",
        enabled: bool = True,
    ) -> Response[str]:
        """One of choices in a list that opens; `placeholder` is shown while none is chosen."""
        array = _choices(choices)
        fast.ui_combo_box(self._ui,
            label,
            value,
            placeholder,
            array,
            len(array),
            _flags(enabled),
            response,
        )
        return self._text(response, value)

    def _switch(self, kind: str, label: str, value: bool, enabled: bool) -> Response[bool]:
        getattr(self._table, kind)(self._ui, label, int(value), _flags(enabled), response)
        return Response(response.flags, response.id, bool(response.integer))

    def _text(self, response: CData, value: str) -> Response[str]:
        changed = response.flags & ResponseFlag.CHANGED
        return Response(response.flags, response.id, text_from_c(response.text) if changed else value)

    # ---- containers ----

    @contextmanager
    def horizontal(self) -> Iterator[None]:
        """What is drawn inside stands side by side."""
        fast.ui_begin_horizontal(self._ui)
        try:
            yield
        finally:
            fast.ui_end(self._ui)

    @contextmanager
    def vertical(self) -> Iterator[None]:
        """What is drawn inside stands one below the other."""
        fast.ui_begin_vertical(self._ui)
        try:
            yield
        finally:
            fast.ui_end(self._ui)

    @contextmanager
    def grid(self, label: str, columns: int) -> Iterator[None]:
        """What is drawn inside fills the rows of `columns` columns."""
        fast.ui_begin_grid(self._ui, label, columns)
        try:
            yield
        finally:
            fast.ui_end(self._ui)

    @contextmanager
    def collapsing(self, label: str, open: bool = False) -> Iterator[None]:
        """What is drawn inside folds under a headline; `open` counts for the first time."""
        fast.ui_begin_collapsing(self._ui, label, WidgetFlag.OPEN if open else 0)
        try:
            yield
        finally:
            fast.ui_end(self._ui)

    @contextmanager
    def push_id(self, key: str | int) -> Iterator[None]:
        """Puts a name into the ids of what is drawn inside: for loops whose rows look alike."""
        fast.ui_push_id(self._ui, str(key))
        try:
            yield
        finally:
            fast.ui_pop_id(self._ui)


def _choices(choices: Iterable[tuple[str, str] | str]) -> CData:
    """A `PluginChoice[]`. It holds the texts' pointers alone, so the texts are kept as long as it lives."""
    pairs = [(choice, choice) if isinstance(choice, str) else choice for choice in choices]
    texts = [(value, label) for value, label in pairs]
    array = ffi.new("PluginChoice[]", len(texts))
    for index, (value, label) in enumerate(texts):
        array[index].value = value
        array[index].label = label
    _texts_of[array] = texts
    return array
