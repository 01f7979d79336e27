"""The right pane: the settings UI of one contact, as its plugin draws it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from nicegui import background_tasks, ui
from nicegui.element import Element

from ...errors import UiError
from ...pluginui import Frame, UiValue, Widget
from ...pluginui.components import apply_patch
from ..failures import CommandFailed
from ..protocol.commands import GetUi, UiEvent, Upload
from ..session import Session
from .notices import notify
from .texts import Texts
from .widgets import View, view_of

__all__ = ["SettingsPanel"]


_PAGE_SECONDS: Final = 5.0
_Event = tuple[str | bool | int | float | list[str] | None, bool, bool]


class SettingsPanel:
    """Draws frames of one plugin at a time. An element lives as long as its widget; only what changed is touched.

    What the person does goes to the plugin one by one, in order; of what is typed, the latest waits.
    """

    def __init__(self, session: Session, texts: Texts) -> None:
        self.texts = texts
        self.dark = False
        self._session = session
        self._instance_id = ""
        self._tree: Widget | None = None
        self._revision = 0
        self._views: dict[str, View] = {}
        self._waiting: dict[str, _Event] = {}
        self._stale = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.root = ui.element("div").classes("settings-body")
        with self.root:
            self._notice = ui.element("div").classes("pane-notice")
            self._place = ui.element("div").classes("settings-tree")
        self._say(texts.settings_off)

    # ---- which plugin ----

    def show(self, instance_id: str) -> None:
        """From now on the settings of this contact; "" for none."""
        self.close()
        self._instance_id = instance_id
        self._clear()
        if not instance_id:
            self._say(self.texts.settings_off)
            return
        self._say(self.texts.settings_loading)
        self._stale = True
        self._task = background_tasks.create(self._work(instance_id), name="settings")
        self._wake.set()

    def set_dark(self, dark: bool) -> None:
        """The page has become dark, or light; the plugin may draw in another way then."""
        if dark != self.dark:
            self.dark = dark
            self.refresh()

    def close(self) -> None:
        """The page is gone, or shows another contact."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._waiting.clear()
        self._stale = False
        self._wake = asyncio.Event()

    def refresh(self) -> None:
        """The plugin asks to be drawn anew; many wishes are one."""
        self._stale = True
        self._wake.set()

    # ---- what views call ----

    def operate(
        self, widget_id: str, value: UiValue | None = None, *, clicked: bool = False, submitted: bool = False
    ) -> None:
        """Called by views: tells the plugin what the person did; the answer comes back as a frame."""
        before = self._waiting.pop(widget_id, None)
        if before is not None and value is None:
            value = before[0]
        entered = value if value is None or isinstance(value, str | bool | int | float) else list(value)
        self._waiting[widget_id] = (entered, clicked, submitted or (before is not None and before[2]))
        self._wake.set()

    def is_waiting(self, widget_id: str) -> bool:
        """Called by views: whether the plugin has not heard yet of the last that the person did with a widget."""
        return widget_id in self._waiting

    async def upload(self, widget_id: str, name: str, data: bytes) -> None:
        """Called by views: stores a file on the host's side; its path becomes the widget's value."""
        try:
            await self._session.call(Upload(instance_id=self._instance_id, name=name, data=data, widget_id=widget_id))
        except CommandFailed as error:
            notify("error", str(error))
        self.refresh()

    # ---- frames ----

    async def _work(self, instance_id: str) -> None:
        wake = self._wake
        while True:
            await wake.wait()
            wake.clear()
            while self._waiting or self._stale:
                if self._waiting:
                    widget_id = next(iter(self._waiting))
                    value, clicked, submitted = self._waiting.pop(widget_id)
                    await self._step(
                        UiEvent(
                            instance_id=instance_id,
                            widget_id=widget_id,
                            value=value,
                            clicked=clicked,
                            submitted=submitted,
                            revision=self._revision,
                            base=self._revision,
                            dark=self.dark,
                        ),
                        widget_id,
                    )
                else:
                    self._stale = False
                    await self._step(GetUi(instance_id=instance_id, base=self._revision, dark=self.dark), "")

    async def _step(self, command: GetUi | UiEvent, widget_id: str) -> None:
        """Asks for a frame and shows it."""
        with self.root:
            try:
                self.draw(await self._session.call(command))
            except CommandFailed as error:
                # An entry that failed is told where it was asked for; the page and the other widgets go on.
                if self._tree is None:
                    self._fail(str(error))
                else:
                    notify("error", str(error))
            view = self._views.get(widget_id)
            if view is not None and widget_id not in self._waiting:
                view.settle()
            # The next frame is asked for when the page has drawn this one: what comes meanwhile is one frame then.
            with contextlib.suppress(TimeoutError):
                await ui.run_javascript("true", timeout=_PAGE_SECONDS)

    def draw(self, frame: Frame) -> None:
        """Shows a frame; one that does not belong to what is there is asked for anew."""
        for toast in frame.toasts:
            notify(toast.kind, toast.text)
        if frame.tree is not None:
            self._draw_tree(frame.tree)
        elif frame.patch and self._tree is not None:
            try:
                apply_patch(self._tree, frame.patch)
            except UiError:
                self._revision = 0
                self.refresh()
                return
            for change in frame.patch:
                view = self._views.get(change.id)
                if view is not None and change.set is not None:
                    view.update(view.widget)
            for change in frame.patch:
                if change.splice is not None and change.id in self._views:
                    self._arrange(self._views[change.id])
        self._revision = frame.revision
        if self._notice.default_slot.children:
            self._notice.clear()

    def _draw_tree(self, tree: Widget) -> None:
        root = self._views.get(tree.id)
        if root is None:
            self._clear()
            with self._place:
                self._make(tree)
        else:
            self._adopt(root, tree)
        self._tree = tree

    def _make(self, widget: Widget) -> View:
        """The view of a widget and of all below, in the present slot."""
        view = view_of(widget, self)
        self._views[widget.id] = view
        if view.children is not None:
            with view.children:
                for child in widget.children:
                    self._make(child)
        return view

    def _adopt(self, view: View, widget: Widget) -> None:
        """Brings a view to a widget that was drawn again, whole."""
        if _own(view.widget) != _own(widget):
            view.update(widget)
        view.widget = widget
        if view.children is None:
            return
        for child in widget.children:
            known = self._views.get(child.id)
            if known is not None:
                self._adopt(known, child)
        self._arrange(view)

    def _arrange(self, view: View) -> None:
        """Brings the children of a container into the order of its widget; what is not drawn any more goes."""
        place = view.children
        if place is None:
            return
        wanted = {child.id for child in view.widget.children}
        shown = {element.props.get("data-widget"): element for element in place.default_slot.children}
        for widget_id in shown:
            if widget_id not in wanted:
                self._forget(str(widget_id))
        with place:
            views = [self._views.get(child.id) or self._make(child) for child in view.widget.children]
        order: list[Element] = [one.island for one in views]
        if place.default_slot.children != order:
            place.default_slot.children[:] = order
            place.update()

    def _forget(self, widget_id: str) -> None:
        view = self._views.pop(widget_id, None)
        if view is None:
            return
        if view.children is not None:
            for element in list(view.children.default_slot.children):
                self._forget(str(element.props.get("data-widget")))
        self._waiting.pop(widget_id, None)
        view.delete()

    # ---- instead of widgets ----

    def _clear(self) -> None:
        for widget_id in list(self._views):
            if widget_id in self._views:
                self._forget(widget_id)
        self._views.clear()
        self._place.clear()
        self._tree = None
        self._revision = 0

    def _say(self, text: str) -> None:
        self._notice.clear()
        with self._notice:
            ui.label(text)

    def _fail(self, why: str) -> None:
        self._notice.clear()
        with self._notice:
            ui.label(self.texts.settings_failed).classes("notice-title")
            ui.label(why).props["role"] = "alert"
            ui.button(self.texts.try_again, on_click=self.refresh).props("flat no-caps")


def _own(widget: Widget) -> tuple[object, ...]:
    """The members of a widget without its children."""
    return tuple(getattr(widget, field) for field in Widget.__struct_fields__ if field != "children")
