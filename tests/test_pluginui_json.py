"""The JSON of frames as another reader takes it: Python's own, strict about strings and exact about numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_interfaces._ffi import fast
from plugin_interfaces.host import Instance

Load = Callable[..., Instance]

FROM_MESSAGE = """
    import json
    from plugin_interfaces import PluginHandler, Series

    class FromMessage(PluginHandler):
        def __init__(self):
            self.texts, self.integers, self.numbers = [], [], []

        def handle_message(self, message, context):
            given = json.loads(message)
            self.texts, self.integers, self.numbers = given["texts"], given["integers"], given["numbers"]

        def update_ui(self, ui_context, ui, context):
            for text in self.texts:
                ui.label(text)
                ui.text_edit_singleline(text, text, hint=text)
            for integer in self.integers:
                ui.integer("integer", integer, integer, integer)
            for number in self.numbers:
                ui.number("number", number, number, number)
            ui.combo_box("choices", "", [(text, text) for text in self.texts])
            ui.table("table", self.texts, [self.texts])
            ui.plot("plot", [Series("numbers", self.numbers)])
"""

# What is near the edge of a word of eight bytes, of what is escaped, and of what has two, three and four bytes.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40) | st.text(
    st.sampled_from('ab"\\/\n\t\x1f\x20\x7f\x80é中😀\u2028'), max_size=40
)
DECIMALS = st.builds(lambda digits, places: digits / 10**places, st.integers(-(10**16), 10**16), st.integers(0, 22))
NUMBERS = st.floats() | DECIMALS
INTEGERS = st.integers(-(2**63), 2**63 - 1)


def drawn(instance: Instance, texts: list[str], integers: list[int], numbers: list[float]) -> list[dict[str, Any]]:
    """The widgets of a frame that shows these."""
    instance.send(json.dumps({"texts": texts, "integers": integers, "numbers": numbers}))
    status, data, text = fast.ui_update(instance.handle, None, 0, 0)
    assert (0, "") == (status, text)
    children: list[dict[str, Any]] = json.loads(data)["tree"]["children"]
    return children


def test_texts_come_through_as_they_are(py: Load) -> None:
    """Whatever is to be escaped."""
    instance = py(FROM_MESSAGE)

    @settings(max_examples=150)
    @given(st.lists(TEXTS, max_size=4))
    def check(texts: list[str]) -> None:
        widgets = drawn(instance, texts, [], [])
        assert texts == [widget["text"] for widget in widgets if widget["kind"] == "label"]
        edits = [widget for widget in widgets if widget["kind"] == "text_edit_singleline"]
        assert [(text, text, text) for text in texts] == [
            (edit["label"], edit["value"], edit.get("hint", "")) for edit in edits
        ]
        choices, table, _ = widgets[2 * len(texts) :]
        assert [{"value": text, "label": text} for text in texts] == choices["choices"]
        assert (texts, [texts] if texts else []) == (table["headlines"], table["rows"])

    check()


def test_numbers_come_through_exactly(py: Load) -> None:
    """Whole numbers of 64 bits, doubles to the last bit; what is no number as null."""
    instance = py(FROM_MESSAGE)

    @settings(max_examples=150)
    @given(st.lists(INTEGERS, max_size=4), st.lists(NUMBERS, max_size=8))
    def check(integers: list[int], numbers: list[float]) -> None:
        *widgets, _, _, plot = drawn(instance, [], integers, numbers)
        assert integers == [widget["value"] for widget in widgets[: len(integers)]]
        expected = [number if math.isfinite(number) else None for number in numbers]
        found = [widget["value"] for widget in widgets[len(integers) :]]
        assert expected == found == plot["series"][0]["y"]

    check()
