"""The settings of a plugin in a terminal: what is shown, and what the person's answers do."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from plugin_interfaces.cli.settings import edit_settings
from plugin_interfaces.host import Instance

Load = Callable[..., Instance]
Edit = Callable[..., str]


@pytest.fixture
def edit(py: Load, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Draws widgets with the lines of a method, answers as told, and gives what was printed, without prompts."""

    def edit(draw: str, *answers: str, values: dict[str, Any] | None = None) -> str:
        body = "\n".join(f"        {line}" for line in draw.splitlines())
        instance = py(f"""
import json
from plugin_interfaces import MessageKind, PluginHandler, Series

class Panel(PluginHandler):
    asking = True
    values = {values or {}!r}

    def update_ui(self, ui_context, ui, context):
        v = self.values
{body}

    def handle_message(self, message, context):
        return json.dumps(self.values)
""")
        left = iter(answers)

        def answer(*_: object) -> str:
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr("builtins.input", answer)
        printed = io.StringIO()
        edit_settings(instance, Console(file=printed, no_color=True, highlight=False, soft_wrap=True))
        if values is not None:
            values.update(json.loads(instance.send("values")))
        assert [] == list(left), "not all answers were asked for"
        return printed.getvalue()

    return edit


PROMPT = "Number to change, Enter to leave: "


def shown(printed: str) -> list[str]:
    """The lines of the first frame."""
    return printed.split(PROMPT)[0].splitlines()


# ---- what is shown ----


def test_rows_of_a_table_are_aligned(edit: Edit) -> None:
    """Also where a character takes two columns."""
    printed = edit('ui.table("Files", ["Name", "Size"], [["中文", "1"], ["b", "22"]])', "")
    assert ["   Files", "     Name  Size", "     中文  1", "     b     22"] == shown(printed)


def test_rows_that_can_be_chosen_are_numbered(edit: Edit) -> None:
    """And the present one is marked."""
    printed = edit('ui.table("Files", ["Name"], [["a"], ["b"]], keys=["A", "B"], value="B")', "")
    assert [" 1 Files", "          Name", "       1  a", "     > 2  b"] == shown(printed)


def test_a_long_table_is_cut(edit: Edit) -> None:
    """With a word about the rest."""
    printed = edit('ui.table("t", ["n"], [[str(n)] for n in range(103)])', "")
    assert "     … 3 more rows" == shown(printed)[-1]


@pytest.mark.parametrize(
    ("draw", "lines"),
    [
        ('ui.code("int x;\\nint y;", "c")', ["   │ int x;", "   │ int y;"]),
        ('ui.log_view("Log", "a\\nb\\nc", 2)', ["   Log", "   │ b", "   │ c"]),
        ('ui.link("there", "https://example.org")', ["   there <https://example.org>"]),
        ('ui.image("Logo", b"12345", "image/png")', ["   [image: Logo, 5 bytes]"]),
        ('ui.plot("Load", [Series("a", [1, 2, None, 3])])', ["   Load", "     a ▁▅ █ 1 … 3"]),
        ('ui.plot("Load", [Series("a", [5, 5]), Series("b", [])])', ["   Load", "     a ▅▅ 5", "     b (no values)"]),
        ('ui.color("Colour", "#102030")', [" 1 ■ Colour: #102030"]),
        ('ui.date("Day", "")', [" 1 Day: (empty)"]),
        ('ui.file_pick("File", "/a")', [" 1 File: /a"]),
        ('ui.multi_select("Many", ["b"], [("a", "A"), ("b", "B")])', [" 1 Many: B"]),
        ('ui.multi_select("Many", [], ["a"])', [" 1 Many: (none)"]),
        ('ui.integer("Port:", 8080)', [" 1 Port: 8080"]),
        ('ui.label("Port:")\nui.integer("Port:", 8080, hide_label=True)', ["   Port:", " 1 8080"]),
        ('ui.label("Network")\nui.integer("Port:", 8080, hide_label=True)', ["   Network", " 1 Port: 8080"]),
        ('ui.label("Loud")\nui.checkbox("Loud", True, hide_label=True)', ["   Loud", " 1 [x]"]),
        ('ui.label("a\\x1b[31mb")', ["   a␛[31mb"]),
        ('ui.table("t", ["a\\tb"], [["c\\nd"]])', ["   t", "     a b", "     c␊d"]),
    ],
)
def test_a_widget_has_its_lines(edit: Edit, draw: str, lines: list[str]) -> None:
    """What is operated has a number; what could harm a terminal is made visible."""
    assert lines == shown(edit(draw, ""))


def test_a_plot_of_many_values_is_a_sketch_of_means(edit: Edit) -> None:
    """At most forty characters."""
    printed = edit('ui.plot("p", [Series("", list(range(1000)))])', "")
    sketch = shown(printed)[1].split()[0]
    assert (40, "▁", "█") == (len(sketch), sketch[0], sketch[-1])


def test_tabs_show_the_present_page(edit: Edit) -> None:
    """Further in than their line."""
    draw = 'with ui.tabs("", "a", [("a", "A"), ("b", "B")]) as tab: ui.label(tab.value)'
    assert [" 1 [A] | B", "     a"] == shown(edit(draw, ""))


def test_without_colours_no_control_character_is_printed(edit: Edit) -> None:
    """As when the output is piped."""
    draw = 'ui.color("c", "#ff0000")\nui.heading("h")\nui.link("l", "http://x")\nui.toast("t", MessageKind.ERROR)'
    assert "\x1b" not in edit(draw, "")


# ---- what is operated ----


@pytest.mark.parametrize(
    ("draw", "answers", "expected"),
    [
        ('ui.table("t", ["n"], [["a"], ["b"]], keys=["A", "B"], value=v["x"])', ["1", "2", ""], "B"),
        ('ui.table("t", ["n"], [["a"], ["b"]], keys=["A", "B"], value=v["x"])', ["1", "A", ""], "A"),
        ('ui.color("c", v["x"])', ["1", " #0a0b0c ", ""], "#0a0b0c"),
        ('ui.date("d", v["x"])', ["1", "2024-02-29", ""], "2024-02-29"),
        ('ui.file_pick("f", v["x"])', ["1", "/a b", ""], "/a b"),
        ('ui.radio("r", v["x"], [("a", "A"), "b"])', ["1", "A", ""], "a"),
        ('ui.combo_box("r", v["x"], ["a", "b"])', ["1", "2", ""], "b"),
        ('ui.text_edit_singleline("t", v["x"])', ["1", "new", ""], "new"),
    ],
)
def test_an_answer_becomes_the_value(edit: Edit, draw: str, answers: list[str], expected: str) -> None:
    """By number, by label, or as it is."""
    values = {"x": ""}
    edit(f'v["x"] = {draw}.value', *answers, values=values)
    assert expected == values["x"]


@pytest.mark.parametrize(
    ("answer", "expected"), [("1 3", ["a", "c"]), ("3,b", ["b", "c"]), ("-", []), ("", ["b"]), ("4", ["b"])]
)
def test_several_are_chosen_by_their_numbers(edit: Edit, answer: str, expected: list[str]) -> None:
    """`-` chooses none, Enter leaves what is chosen, and what is not there changes nothing."""
    values = {"x": ["b"]}
    edit('v["x"] = ui.multi_select("m", v["x"], ["a", "b", "c"]).value', "1", answer, "", values=values)
    assert expected == values["x"]


def test_a_page_is_turned_by_its_number(edit: Edit) -> None:
    """Then its widgets have the numbers."""
    values = {"tab": "a", "text": ""}
    draw = """\
with ui.tabs("Pages", v["tab"], ["a", "b"]) as tab:
    v["tab"] = tab.value
    if tab.value == "b":
        v["text"] = ui.text_edit_singleline("t", v["text"]).value"""
    edit(draw, "1", "2", "2", "typed", "", values=values)
    assert {"tab": "b", "text": "typed"} == values


@pytest.mark.parametrize(("answer", "expected"), [("y", True), ("n", False), ("Keep", False), ("delete", True)])
def test_a_question_is_asked_in_front_of_all(edit: Edit, answer: str, expected: bool) -> None:
    """By its words or by y and n; then the settings appear."""
    values = {"answer": None}
    draw = """\
ui.label("below")
if self.asking:
    answer = ui.confirm("Sure?", "It is gone.", accept="Delete", dismiss="Keep")
    if answer.clicked:
        self.asking, v["answer"] = False, answer.value"""
    printed = edit(draw, "maybe", answer, "", values=values)
    assert expected is values["answer"]
    assert ["Sure?", "It is gone."] == printed.splitlines()[:2]
    assert printed.index("Sure?") < printed.index("below")


def test_a_toast_is_printed_once(edit: Edit) -> None:
    """Above the frame that brought it."""
    printed = edit('if ui.button("go").clicked: ui.toast("gone", MessageKind.INFO)', "1", "1", "")
    assert 2 == printed.count("» gone\n")


def test_what_is_refused_is_told_and_the_settings_stay(edit: Edit, capsys: pytest.CaptureFixture[str]) -> None:
    """The person may try again."""
    values = {"x": ""}
    edit('v["x"] = ui.date("Day", v["x"]).value', "1", "tomorrow", "1", "2024-01-01", "", values=values)
    assert "2024-01-01" == values["x"]
    assert '"tomorrow" is no day; write it as 2006-01-31' in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "reason"), [("0", "there is no 0"), ("x", "there is no x"), ("1", "cannot be")])
def test_a_number_that_is_none_is_asked_for_again(
    edit: Edit, capsys: pytest.CaptureFixture[str], answer: str, reason: str
) -> None:
    """As is that of a widget that is disabled."""
    edit('ui.button("go", enabled=False)', answer, "")
    assert reason in capsys.readouterr().err


def test_the_end_of_the_input_leaves(edit: Edit) -> None:
    """Also in front of a question."""
    assert "Sure?" == edit('ui.confirm("Sure?")').splitlines()[0]


def test_the_question_for_a_value_has_one_colon(edit: Edit) -> None:
    """Also where the label ends with one; behind it the next frame begins."""
    printed = edit('ui.text_edit_singleline("Port:", "")', "1", "8080")
    assert "Port:  1 Port: (empty)" == printed.split(PROMPT)[1].splitlines()[0]
