"""The settings UI: what plugins draw with (Ui, Response), and what front ends are given (Frame, Widget)."""

from .components import Choice, Frame, Series, Toast, UiValue, Widget, apply_patch, decode_frame
from .context import Context, CreationContext, Theme
from .form import draw_form
from .response import Response
from .ui import Ui

__all__ = [
    "Choice",
    "Context",
    "CreationContext",
    "Frame",
    "Response",
    "Series",
    "Theme",
    "Toast",
    "Ui",
    "UiValue",
    "Widget",
    "apply_patch",
    "decode_frame",
    "draw_form",
]
