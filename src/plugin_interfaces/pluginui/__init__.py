"""The settings UI: what plugins draw with (Ui, Response), and what front ends are given (Frame, Widget)."""

from .components import Choice, Frame, Widget, apply_patch, decode_frame
from .context import Context, CreationContext, Theme
from .form import draw_form
from .ui import Response, Ui

__all__ = [
    "Choice",
    "Context",
    "CreationContext",
    "Frame",
    "Response",
    "Theme",
    "Ui",
    "Widget",
    "apply_patch",
    "decode_frame",
    "draw_form",
]
