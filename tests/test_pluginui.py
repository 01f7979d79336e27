"""The settings UI in Python: frames as front ends read them, patches, and the widgets that plugins draw."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_support import EventLog, plain, whole
from plugin_interfaces._abi import ResponseFlag
from plugin_interfaces.errors import PluginFailed, UiError
from plugin_interfaces.host import Instance
from plugin_interfaces.host.events import ReportEvent
from plugin_interfaces.pluginui import Choice, Response, Widget, apply_patch, decode_frame

Load = Callable[..., Instance]

# ---- frames as JSON ----

A, B, C = (f"{number:016x}" for number in (10, 11, 12))
ROOT = f"{1:016x}"


def tree(*children: dict[str, Any]) -> Widget:
    """A root with children, through JSON."""
    root = {"id": ROOT, "kind": "vertical", "children": list(children)}
    frame = decode_frame(json.dumps({"revision": 1, "tree": root}).encode())
    assert frame.tree is not None
    return frame.tree


def patched(start: Widget, *changes: dict[str, Any]) -> Widget:
    """`start` after a patch, through JSON."""
    frame = decode_frame(json.dumps({"revision": 2, "base": 1, "patch": list(changes)}).encode())
    assert frame.patch is not None
    return apply_patch(start, frame.patch)


def button(widget_id: str, label: str = "go") -> dict[str, Any]:
    return {"id": widget_id, "kind": "button", "label": label}


def test_a_frame_is_decoded_to_widgets() -> None:
    """Members that are left out have their defaults."""
    choices = [{"value": "r", "label": "Red"}]
    frame = tree({"id": A, "kind": "combo_box", "label": "Colour", "value": "r", "choices": choices, "enabled": False})
    widget = Widget(id=A, kind="combo_box", label="Colour", value="r", choices=[Choice("r", "Red")], enabled=False)
    assert [widget] == frame.children


def test_a_member_that_is_not_known_is_ignored() -> None:
    """A newer core may write more."""
    assert [Widget(id=A, kind="button", label="go")] == tree({**button(A), "colour": "red"}).children


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"revision": "1"}', b'{"revision": 1, "tree": {"id": 5}}', b"\xff"]
)
def test_what_is_no_frame_is_an_error(data: bytes) -> None:
    """With the reason in its text."""
    with pytest.raises(UiError, match="cannot be read"):
        decode_frame(data)


def test_a_widget_is_found_by_its_label() -> None:
    """And by its kind where two have the same label."""
    root = tree(button(A, "x"), {"id": B, "kind": "toggle", "label": "x", "value": True})
    assert (A, B) == (root.find("x").id, root.find("x", "toggle").id)
    with pytest.raises(UiError, match="there is no slider 'x'"):
        root.find("x", "slider")


def test_set_replaces_all_members_but_the_children() -> None:
    """A member that is not set any more has its default again."""
    start = tree({"id": A, "kind": "horizontal", "tooltip": "old", "children": [button(B)]})
    result = patched(start, {"id": A, "set": {"id": A, "kind": "horizontal", "enabled": False}})
    inner = Widget(id=B, kind="button", label="go")
    assert [Widget(id=A, kind="horizontal", enabled=False, children=[inner])] == result.children


def test_splice_replaces_children() -> None:
    """By new widgets, and by some that were there."""
    start = tree(button(A), button(B))
    result = patched(start, {"id": ROOT, "splice": [0, 2, [B, button(C)]]})
    assert [B, C] == [child.id for child in result.children]


def test_a_change_may_follow_in_a_widget_that_was_just_put_in() -> None:
    """Changes are applied in their order."""
    result = patched(tree(), {"id": ROOT, "splice": [0, 0, [button(A)]]}, {"id": A, "set": button(A, "stop")})
    assert ["stop"] == [child.label for child in result.children]


@pytest.mark.parametrize(
    "change",
    [
        {"id": B, "set": button(B)},
        {"id": ROOT, "splice": [0, 1, [B]]},
        {"id": ROOT, "splice": [0, 2, []]},
        {"id": ROOT, "splice": [-1, 1, []]},
        {"id": ROOT, "splice": [1, -1, []]},
        {"id": ROOT, "splice": [0, 0, [{"kind": "button"}]]},
        {"id": A, "set": {"label": 5}},
    ],
)
def test_a_patch_for_another_tree_is_an_error(change: dict[str, Any]) -> None:
    """It says to ask for the whole tree."""
    with pytest.raises(UiError, match="ask for the whole tree"):
        patched(tree(button(A)), change)


# ---- responses ----


def test_a_response_is_true_where_something_was_done() -> None:
    """The pointer being over it is not that."""
    flags = [0, ResponseFlag.HOVERED, ResponseFlag.CLICKED, ResponseFlag.LOST_FOCUS | ResponseFlag.HOVERED]
    assert [False, False, True, True] == [bool(Response(flag, 1, None)) for flag in flags]


@pytest.mark.parametrize("name", ["clicked", "changed", "submitted", "lost_focus", "hovered"])
def test_a_response_has_a_property_for_each_flag(name: str) -> None:
    """Each tells of its own flag alone."""
    flag = ResponseFlag[name.upper()]
    assert (True, False) == (getattr(Response(flag, 1, ""), name), getattr(Response(~flag & 31, 1, ""), name))


# ---- drawn by a plugin ----

EVERYTHING = """
from plugin_interfaces import PluginHandler

class Everything(PluginHandler):
    def __init__(self):
        self.seen = []
        self.values = {"text": "a", "area": "b", "integer": 1, "number": 0.5, "slider": 2.0, "box": False,
                       "toggle": True, "item": False, "radio": "r", "combo": ""}

    def take(self, key, response):
        if response:
            names = ("clicked", "changed", "submitted", "lost_focus", "hovered")
            self.seen.append([key, *(name for name in names if getattr(response, name))])
        if response.changed:
            self.values[key] = response.value

    def update_ui(self, ui_context, ui, context):
        v = self.values
        colours = [("r", "Red"), "green"]
        ui.heading("Heading")
        ui.markdown("*text*")
        ui.error("wrong")
        ui.separator()
        ui.space(6)
        ui.spinner("busy")
        ui.progress("done", 0.25)
        with ui.grid("grid", 2):
            self.take("button", ui.button("button"))
            ui.tooltip("press it")
            self.take("text", ui.text_edit_singleline("text", v["text"], hint="hint"))
        with ui.collapsing("more", open=True), ui.horizontal(), ui.vertical():
            self.take("area", ui.text_edit_multiline("area", v["area"]))
        self.take("integer", ui.integer("integer", v["integer"], -5, 5))
        self.take("number", ui.number("number", v["number"]))
        self.take("slider", ui.slider("slider", v["slider"], 0, 10, 0.5))
        self.take("box", ui.checkbox("box", v["box"]))
        self.take("toggle", ui.toggle("toggle", v["toggle"]))
        self.take("item", ui.selectable_value("item", v["item"]))
        self.take("radio", ui.radio("radio", v["radio"], colours))
        self.take("combo", ui.combo_box("combo", v["combo"], colours, placeholder="none"))
        ui.button("off", enabled=False)

    def handle_message(self, message, context):
        import json
        return json.dumps(self.seen if message == "seen" else self.values)
"""


def test_each_widget_has_the_members_that_it_was_drawn_with(py: Load) -> None:
    """As docs/ui.md says, ids apart."""

    choices = [{"value": "r", "label": "Red"}, {"value": "green", "label": "green"}]
    area = {"kind": "text_edit_multiline", "label": "area", "value": "b"}
    row = {"kind": "horizontal", "children": [{"kind": "vertical", "children": [area]}]}
    expected = [
        {"kind": "heading", "text": "Heading"},
        {"kind": "markdown", "text": "*text*"},
        {"kind": "error", "text": "wrong"},
        {"kind": "separator"},
        {"kind": "space", "points": 6.0},
        {"kind": "spinner", "label": "busy"},
        {"kind": "progress", "label": "done", "fraction": 0.25},
        {
            "kind": "grid",
            "label": "grid",
            "columns": 2,
            "children": [
                {"kind": "button", "label": "button", "tooltip": "press it"},
                {"kind": "text_edit_singleline", "label": "text", "value": "a", "hint": "hint"},
            ],
        },
        {"kind": "collapsing", "label": "more", "open": True, "children": [row]},
        {"kind": "integer", "label": "integer", "value": 1, "minimum": -5, "maximum": 5},
        {"kind": "number", "label": "number", "value": 0.5},
        {"kind": "slider", "label": "slider", "value": 2, "minimum": 0, "maximum": 10, "step": 0.5},
        {"kind": "checkbox", "label": "box", "value": False},
        {"kind": "toggle", "label": "toggle", "value": True},
        {"kind": "selectable_value", "label": "item", "value": False},
        {"kind": "radio", "label": "radio", "value": "r", "choices": choices},
        {"kind": "combo_box", "label": "combo", "value": "", "placeholder": "none", "choices": choices},
        {"kind": "button", "label": "off", "enabled": False},
    ]
    assert expected == [plain(child) for child in whole(py(EVERYTHING)).children]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("text", "näu\U0001f600"),
        ("area", "two\nlines"),
        ("integer", -5),
        ("number", -1e300),
        ("slider", 10.0),
        ("box", True),
        ("toggle", False),
        ("item", True),
        ("radio", "green"),
        ("combo", "r"),
    ],
)
def test_a_value_that_the_person_enters_reaches_the_plugin_once(py: Load, label: str, value: Any) -> None:
    """And the frame that follows shows it."""
    instance = py(EVERYTHING)
    frame = instance.ui_event(whole(instance).find(label), value)
    assert frame.tree is not None
    assert (value, value) == (json.loads(instance.send("values"))[label], frame.tree.find(label).value)
    instance.ui()
    assert [[label, "changed"]] == json.loads(instance.send("seen"))


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("integer", 6),
        ("integer", 2**63),
        ("integer", 1.5),
        ("integer", "3"),
        ("number", float("nan")),
        ("number", float("inf")),
        ("box", 2),
        ("box", "true"),
        ("slider", 10.5),
        ("radio", "Red"),
        ("combo", ""),
        ("text", "a\0b"),
        ("text", 5),
        ("button", "x"),
        ("off", None),
    ],
)
def test_a_value_that_the_widget_cannot_have_is_refused(py: Load, label: str, value: Any) -> None:
    """The plugin hears nothing of it."""
    instance = py(EVERYTHING)
    widget = whole(instance).find(label)
    with pytest.raises(UiError):
        instance.ui_event(widget, value, clicked=True)
    assert [] == json.loads(instance.send("seen"))


@pytest.mark.parametrize("how", ["gone", "disabled"])
def test_an_event_that_no_widget_has_seen_is_told(py: Load, how: str) -> None:
    """The front end had a frame in which it could be done; the plugin has changed its mind since."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            how = ""
            def handle_message(self, message, context):
                self.how = message
                return ""
            def update_ui(self, ui_context, ui, context):
                if self.how != "gone":
                    ui.button("Go", enabled=self.how != "disabled")
    """)
    button = whole(instance).find("Go")
    instance.send(how)
    with pytest.raises(UiError, match="nothing was done"):
        instance.ui_event(button, clicked=True)


def test_enter_in_a_text_is_told_with_the_change(py: Load) -> None:
    """One event, one frame."""
    instance = py(EVERYTHING)
    instance.ui_event(whole(instance).find("text"), "new", submitted=True)
    assert [["text", "changed", "submitted"]] == json.loads(instance.send("seen"))


def test_a_container_is_ended_when_its_block_raises(py: Load, log: EventLog) -> None:
    """So the error stands below it, and nothing is reported but the exception."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                with ui.horizontal(), ui.push_id(1):
                    ui.label("before")
                    raise ValueError("no value")
    """)
    assert ["horizontal", "error"] == [child.kind for child in whole(instance).children]
    report = log.wait_for(ReportEvent)
    assert "no value" in report.text


# ---- patches of the core make the same tree ----

DRAWN = """
import json
from plugin_interfaces import PluginHandler

class Drawn(PluginHandler):
    layout = []

    def handle_message(self, message, context):
        self.layout = json.loads(message)
        return ""

    def update_ui(self, ui_context, ui, context):
        self.draw(ui, self.layout)

    def draw(self, ui, nodes):
        for kind, text, children in nodes:
            if kind == "label":
                ui.label(text)
            elif kind == "button":
                ui.button(text)
            elif kind == "edit":
                ui.text_edit_singleline(text, text * 2)
            elif kind == "multi_select":
                ui.multi_select(text, [text], ["a", "b"])
            elif kind == "table":
                ui.table("table", [text], [[text]] * len(text))
            elif kind == "tabs":
                with ui.tabs("tabs", text, ["a", "b", "c"]):
                    self.draw(ui, children)
            elif kind == "horizontal":
                with ui.horizontal():
                    self.draw(ui, children)
            elif kind == "collapsing":
                with ui.collapsing(text):
                    self.draw(ui, children)
            else:
                with ui.push_id(text):
                    self.draw(ui, children)
"""

_texts = st.sampled_from(["a", "b", "c", '\u00e9\n"\\\u2028'])
_leaves = st.tuples(st.sampled_from(["label", "button", "edit", "multi_select", "table"]), _texts, st.just([]))
_nodes = st.recursive(
    _leaves,
    lambda inner: st.tuples(
        st.sampled_from(["horizontal", "collapsing", "push_id", "tabs"]), _texts, st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


def test_a_patch_makes_of_the_last_tree_the_next(py: Load) -> None:
    """Whatever the plugin draws, and no two widgets have one id."""
    instance = py(DRAWN)

    @settings(max_examples=150)
    @given(st.lists(st.lists(_nodes, max_size=6), min_size=2, max_size=4))
    def check(layouts: list[Any]) -> None:
        frame = instance.ui()
        for layout in layouts:
            assert frame.tree is not None
            before = copy.deepcopy(frame.tree)
            instance.send(json.dumps(layout))
            change = instance.ui(frame.revision)
            assert change.patch is not None
            frame = instance.ui()
            assert frame.tree is not None
            assert frame.tree == apply_patch(before, change.patch)
            ids = [widget.id for widget in frame.tree.walk()]
            assert len(ids) == len(set(ids))

    check()


# ---- drawing wrongly ----


def test_a_frame_that_was_kept_draws_nothing_any_more(py: Load) -> None:
    """An error says where to draw, instead of a write to memory that is gone."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context): self.kept = ui
            def handle_message(self, message, context): self.kept.label("late")
    """)
    instance.ui()
    with pytest.raises(PluginFailed, match="this frame has ended"):
        instance.send("x")


def test_a_text_with_a_nul_leaves_the_value_as_it_was(py: Load) -> None:
    """An error is drawn in the widget's place."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                values = [ui.text_edit_singleline("a", "x\\0y").value, ui.integer("b\\0", 7).value]
                values += [ui.toggle("b\\0", True).value, ui.slider("b\\0", 0.5, 0, 1).value]
                ui.label(repr(values))
    """)
    children = whole(instance).children
    assert ["error"] * 4 == [child.kind for child in children[:4]]
    assert repr(["x\0y", 7, True, 0.5]) == children[4].text


def test_a_mistake_in_the_frame_that_sees_the_event_is_reported_once(py: Load, log: EventLog) -> None:
    """Although another frame, without it, follows before the front end is given one."""
    instance = py("""
        from plugin_interfaces import PluginHandler
        class P(PluginHandler):
            def update_ui(self, ui_context, ui, context):
                pressed = ui.button("go")
                for _ in range(2 if pressed else 1):
                    with ui.push_id("row"):
                        ui.label("x")
    """)
    instance.ui_event(whole(instance).find("go"), clicked=True)
    found = log.wait_for(ReportEvent)
    assert 'push_id: "row" was used twice under one parent; give each row a key of its own' == found.text
    assert 1 == len(log.of(ReportEvent))
