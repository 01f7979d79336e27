"""The widgets that show and take more than a line of text or a number: tables, tabs, plots, pictures, questions."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from host_support import EventLog, plain, whole
from plugin_interfaces.errors import UiError
from plugin_interfaces.host import Instance
from plugin_interfaces.host.events import ReportEvent
from plugin_interfaces.pluginui import Choice, Frame, Series, Toast, Widget, decode_frame

Load = Callable[..., Instance]

EVERYTHING = """
from array import array
from plugin_interfaces import MessageKind, PluginHandler, Series

class Everything(PluginHandler):
    def __init__(self):
        self.seen = []
        self.asking = False
        self.colours = [("r", "Red"), "green", ("", "None")]
        self.keys = ["A", "B"]
        self.values = {"many": ["green"], "table": "A", "colour": "#102030", "day": "2024-02-29", "file": "/a",
                       "tabs": "one", "answer": None}

    def take(self, key, response):
        if response:
            names = ("clicked", "changed", "submitted", "lost_focus", "hovered")
            self.seen.append([key, *(name for name in names if getattr(response, name))])
        if response.changed:
            self.values[key] = response.value

    def update_ui(self, ui_context, ui, context):
        v = self.values
        ui.code("int x;", "c")
        ui.log_view("log", "one\\ntwo", 5)
        ui.link("there", "https://example.org")
        ui.image("logo", b"\\x89PNG", "image/png", width=36)
        ui.plot("curve", [Series("a", [1, None, 0.5]), Series("b", array("d", [2]), x=(0.25,), style="bars")])
        ui.table("plain", ["Name"], (["x"], ("y",)))
        self.take("table", ui.table("rows", ["Name", "Size"], [["a", "1"], ["b", "2"]][:len(self.keys)],
                                    keys=self.keys, value=v["table"]))
        self.take("many", ui.multi_select("many", v["many"], self.colours))
        self.take("colour", ui.color("colour", v["colour"], hide_label=True))
        self.take("day", ui.date("day", v["day"], "2024-01-01", "2024-12-31"))
        self.take("file", ui.file_pick("file", v["file"], filter=".txt", folder=True))
        with ui.tabs("tabs", v["tabs"], ["one", "two"]) as tab:
            self.take("tabs", tab)
            ui.label(tab.value)
        if ui.button("ask").clicked:
            self.asking = True
            ui.toast("asking", MessageKind.WARNING)
        if self.asking:
            answer = ui.confirm("sure?", "It is gone then.", accept="Delete", dismiss="Keep")
            if answer.clicked:
                self.asking = False
                self.values["answer"] = answer.value
        ui.table("off", ["x"], [["y"]], keys=["k"], enabled=False)

    def handle_message(self, message, context):
        import json
        if message == "fewer":
            self.colours, self.keys = ["r"], ["A"]
        return json.dumps(self.seen if message == "seen" else self.values)
"""


def values(instance: Instance) -> dict[str, Any]:
    """What the plugin holds."""
    found: dict[str, Any] = json.loads(instance.send("values"))
    return found


def test_each_widget_has_the_members_that_it_was_drawn_with(py: Load) -> None:
    """As docs/ui.md says, ids apart."""
    choices = [{"value": "r", "label": "Red"}, {"value": "green", "label": "green"}, {"value": "", "label": "None"}]
    tabs = [{"value": "one", "label": "one"}, {"value": "two", "label": "two"}]
    picture = base64.b64encode(b"\x89PNG").decode()
    source = f"data:image/png;base64,{picture}"
    series = [
        {"name": "a", "y": [1, None, 0.5], "x": None, "style": "line"},
        {"name": "b", "y": [2], "x": [0.25], "style": "bars"},
    ]
    rows = [["a", "1"], ["b", "2"]]
    expected = [
        {"kind": "code", "text": "int x;", "language": "c"},
        {"kind": "log_view", "label": "log", "text": "one\ntwo", "lines": 5},
        {"kind": "link", "text": "there", "url": "https://example.org"},
        {"kind": "image", "label": "logo", "source": source, "width": 36},
        {"kind": "plot", "label": "curve", "series": series},
        {"kind": "table", "label": "plain", "headlines": ["Name"], "rows": [["x"], ["y"]]},
        {
            "kind": "table",
            "label": "rows",
            "value": "A",
            "headlines": ["Name", "Size"],
            "rows": rows,
            "keys": ["A", "B"],
        },
        {"kind": "multi_select", "label": "many", "value": ["green"], "choices": choices},
        {"kind": "color", "label": "colour", "value": "#102030", "hide_label": True},
        {"kind": "date", "label": "day", "value": "2024-02-29", "minimum": "2024-01-01", "maximum": "2024-12-31"},
        {"kind": "file_pick", "label": "file", "value": "/a", "filter": ".txt", "folder": True},
        {
            "kind": "tabs",
            "label": "tabs",
            "value": "one",
            "choices": tabs,
            "children": [{"kind": "label", "text": "one"}],
        },
        {"kind": "button", "label": "ask"},
        {
            "kind": "table",
            "label": "off",
            "value": "",
            "headlines": ["x"],
            "rows": [["y"]],
            "keys": ["k"],
            "enabled": False,
        },
    ]
    assert expected == [plain(child) for child in whole(py(EVERYTHING)).children]


@pytest.mark.parametrize(
    ("label", "key", "value"),
    [
        ("rows", "table", "B"),
        ("many", "many", ["r", "green"]),
        ("many", "many", []),
        ("many", "many", [""]),
        ("colour", "colour", "#ffffff"),
        ("day", "day", "2024-12-31"),
        ("day", "day", ""),
        ("file", "file", "/näu"),
        ("tabs", "tabs", "two"),
    ],
)
def test_a_value_that_the_person_enters_reaches_the_plugin_once(py: Load, label: str, key: str, value: Any) -> None:
    """And the frame that follows shows it."""
    instance = py(EVERYTHING)
    frame = instance.ui_event(whole(instance).find(label), value)
    assert frame.tree is not None
    assert (value, value) == (values(instance)[key], frame.tree.find(label).value)
    instance.ui()
    assert [[key, "changed"]] == json.loads(instance.send("seen"))


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("rows", "C"),
        ("rows", 1),
        ("plain", "x"),
        ("off", "k"),
        ("many", ["blue"]),
        ("many", "r"),
        ("many", ["r\0green"]),
        ("many", [5]),
        ("colour", "red"),
        ("colour", ["#ffffff"]),
        ("day", "2024-02-30"),
        ("day", "2025-01-01"),
        ("file", "a\0b"),
        ("tabs", "three"),
        ("log", "x"),
        ("curve", "x"),
        ("logo", "x"),
    ],
)
def test_a_value_that_the_widget_cannot_have_is_refused(py: Load, label: str, value: Any) -> None:
    """The plugin hears nothing of it."""
    instance = py(EVERYTHING)
    widget = whole(instance).find(label)
    with pytest.raises(UiError):
        instance.ui_event(widget, value)
    assert [] == json.loads(instance.send("seen"))


def test_what_was_chosen_comes_in_the_order_of_the_choices(py: Load) -> None:
    """In whatever order, and however often, the front end names it; a tuple does too."""
    instance = py(EVERYTHING)
    instance.ui_event(whole(instance).find("many"), ("green", "r", "green"))
    assert ["r", "green"] == values(instance)["many"]


@pytest.mark.parametrize(("label", "key", "value"), [("many", "many", ["green"]), ("rows", "table", "B")])
def test_a_choice_that_is_gone_when_the_frame_is_drawn_is_no_change(py: Load, label: str, key: str, value: Any) -> None:
    """The person saw the frame before."""
    instance = py(EVERYTHING)
    widget = whole(instance).find(label)
    before = values(instance)[key]
    instance.send("fewer")
    instance.ui_event(widget, value)
    assert before == values(instance)[key]


def test_two_keys_may_not_be_too_many_or_too_few(py: Load) -> None:
    """The exception is drawn where the table was to be."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context): ui.table("t", ["a"], [["b"]], keys=["c", "d"])
    """)
    assert "there are 1 rows and 2 keys" in whole(instance).children[0].text


# ---- questions ----


@pytest.mark.parametrize("answer", [True, False])
def test_an_answer_is_true_or_false(py: Load, answer: bool) -> None:
    """And with it the question is gone."""
    instance = py(EVERYTHING)
    asked = instance.ui_event(whole(instance).find("ask"), clicked=True)
    assert asked.tree is not None
    frame = instance.ui_event(asked.tree.find("sure?"), answer)
    assert frame.tree is not None
    assert answer is values(instance)["answer"]
    assert "confirm" not in {widget.kind for widget in frame.tree.walk()}


def test_a_question_that_has_no_answer_stays(py: Load) -> None:
    """From frame to frame, with its words."""
    instance = py(EVERYTHING)
    instance.ui_event(whole(instance).find("ask"), clicked=True)
    expected = {"kind": "confirm", "label": "sure?", "text": "It is gone then.", "accept": "Delete", "dismiss": "Keep"}
    assert [expected] * 2 == [plain(whole(instance).find("sure?")) for _ in range(2)]
    assert values(instance)["answer"] is None


def test_a_click_alone_is_no_answer(py: Load) -> None:
    """It does not say which."""
    instance = py(EVERYTHING)
    asked = instance.ui_event(whole(instance).find("ask"), clicked=True)
    assert asked.tree is not None
    with pytest.raises(UiError, match="True or False"):
        instance.ui_event(asked.tree.find("sure?"), clicked=True)


# ---- toasts ----


def test_a_toast_is_in_one_frame(py: Load) -> None:
    """Although the plugin was drawn more often."""
    instance = py(EVERYTHING)
    widget = whole(instance).find("ask")
    frames = [instance.ui_event(widget, clicked=True), instance.ui()]
    assert [[Toast("warning", "asking")], []] == [frame.toasts for frame in frames]


def test_each_drawing_of_a_toast_shows_it(py: Load) -> None:
    """A frame that follows an event is drawn twice, and so is what it draws without asking."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def init_ui(self, creation, ui): ui.toast("thrown away")
            def update_ui(self, ui_context, ui, context):
                ui.button("go")
                ui.toast("again")
    """)
    first = instance.ui()
    assert first.tree is not None
    second = instance.ui_event(first.tree.find("go"), clicked=True, base=first.revision)
    assert ([Toast("normal", "again")], [Toast("normal", "again")] * 2) == (first.toasts, second.toasts)
    assert (first.revision, []) == (second.revision, second.patch)


def test_a_frame_without_toasts_has_none() -> None:
    """As most."""
    assert Frame(revision=1) == decode_frame(b'{"revision": 1}')


# ---- drawing wrongly ----


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("ui.link('a', 'javascript:alert(1)')", "the url begins with https://"),
        ("ui.image('a', b'x', 'text/html')", "the media type is one such as image/png"),
        ("ui.image('a', b'', 'image/png')", "there is no data"),
        ("ui.plot('a', [Series('s', [0.0] * 100001)])", "more than 100000 points"),
        ("ui.plot('a', [Series('s', [1], style='line'), Series('t\\0', [])])", "NUL"),
        ("ui.table('a', ['b\\0'], [])", "column 0 has a NUL byte"),
        ("ui.table('a', ['b'] * 1001, [])", "more than 1000 columns"),
    ],
)
def test_what_cannot_be_shown_is_an_error_in_its_place(py: Load, log: EventLog, call: str, text: str) -> None:
    """What follows is drawn, and the mistake is reported."""
    instance = py(f"""
        from plugin_interfaces import PluginHandler, Series
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                {call}
                ui.label("after")
    """)
    wrong, after = whole(instance).children
    assert ("error", "after") == (wrong.kind, after.text)
    assert text in wrong.text
    assert text in log.wait_for(ReportEvent).text


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("ui.label('\\ud800')", "UnicodeEncodeError"),
        ("ui.label(5)", "TypeError"),
        ("ui.integer('a', 2**63)", "OverflowError"),
        ("ui.radio('a', 'b', [('b',)])", "TypeError: a choice is"),
        ("ui.radio('a', 'b', ['\\udfff'])", "UnicodeEncodeError"),
        ("ui.grid('a', -1).__enter__()", "OverflowError"),
        ("ui.slider('a', 'b', 0, 1)", "TypeError"),
        ("ui.image('a', 'text', 'image/png')", "TypeError"),
        ("ui.plot('a', [Series('s', [1, 2], x=[1])])", "ValueError: x and y of a series have different lengths"),
        ("ui.plot('a', [Series('s', ['x'])])", "TypeError"),
        ("ui.plot('a', [Series('s', [1], style='pie')])", "KeyError"),
        ("ui.table('a', ['b'], [['c', 'd']])", "ValueError: row 0 has 2 cells, and there are 1 columns"),
        ("ui.table('a', ['b'], [[5]])", "TypeError"),
        ("ui.multi_select('a', [], [('b',)])", "TypeError: a choice is"),
        ("ui.toast('a', -1)", "OverflowError"),
        ("ui.date('a', None)", "TypeError"),
        ("ui.tabs('a', 'b', [5]).__enter__()", "TypeError: a choice is"),
        ("ui.code('\\ud800')", "UnicodeEncodeError"),
    ],
)
def test_a_wrong_argument_is_an_exception_in_update_ui(py: Load, call: str, error: str) -> None:
    """It is drawn, and what stood before it stays."""
    instance = py(f"""
        from plugin_interfaces import PluginHandler, Series
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                ui.label("before")
                {call}
    """)
    before, after = whole(instance).children
    assert ("before", "error") == (before.text, after.kind)
    assert error in after.text


def test_tabs_are_ended_when_their_page_raises(py: Load) -> None:
    """So the error stands below them."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                with ui.tabs("a", "b", ["b"]):
                    ui.label("before")
                    raise ValueError("no value")
    """)
    assert ["tabs", "error"] == [child.kind for child in whole(instance).children]


def test_a_frame_is_decoded_with_the_types_of_its_members() -> None:
    """Gaps are None, choices Choice, series Series."""
    tree = {
        "id": "1",
        "kind": "multi_select",
        "value": ["a"],
        "choices": [{"value": "a", "label": "A"}],
        "series": [{"name": "s", "style": "points", "y": [1, None]}],
    }
    frame = decode_frame(json.dumps({"revision": 1, "tree": tree, "toasts": [{"kind": "info", "text": "t"}]}).encode())
    assert frame.tree is not None
    assert ["a"] == frame.tree.value
    assert [Choice("a", "A")] == frame.tree.choices
    assert [Series("s", [1.0, None], style="points")] == frame.tree.series
    assert [Toast("info", "t")] == frame.toasts


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("multi_select", ["a"], "a"),
        ("multi_select", (), [5]),
        ("table", "a", ["a"]),
        ("tabs", "a", True),
        ("color", "a", 5),
        ("date", "", 5.0),
        ("file_pick", "a", False),
        ("confirm", True, "yes"),
        ("confirm", False, [True]),
    ],
)
def test_a_widget_takes_values_of_its_type(kind: str, fits: Any, does_not: Any) -> None:
    """Whether they are among its choices, the core says."""
    widget = Widget(id="1", kind=kind)
    assert (True, False) == (widget.takes(fits), widget.takes(does_not))
