"""What the views of all kinds of widgets have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

from nicegui import ui
from nicegui.element import Element

from ....pluginui import UiValue, Widget
from ..texts import Texts

__all__ = ["Stack", "View", "named", "view_of"]


class Panel(Protocol):
    """What a view needs of the panel that it stands in."""

    @property
    def texts(self) -> Texts:
        """What the page itself says, in the language of the browser."""

    @property
    def dark(self) -> bool:
        """Whether the page is dark."""

    def operate(
        self, widget_id: str, value: UiValue | None = None, *, clicked: bool = False, submitted: bool = False
    ) -> None:
        """Tells the plugin what the person did; the answer comes back as a frame."""

    def is_waiting(self, widget_id: str) -> bool:
        """Whether the plugin has not heard yet of the last that the person did with a widget."""

    async def upload(self, widget_id: str, name: str, data: bytes) -> None:
        """Stores a file on the host's side; its path becomes the widget's value."""


class Island(Element, component="island.js"):
    """Holds a widget's element, so that a change of that is no business of others; see island.js."""


class Stack(Element, component="stack.js"):
    """Holds the islands of a container's children; see stack.js."""


class View(ABC):
    """One widget on the page. It lives as long as the plugin draws the widget: the elements are never made anew.

    Attributes:
        widget: as it was drawn last.
        island: what stands on the page.
        element: the widget's own, in there.
        children: where the elements of a container's children go; None for all others.
    """

    def __init__(self, widget: Widget, panel: Panel) -> None:
        self.widget = widget
        self.panel = panel
        self.children: Element | None = None
        self.island = Island()
        self.island.props["data-widget"] = widget.id
        with self.island:
            self.element = self.build(widget)
        self._tooltip: ui.tooltip | None = None
        self.refresh(widget)
        self._dress(widget)

    @abstractmethod
    def build(self, widget: Widget) -> Element:
        """Makes the element; what may change later is put into it by `refresh`, which follows."""

    def update(self, widget: Widget) -> None:
        """The plugin drew it in another way."""
        self.widget = widget
        # What is drawn now is older than what the person sees; the answer to that follows, and is settled.
        if not self.panel.is_waiting(widget.id):
            self.refresh(widget)
        self._dress(widget)

    @abstractmethod
    def refresh(self, widget: Widget) -> None:
        """Puts what may have changed into the element."""

    def settle(self) -> None:
        """What the person did has been answered: what is shown is what the plugin has."""
        self.refresh(self.widget)

    def operate(self, value: UiValue | None = None, *, clicked: bool = False, submitted: bool = False) -> None:
        """Tells the plugin what the person did with this widget."""
        self.panel.operate(self.widget.id, value, clicked=clicked, submitted=submitted)

    def enable(self, enabled: bool) -> None:
        """Lets the person operate it, or not."""
        if self.element.props.get("disable", False) != (not enabled):
            self.element.props["disable"] = not enabled

    def _dress(self, widget: Widget) -> None:
        self.enable(widget.enabled)
        if widget.tooltip and self._tooltip is None:
            with self.element:
                self._tooltip = ui.tooltip(widget.tooltip).classes("hint")
        elif self._tooltip is not None and self._tooltip.text != widget.tooltip:
            self._tooltip.set_text(widget.tooltip)
            self._tooltip.set_visibility(bool(widget.tooltip))

    def delete(self) -> None:
        """Takes it off the page."""
        self.island.delete()


_KINDS: Final[dict[str, type[View]]] = {}


def named(*kinds: str) -> Callable[[type[View]], type[View]]:
    """Says which kinds of widgets a class shows."""

    def register(view: type[View]) -> type[View]:
        _KINDS.update(dict.fromkeys(kinds, view))
        return view

    return register


@named("")
class Unknown(View):
    """A kind that a newer core has: its text and its label at least."""

    def build(self, widget: Widget) -> Element:
        self.label = ui.label().classes("w-label")
        return self.label

    def refresh(self, widget: Widget) -> None:
        self.label.set_text(widget.text or widget.label)


def view_of(widget: Widget, panel: Panel) -> View:
    """The view of a widget, made in the present slot."""
    return _KINDS.get(widget.kind, Unknown)(widget, panel)
