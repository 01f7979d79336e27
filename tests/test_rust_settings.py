"""The settings of a plugin in Rust, drawn and operated in the real host."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from host_support import EventLog, find_widget
from plugin_interfaces.host import Instance
from plugin_interfaces.host.events import ReportEvent
from rust_support import needs_cargo

pytestmark = needs_cargo


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Name:", "x", 'name: "x"'),
        ("Host:", "y", 'host: "y"'),
        ("Number:", "2", "pick: Some(2)"),
        ("On:", True, "on: true"),
        ("Password", "secret", 'password: "secret"'),
        ("Notes", "a\nb", r'notes: "a\nb"'),
        ("Count", 9, "count: 9"),
        ("Ratio", 0.25, "ratio: 0.25"),
        ("Volume", 50, "volume: 50.0"),
        ("Shout", True, "shout: true"),
        ("Night", True, "night: true"),
        ("Pinned", True, "pinned: true"),
        ("Colour", "blue", 'colour: "blue"'),
        ("Language", "zh", 'language: "zh"'),
        ("Files", "b", 'row: "b"'),
        ("Fruits", ["apple", "fig"], 'fruits: ["apple", "fig"]'),
        ("Paint", "#336699", 'paint: "#336699"'),
        ("Day", "2026-06-30", 'day: "2026-06-30"'),
        ("File", "/tmp/a.txt", 'file: "/tmp/a.txt"'),
        ("Folder", "/tmp", 'folder: "/tmp"'),
        ("Pages", "two", 'tab: "two"'),
    ],
)
def test_each_widget_is_operated(rust: Callable[..., Instance], label: str, value: object, told: str) -> None:
    """And the plugin's own variable has the value."""
    instance = rust("draws")
    instance.ui_event(find_widget(instance, label), value)  # type: ignore[arg-type]
    assert told in instance.send("values")


def test_a_button_is_pressed_once(rust: Callable[..., Instance]) -> None:
    """In exactly one frame."""
    instance = rust("draws")
    frame = instance.ui_event(find_widget(instance, "Press"), clicked=True)
    instance.ui()
    assert ("pressed", True) == (frame.toasts[0].text, "presses: 1," in instance.send("values"))


def test_a_question_is_answered(rust: Callable[..., Instance]) -> None:
    """And is gone afterwards."""
    instance = rust("draws")
    instance.ui_event(find_widget(instance, "Ask"), clicked=True)
    frame = instance.ui_event(find_widget(instance, "Sure?"), True)
    assert frame.tree is not None
    assert (False, True) == (
        any(widget.label == "Sure?" for widget in frame.tree.walk()),
        "said: Some(true)" in instance.send("values"),
    )


def test_the_name_of_a_widget_is_the_label_before_it(rust: Callable[..., Instance]) -> None:
    """It is there for the id and for who cannot see, and is not shown twice."""
    assert find_widget(rust("draws"), "Name:", "text_edit_singleline").hide_label


def test_what_is_disabled_cannot_be_pressed(rust: Callable[..., Instance]) -> None:
    """The widget says so."""
    assert not find_widget(rust("draws"), "Never").enabled


def test_ids_stay_when_rows_come(rust: Callable[..., Instance]) -> None:
    """A button of a row is the same after more rows have come."""
    instance = rust("draws")
    before = find_widget(instance, "Delete").id
    instance.send("rows 50")
    assert before == find_widget(instance, "Delete").id


def test_no_mistake_is_reported_of_a_frame_with_every_widget(rust: Callable[..., Instance], log: EventLog) -> None:
    """The binding keeps the rules of the table."""
    instance = rust("draws")
    instance.ui()
    instance.send("values")
    assert [] == log.of(ReportEvent)


def test_a_frame_that_looks_the_same_keeps_its_revision(rust: Callable[..., Instance]) -> None:
    """Labels have the ids that they had, so nothing travels."""
    instance = rust("draws")
    first = instance.ui()
    second = instance.ui(first.revision)
    assert (first.revision, []) == (second.revision, second.patch)
