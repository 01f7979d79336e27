"""The widgets of plugins in C++."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from plugin_interfaces.host import Host, Instance

Load = Callable[..., Instance]


def values(instance: Instance) -> str:
    """What the plugin has now."""
    return instance.send("?")


UNTOUCHED = "0 1 1.000000 off text a a+c+ #000000 2006-01-31  a  unanswered"


def test_every_widget_is_drawn(cpp: Load) -> None:
    """Of both tiers."""
    tree = cpp("every_widget").ui().tree
    assert tree is not None
    assert {
        *("heading", "label", "markdown", "error", "separator", "space", "spinner", "progress", "button"),
        *("text_edit_singleline", "text_edit_multiline", "integer", "number", "slider", "checkbox", "toggle"),
        *("selectable_value", "radio", "combo_box", "horizontal", "vertical", "grid", "collapsing"),
        *("code", "log_view", "link", "image", "plot", "table", "multi_select", "color", "date", "file_pick"),
        *("tabs", "confirm"),
    } == {widget.kind for widget in tree.walk()}


def test_every_widget_is_drawn_well(cpp: Load) -> None:
    """The one error is the one that is meant."""
    tree = cpp("every_widget").ui().tree
    assert tree is not None
    assert ["error"] == [widget.text for widget in tree.walk() if widget.kind == "error"]


def test_drawing_changes_no_value(cpp: Load) -> None:
    """Nobody did anything."""
    widgets = cpp("every_widget")
    widgets.ui()
    assert UNTOUCHED == values(widgets)


@pytest.mark.parametrize(
    ("label", "value", "field", "shown"),
    [
        ("line", "new", 4, "new"),
        ("password", "secret", 4, "secret"),
        ("area", "area", 4, "area"),
        ("integer", 7, 1, "7"),
        ("number", 2.5, 2, "2.500000"),
        ("slider", 3.5, 2, "3.500000"),
        ("checkbox", True, 3, "on"),
        ("toggle", True, 3, "on"),
        ("selectable", True, 3, "on"),
        ("radio", "b", 5, "b"),
        ("combo", "b", 5, "b"),
        ("several", ["b", "c"], 6, "b+c+"),
        ("several", [], 6, ""),
        ("colour", "#ff8000", 7, "#ff8000"),
        ("day", "2006-02-01", 8, "2006-02-01"),
        ("file", "/tmp/a.txt", 9, "/tmp/a.txt"),
        ("pages", "b", 10, "b"),
        ("table", "b", 11, "b"),
        ("Sure?", True, 12, "yes"),
        ("Sure?", False, 12, "no"),
    ],
)
def test_what_is_entered_is_in_the_variable(
    cpp: Load, label: str, value: str | int | float | list[str], field: int, shown: str
) -> None:
    """And in no other."""
    widgets = cpp("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    widgets.ui_event(tree.find(label), value)
    expected = UNTOUCHED.split(" ")
    expected[field] = shown
    assert " ".join(expected) == values(widgets)


def test_a_button_is_pressed_once(cpp: Load) -> None:
    """The second of two that are told apart by push_id."""
    widgets = cpp("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    buttons = [widget for widget in tree.walk() if widget.kind == "button"]
    widgets.ui_event(buttons[1], clicked=True)
    widgets.ui()
    assert ("1", 2) == (values(widgets).split(" ")[0], len({button.id for button in buttons}))


def test_a_toast_appears_once(cpp: Load) -> None:
    """In the frame that answers."""
    widgets = cpp("every_widget")
    tree = widgets.ui().tree
    assert tree is not None
    toasts = widgets.ui_event(tree.find("Sure?"), True).toasts
    assert [("info", "answered")] == [(toast.kind, toast.text) for toast in toasts]
    assert [] == widgets.ui().toasts


def test_two_instances_share_nothing(host: Host, cpp: Load) -> None:
    """Each has a handler of its own, and they may be used at the same time."""
    cpp("keeps_state")
    other = host.load("keeps_state", "other")
    other.connect()
    threads = [threading.Thread(target=instance.send, args=("x",)) for instance in host.instances]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ["x;y;", "x;y;"] == [instance.send("y") for instance in host.instances]
