"""What a plugin in Python draws its settings with: a method for each widget of the C table PluginUiTable."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

from .._abi import MessageKind, ResponseFlag, SeriesStyle, WidgetFlag
from .._ffi import address, fast
from ..types import CData
from .components import Series
from .response import Response

Choices: TypeAlias = Iterable[tuple[str, str] | str]
"""Choices as `(value, label)`, or a text that is both."""

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1


# As plain int: arithmetic with members of an IntFlag takes longer than drawing the widget.
_CHANGED: Final = int(ResponseFlag.CHANGED)
_DISABLED: Final = int(WidgetFlag.DISABLED)
_PASSWORD: Final = int(WidgetFlag.PASSWORD)
_HIDE_LABEL: Final = int(WidgetFlag.HIDE_LABEL)
_FOLDER: Final = int(WidgetFlag.FOLDER)

_NOT_A_NUMBER: Final = float("nan")


def _flags(enabled: bool, hide_label: bool = False) -> int:
    return (0 if enabled else _DISABLED) | (_HIDE_LABEL if hide_label else 0)


class Ui:
    """One frame being drawn; usable until the method that was given it returns.

    The plugin owns the values: it passes the present one, and takes over `response.value` where that has changed. A str
    with a lone surrogate, which has no UTF-8 form, is a UnicodeEncodeError; an int beyond 64 bits an OverflowError.
    A label that is hidden is still there for who cannot see, and for the widget's id.
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

    def code(self, text: str, language: str = "") -> None:
        """Code, in a language such as "c"."""
        fast.ui_code(self._ui, text, language)

    def log_view(self, label: str, text: str, rows: int = 0) -> None:
        """A log, of which about `rows` lines are in sight, the last ones to begin with; 0: as the front end likes."""
        fast.ui_log_view(self._ui, label, text, rows)

    def link(self, text: str, url: str) -> None:
        """A link to an "https://", "http://" or "mailto:" URL."""
        fast.ui_link(self._ui, text, url)

    def image(self, label: str, data: bytes | bytearray | memoryview, media_type: str, *, width: float = 0.0) -> None:
        """A picture: the bytes of a file of a type such as "image/png"; `width` in points, 0 for the picture's own.

        `label` is for who cannot see it.
        """
        fast.ui_image(self._ui, label, media_type, data, width)

    def plot(self, label: str, series: Iterable[Series]) -> None:
        """Series over common axes."""
        fast.ui_plot(self._ui, label, [_series(one) for one in series])

    def toast(self, text: str, kind: int = MessageKind.NORMAL) -> None:
        """A word that appears for a moment, once for each call; `kind` is a MessageKind."""
        fast.ui_toast(self._ui, kind, text)

    # ---- what is operated ----

    def button(self, label: str, *, enabled: bool = True) -> Response[None]:
        """Something to press."""
        return Response(*fast.ui_button(self._ui, label, _flags(enabled)))

    def text_edit_singleline(
        self,
        label: str,
        value: str,
        *,
        hint: str = "",
        password: bool = False,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[str]:
        """One line of text; `hint` stands in the empty field."""
        flags = _flags(enabled, hide_label) | (_PASSWORD if password else 0)
        return Response(*fast.ui_text_edit_singleline(self._ui, label, value, hint, flags))

    def text_edit_multiline(
        self, label: str, value: str, *, hint: str = "", enabled: bool = True, hide_label: bool = False
    ) -> Response[str]:
        """Several lines of text."""
        return Response(*fast.ui_text_edit_multiline(self._ui, label, value, hint, _flags(enabled, hide_label)))

    def integer(
        self,
        label: str,
        value: int,
        minimum: int = INT_MIN,
        maximum: int = INT_MAX,
        *,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[int]:
        """A whole number."""
        return Response(*fast.ui_integer(self._ui, label, value, minimum, maximum, _flags(enabled, hide_label)))

    def number(
        self,
        label: str,
        value: float,
        minimum: float = float("-inf"),
        maximum: float = float("inf"),
        step: float = 0.0,
        *,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[float]:
        """A number."""
        flags = _flags(enabled, hide_label)
        return Response(*fast.ui_number(self._ui, label, value, minimum, maximum, step, flags))

    def slider(
        self,
        label: str,
        value: float,
        minimum: float,
        maximum: float,
        step: float = 0.0,
        *,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[float]:
        """A number to drag."""
        flags = _flags(enabled, hide_label)
        return Response(*fast.ui_slider(self._ui, label, value, minimum, maximum, step, flags))

    def checkbox(self, label: str, value: bool, *, enabled: bool = True, hide_label: bool = False) -> Response[bool]:
        """On or off, as a box."""
        return Response(*fast.ui_checkbox(self._ui, label, value, _flags(enabled, hide_label)))

    def toggle(self, label: str, value: bool, *, enabled: bool = True, hide_label: bool = False) -> Response[bool]:
        """On or off, as a switch."""
        return Response(*fast.ui_toggle(self._ui, label, value, _flags(enabled, hide_label)))

    def selectable_value(self, label: str, value: bool, *, enabled: bool = True) -> Response[bool]:
        """On or off, as an entry in a list."""
        return Response(*fast.ui_selectable_value(self._ui, label, value, _flags(enabled)))

    def radio(
        self, label: str, value: str, choices: Choices, *, enabled: bool = True, hide_label: bool = False
    ) -> Response[str]:
        """One of choices that are all in sight: `(value, label)`, or a text that is both."""
        return Response(*fast.ui_radio(self._ui, label, value, _choices(choices), _flags(enabled, hide_label)))

    def combo_box(
        self,
        label: str,
        value: str,
        choices: Choices,
        *,
        placeholder: str = "",
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[str]:
        """One of choices in a list that opens; `placeholder` is shown while none is chosen."""
        flags = _flags(enabled, hide_label)
        return Response(*fast.ui_combo_box(self._ui, label, value, placeholder, _choices(choices), flags))

    def multi_select(
        self, label: str, value: Iterable[str], choices: Choices, *, enabled: bool = True, hide_label: bool = False
    ) -> Response[list[str]]:
        """Any of the choices; `value` are those that are chosen. What the person chose comes in the choices' order."""
        before = list(value)
        chosen = set(before)
        pairs = _choices(choices)
        selected = [pair[0] in chosen for pair in pairs]
        flags, widget_id, now = fast.ui_multi_select(self._ui, label, pairs, selected, _flags(enabled, hide_label))
        after = [pair[0] for pair, on in zip(pairs, now, strict=True) if on] if flags & _CHANGED else before
        return Response(flags, widget_id, after)

    def table(
        self,
        label: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        keys: Iterable[str] | None = None,
        value: str = "",
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[str]:
        """Rows of text under the headlines `columns`.

        With `keys`, one for each row, a row can be chosen; `value` is the key of the present one. Errors: ValueError
        where a row has another length than the columns, or the keys than the rows.
        """
        cells: list[str] = []
        for number, row in enumerate(rows):
            if len(row) != len(columns):
                raise ValueError(f"row {number} has {len(row)} cells, and there are {len(columns)} columns")
            cells.extend(row)
        given = None if keys is None else list(keys)
        flags = _flags(enabled, hide_label)
        return Response(*fast.ui_table(self._ui, label, list(columns), cells, given, value, flags))

    def color(self, label: str, value: str, *, enabled: bool = True, hide_label: bool = False) -> Response[str]:
        """A colour, as "#rrggbb"; empty where there is none."""
        return Response(*fast.ui_color(self._ui, label, value, _flags(enabled, hide_label)))

    def date(
        self,
        label: str,
        value: str,
        minimum: str = "",
        maximum: str = "",
        *,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[str]:
        """A day, as "2006-01-31", which is what `date.isoformat` gives; empty where there is none."""
        return Response(*fast.ui_date(self._ui, label, value, minimum, maximum, _flags(enabled, hide_label)))

    def file_pick(
        self,
        label: str,
        value: str,
        *,
        filter: str = "",
        folder: bool = False,
        enabled: bool = True,
        hide_label: bool = False,
    ) -> Response[str]:
        """A file of the host's machine, by its path, or a folder; `filter` is such as ".png,.jpg"."""
        flags = _flags(enabled, hide_label) | (_FOLDER if folder else 0)
        return Response(*fast.ui_file_pick(self._ui, label, value, filter, flags))

    def confirm(self, title: str, text: str = "", *, accept: str = "", dismiss: str = "") -> Response[bool]:
        """A question in front of all else, as long as it is drawn; `clicked` once it was answered, with the `value`.

        `accept` and `dismiss` are the words on the buttons, the front end's own where they are empty.
        """
        return Response(*fast.ui_confirm(self._ui, title, text, accept, dismiss))

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
    def tabs(
        self, label: str, value: str, choices: Choices, *, enabled: bool = True, hide_label: bool = False
    ) -> Iterator[Response[str]]:
        """Pages, of which one is in sight: the block draws that one alone, the one of the response's value.

        with ui.tabs("Pages", self.page, ["one", "two"]) as tab:
            self.page = tab.value
        """
        response: Response[str] = Response(
            *fast.ui_begin_tabs(self._ui, label, value, _choices(choices), _flags(enabled, hide_label))
        )
        try:
            yield response
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


def _choices(choices: Choices) -> list[tuple[str, str]]:
    """As the native functions take them: (value, label)."""
    return [(choice, choice) if isinstance(choice, str) else choice for choice in choices]


def _series(series: Series) -> tuple[str, bytes | None, bytes, int]:
    """As the native functions take it: arrays of doubles."""
    x = None if series.x is None else _doubles(series.x)
    return series.name, x, _doubles(series.y), SeriesStyle[series.style.upper()]


def _doubles(values: Sequence[float | None]) -> bytes:
    return array("d", [_NOT_A_NUMBER if value is None else value for value in values]).tobytes()
