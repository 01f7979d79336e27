"""A drawn frame as front ends work with it: the tree of widgets, and patches from one revision to the next.

docs/ui.md describes the JSON; it is decoded here and checked on the way.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from ..errors import UiError

_TEXTS: Final = (
    *("text_edit_singleline", "text_edit_multiline", "radio", "combo_box"),
    *("table", "tabs", "color", "date", "file_pick"),
)
_NUMBERS: Final = ("integer", "number", "slider")
_SWITCHES: Final = ("checkbox", "toggle", "selectable_value", "confirm")

UiValue: TypeAlias = str | bool | int | float | Sequence[str]
"""What a person can enter; which of these, the kind of the widget says."""

SeriesStyle: TypeAlias = Literal["line", "points", "bars"]


class Choice(msgspec.Struct, frozen=True):
    """One choice of a radio, combo_box, multi_select or of tabs: what the plugin works with, what the person reads."""

    value: str
    label: str


class Series(msgspec.Struct):
    """One series of a plot. None, and a float that is not finite, is a gap.

    Attributes:
        name: what the person reads.
        y: the values.
        x: where they stand, as many; None means 0, 1, 2 and so on.
        style: how they are drawn.
    """

    name: str
    y: Sequence[float | None]
    x: Sequence[float | None] | None = None
    style: SeriesStyle = "line"


class Widget(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One widget of a frame; which members it has depends on its kind. What it has none of is an empty sequence.

    Attributes:
        id: 16 hexadecimal digits, the same from frame to frame.
        kind: as the functions of PluginUiTable are named, without `begin_`.
        value: of what is operated: str, int, float, bool or a list of str, as the kind says.
        filled: of a password: there is a value, which does not travel.
        lines: of a log_view: about how many are in sight; 0: as the front end likes.
        source: of an image: a "data:" URL.
        width: of an image, in points; 0 for its own.
        headlines: of the columns of a table.
        keys: of the rows of a table; empty where they cannot be chosen.
        folder: of a file_pick: a folder is picked.
        children: of vertical, horizontal, grid, collapsing and tabs.
    """

    id: str
    kind: str
    text: str = ""
    label: str = ""
    value: str | bool | int | float | list[str] | None = None
    hint: str = ""
    placeholder: str = ""
    tooltip: str = ""
    enabled: bool = True
    hide_label: bool = False
    password: bool = False
    filled: bool = False
    open: bool = False
    points: float = 0.0
    fraction: float = 0.0
    columns: int = 0
    minimum: float | int | str | None = None
    maximum: float | int | str | None = None
    step: float | None = None
    language: str = ""
    lines: int = 0
    url: str = ""
    source: str = ""
    width: float = 0.0
    filter: str = ""
    folder: bool = False
    accept: str = ""
    dismiss: str = ""
    choices: Sequence[Choice] = ()
    series: Sequence[Series] = ()
    headlines: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    keys: Sequence[str] = ()
    children: Sequence["Widget"] = ()

    @property
    def number(self) -> int:
        """The id as the number that events carry."""
        return int(self.id, 16)

    def takes(self, value: UiValue) -> bool:
        """Whether a value is of the type that this kind of widget has; a whole float is a whole number too."""
        if not isinstance(value, str | bool | int | float):
            return self.kind == "multi_select" and all(isinstance(item, str) for item in value)
        if self.kind in _SWITCHES:
            return isinstance(value, bool) or value in (0, 1)
        if self.kind in _NUMBERS:
            whole = (
                self.kind != "integer" or isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            )
            return whole and not isinstance(value, bool | str)
        return self.kind in _TEXTS and isinstance(value, str)

    def walk(self) -> Iterator["Widget"]:
        """This widget and all below it, in the order of drawing."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, label: str, kind: str = "") -> "Widget":
        """The first widget with a label, of a kind where one is given. Errors: UiError."""
        for widget in self.walk():
            if widget.label == label and kind in ("", widget.kind):
                return widget
        raise UiError("settings", f"there is no {kind or 'widget'} {label!r}")


class Toast(msgspec.Struct, frozen=True):
    """A word that appears for a moment; `kind` is one of MESSAGE_TYPES."""

    kind: str
    text: str


class Change(msgspec.Struct, kw_only=True):
    """One step of a patch; see docs/ui.md."""

    id: str
    set: dict[str, Any] | None = None
    splice: tuple[int, int, list[Any]] | None = None


class Frame(msgspec.Struct, kw_only=True):
    """One revision of the settings: whole (`tree`), or as what changed since the revision `base` (`patch`).

    `toasts` are to be shown once, whatever else the frame brings.
    """

    revision: int
    tree: Widget | None = None
    base: int = 0
    patch: list[Change] | None = None
    toasts: list[Toast] = []


_frame_decoder = msgspec.json.Decoder(Frame)


def decode_frame(data: bytes) -> Frame:
    """A frame from its JSON. Errors: UiError."""
    try:
        return _frame_decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise UiError("settings", f"the frame cannot be read: {error}") from None


def _unfit(why: str) -> UiError:
    return UiError("settings", f"the patch does not belong to this frame: {why}; ask for the whole tree")


def apply_patch(tree: Widget, patch: list[Change]) -> Widget:
    """The tree that a patch makes of `tree`, which is changed.

    Errors: UiError where they do not belong together; `tree` may have been changed in part then.
    """
    widgets = {widget.id: widget for widget in tree.walk()}

    def take(item: Any) -> Widget:
        if not isinstance(item, str):
            return msgspec.convert(item, Widget)
        if item not in widgets:
            raise _unfit(f"{item} is not there")
        return widgets[item]

    try:
        for change in patch:
            widget = take(change.id)
            if change.set is not None:
                fresh = msgspec.convert(change.set, Widget)
                for field in Widget.__struct_fields__:
                    if field != "children":
                        setattr(widget, field, getattr(fresh, field))
            if change.splice is not None:
                start, count, items = change.splice
                if not 0 <= start <= start + count <= len(widget.children):
                    raise _unfit(f"{widget.id} has no children {start} to {start + count}")
                put = [take(item) for item in items]
                widget.children = [*widget.children[:start], *put, *widget.children[start + count :]]
                for item in put:
                    widgets.update((below.id, below) for below in item.walk())
    except msgspec.ValidationError as error:
        raise _unfit(str(error)) from None
    return tree
