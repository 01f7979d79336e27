"""Words that appear for a moment."""

from __future__ import annotations

from typing import Final

from nicegui import ui

__all__ = ["notify"]

_ICONS: Final = {
    "success": "check_circle",
    "warning": "warning_amber",
    "error": "error_outline",
    "info": "info_outline",
}
_LIMIT: Final = 1000


def notify(kind: str, text: str) -> None:
    """Shows a text for a moment; `kind` is one of MESSAGE_TYPES. An error stays until it is closed.

    To be called in a slot of the page. The same text again is counted, not shown twice.
    """
    ui.notify(
        text if len(text) <= _LIMIT else f"{text[:_LIMIT]}…",
        icon=_ICONS.get(kind),
        position="top",
        timeout=0 if kind == "error" else 4000,
        close_button="✕" if kind == "error" else False,
        classes=f"toast toast-{kind}",
    )
