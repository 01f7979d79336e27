"""Widgets that are read: texts, code, links, logs, what fills space and what tells of progress."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from nicegui import ui
from nicegui.element import Element

from ....pluginui import Widget
from ....pluginui.form import NO_SETTINGS
from ..buttons import set_text
from ..markdown import code_block, render
from .base import View, named

_SAFE_SCHEMES: Final = ("http", "https", "mailto")


class _Text(View):
    tag = "p"
    css = "w-label"

    def build(self, widget: Widget) -> Element:
        with ui.element(self.tag).classes(self.css) as element:
            self.text = ui.element("span")
        return element

    def refresh(self, widget: Widget) -> None:
        set_text(self.text, widget.text)


@named("label")
class Label(_Text):
    """Plain text."""

    def refresh(self, widget: Widget) -> None:
        set_text(self.text, self.panel.texts.no_settings if widget.text == NO_SETTINGS else widget.text)


@named("heading")
class Heading(_Text):
    """A heading."""

    tag = "h3"
    css = "w-heading"


@named("error")
class Error(_Text):
    """What is wrong."""

    css = "w-error"

    def build(self, widget: Widget) -> Element:
        element = super().build(widget)
        element.props["role"] = "alert"
        return element


@named("markdown")
class MarkdownText(View):
    """Markdown, without raw HTML."""

    def build(self, widget: Widget) -> Element:
        self.html = ui.html("").classes("rich w-markdown")
        return self.html

    def refresh(self, widget: Widget) -> None:
        self.html.set_content("".join(render(widget.text)))


@named("code")
class Code(View):
    """Code, with the colours of its language."""

    def build(self, widget: Widget) -> Element:
        self.html = ui.html("").classes("rich w-code")
        return self.html

    def refresh(self, widget: Widget) -> None:
        self.html.set_content(code_block(widget.text, widget.language, self.panel.texts.copy))


@named("link")
class Link(View):
    """A link; one that is no address of the web or of mail is shown as text."""

    def build(self, widget: Widget) -> Element:
        element = ui.element("a").classes("w-link")
        element.props.update({"target": "_blank", "rel": "noopener noreferrer"})
        with element:
            self.text = ui.element("span")
        return element

    def refresh(self, widget: Widget) -> None:
        set_text(self.text, widget.text or widget.url)
        if urlsplit(widget.url).scheme.lower() in _SAFE_SCHEMES:
            self.element.props["href"] = widget.url
        else:
            self.element.props.pop("href", None)


@named("log_view")
class LogView(View):
    """Lines of a log; the newest stay in sight."""

    def build(self, widget: Widget) -> Element:
        with ui.element("figure").classes("w-log") as element:
            with ui.element("figcaption"):
                self.caption = ui.element("span")
            # Laid out from its end, so that it stays there while lines come.
            with ui.element("div").classes("log-frame") as self.frame, ui.element("pre"):
                self.text = ui.element("span")
        self.frame.props.update({"role": "log", "tabindex": 0})
        return element

    def refresh(self, widget: Widget) -> None:
        set_text(self.caption, widget.label)
        self.caption.set_visibility(bool(widget.label))
        set_text(self.text, widget.text)
        self.frame.style(f"max-height: {(widget.lines or 10) * 1.5 + 1}em")
        self.frame.props["aria-label"] = widget.label or self.panel.texts.log


@named("separator")
class Separator(View):
    """A line."""

    def build(self, widget: Widget) -> Element:
        return ui.element("hr").classes("w-separator")

    def refresh(self, widget: Widget) -> None:
        """There is nothing to change."""


@named("space")
class Space(View):
    """Nothing, of a height."""

    def build(self, widget: Widget) -> Element:
        return ui.element("div").style("flex: none")

    def refresh(self, widget: Widget) -> None:
        self.element.style(f"height: {widget.points}px")


@named("spinner")
class Spinner(View):
    """Something is going on."""

    def build(self, widget: Widget) -> Element:
        with ui.element("div").classes("w-spinner") as element:
            ui.spinner(size="1.2em").props["aria-hidden"] = "true"
            self.text = ui.element("span")
        element.props["role"] = "status"
        return element

    def refresh(self, widget: Widget) -> None:
        set_text(self.text, widget.label)


@named("progress")
class Progress(View):
    """How far something has come."""

    def build(self, widget: Widget) -> Element:
        with ui.element("div").classes("w-progress") as element:
            with ui.element("div").classes("progress-head"):
                self.text = ui.element("span")
                self.share = ui.element("span")
            self.bar = ui.linear_progress(show_value=False, size="6px").props("rounded instant-feedback")
        return element

    def refresh(self, widget: Widget) -> None:
        set_text(self.text, widget.label)
        set_text(self.share, f"{widget.fraction:.0%}")
        self.bar.set_value(widget.fraction)
        self.bar.props["aria-label"] = widget.label or self.panel.texts.progress
