"""What a plugin in Python draws its settings with: a method for each widget of the C table PluginUiTable."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from .._abi import ResponseFlag, WidgetFlag
from .._ffi import address, fast
from ..types import CData

_V = TypeVar("_V", str, int, float, bool, None)

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1


# As plain int: arithmetic with members of an IntFlag takes longer than drawing the widget.
_CLICKED: Final = int(ResponseFlag.CLICKED)
_CHANGED: Final = int(ResponseFlag.CHANGED)
_SUBMITTED: Final = int(ResponseFlag.SUBMITTED)
_LOST_FOCUS: Final = int(ResponseFlag.LOST_FOCUS)
_HOVERED: Final = int(ResponseFlag.HOVERED)
_DISABLED: Final = int(WidgetFlag.DISABLED)
_PASSWORD: Final = int(WidgetFlag.PASSWORD)


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
        return bool(self._flags & ~_HOVERED)

    def __repr__(self) -> str:
        return f"<Response {ResponseFlag(self._flags)!r} value={self.value!r}>"

    @property
    def clicked(self) -> bool:
        """A button was pressed, a choice made."""
        return bool(self._flags & _CLICKED)

    @property
    def changed(self) -> bool:
        """The value differs from the one passed in."""
        return bool(self._flags & _CHANGED)

    @property
    def submitted(self) -> bool:
        """Enter in a text field."""
        return bool(self._flags & _SUBMITTED)

    @property
    def lost_focus(self) -> bool:
        """The person went on to another widget."""
        return bool(self._flags & _LOST_FOCUS)

    @property
    def hovered(self) -> bool:
        """The pointer is over it."""
        return bool(self._flags & _HOVERED)


def _flags(enabled: bool, password: bool = False) -> int:
    return (0 if enabled else _DISABLED) | (_PASSWORD if password else 0)


class Ui:
    """One frame being drawn; usable until the method that was given it returns.

    The plugin owns the values: it passes the present one, and takes over `response.value` where that has changed. A str
    with a lone surrogate, which has no UTF-8 form, is a UnicodeEncodeError; an int beyond 64 bits an OverflowError.
    """

    __slots__ = ("_ui",)

    def __init__(self, ui: CData) -> None:
        """Takes the PluginUi * that the entry was given; `close` follows before the entry returns."""
        self._ui = address(ui)

    def close(self) -> None:
        """Ends the use of the frame: drawing afterwards is a RuntimeError. Called by the package, not by plugins."""
        self._ui = 0

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
        flags, widget_id = fast.ui_button(self._ui, label, _flags(enabled))
        return Response(flags, widget_id, None)

    def text_edit_singleline(
        self, label: str, value: str, *, hint: str = "", password: bool = False, enabled: bool = True
    ) -> Response[str]:
        """One line of text; `hint` stands in the empty field."""
        return Response(*fast.ui_text_edit_singleline(self._ui, label, value, hint, _flags(enabled, password)))

    def text_edit_multiline(self, label: str, value: str, *, hint: str = "", enabled: bool = True) -> Response[str]:
        """Several lines of text."""
        return Response(*fast.ui_text_edit_multiline(self._ui, label, value, hint, _flags(enabled)))

    def integer(
        self, label: str, value: int, minimum: int = INT_MIN, maximum: int = INT_MAX, *, enabled: bool = True
    ) -> Response[int]:
        """A whole number."""
        return Response(*fast.ui_integer(self._ui, label, value, minimum, maximum, _flags(enabled)))

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
        return Response(*fast.ui_number(self._ui, label, value, minimum, maximum, step, _flags(enabled)))

    def slider(
        self, label: str, value: float, minimum: float, maximum: float, step: float = 0.0, *, enabled: bool = True
    ) -> Response[float]:
        """A number to drag."""
        return Response(*fast.ui_slider(self._ui, label, value, minimum, maximum, step, _flags(enabled)))

    def checkbox(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as a box."""
        return Response(*fast.ui_checkbox(self._ui, label, value, _flags(enabled)))

    def toggle(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as a switch."""
        return Response(*fast.ui_toggle(self._ui, label, value, _flags(enabled)))

    def selectable_value(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as an entry in a list."""
        return Response(*fast.ui_selectable_value(self._ui, label, value, _flags(enabled)))

    def radio(
        self, label: str, value: str, choices: Iterable[tuple[str, str] | str], *, enabled: bool = True
    ) -> Response[str]:
        """One of choices that are all in sight: `(value, label)`, or a text that is both."""
        return Response(*fast.ui_radio(self._ui, label, value, _choices(choices), _flags(enabled)))

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
        return Response(*fast.ui_combo_box(self._ui, label, value, placeholder, _choices(choices), _flags(enabled)))

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


def _choices(choices: Iterable[tuple[str, str] | str]) -> list[tuple[str, str]]:
    """As the native functions take them: (value, label)."""
    return [(choice, choice) if isinstance(choice, str) else choice for choice in choices]
