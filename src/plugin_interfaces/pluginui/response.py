"""What a plugin in Python learns from each widget that it draws."""

from typing import Final, Generic, TypeVar

import msgspec

from .._abi import ResponseFlag

_V = TypeVar("_V", str, int, float, bool, list[str], None)

# As plain int: arithmetic with members of an IntFlag takes longer than drawing the widget.
_CLICKED: Final = int(ResponseFlag.CLICKED)
_CHANGED: Final = int(ResponseFlag.CHANGED)
_SUBMITTED: Final = int(ResponseFlag.SUBMITTED)
_LOST_FOCUS: Final = int(ResponseFlag.LOST_FOCUS)
_HOVERED: Final = int(ResponseFlag.HOVERED)


class Response(msgspec.Struct, Generic[_V], eq=False, gc=False):
    """What the person did with one widget since the last frame; true where that was anything.

    Attributes:
        id: of the widget.
        value: the value now; where `changed` is false, the one that was passed in.
    """

    _flags: int
    id: int
    value: _V

    def __bool__(self) -> bool:
        return bool(self._flags & ~_HOVERED)

    def __repr__(self) -> str:
        return f"<Response {ResponseFlag(self._flags)!r} value={self.value!r}>"

    @property
    def clicked(self) -> bool:
        """A button was pressed, a choice made, a question answered."""
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
