"""What the drawing methods of a plugin are told about the front end."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ..context import PluginInstanceContext


class Theme(StrEnum):
    """How the front end looks."""

    LIGHT = "light"
    DARK = "dark"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """One frame.

    Attributes:
        frame_count: frames of this instance so far.
        time: seconds since the instance was made.
        dark: the front end shows a dark theme.
    """

    frame_count: int
    time: float
    dark: bool = False

    @property
    def theme(self) -> Theme:
        """The front end's theme."""
        return Theme.DARK if self.dark else Theme.LIGHT


class CreationContext:
    """What init_ui is given."""

    def __init__(self, plugin: PluginInstanceContext, dark: bool = False) -> None:
        self.plugin = plugin
        self.theme = Theme.DARK if dark else Theme.LIGHT
