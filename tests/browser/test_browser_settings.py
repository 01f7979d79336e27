"""The settings pane in a real browser: every widget, and what happens to it while the plugin draws anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_support import Client, Server
from playwright.sync_api import expect

Open = Callable[..., Client]


@pytest.fixture
def panel(client: Open, server: Server) -> Client:
    """The panel that is drawn anew 50 times a second."""
    one = client().open(server.contact("panel"))
    expect(one.settings.get_by_text("frame")).to_be_visible()
    return one


def frames(one: Client) -> int:
    """How many frames the panel has drawn."""
    return int(one.settings.get_by_text(re.compile(r"^frame \d+$")).inner_text().split()[1])


def wait_for_frames(one: Client, count: int) -> None:
    """Until it has drawn so many more."""
    one.page.wait_for_function(
        """(wanted) => [...document.querySelectorAll(".settings-tree .w-label")]
            .some((label) => label.textContent.startsWith("frame ") && Number(label.textContent.slice(6)) >= wanted)""",
        arg=frames(one) + count,
    )


def test_a_field_keeps_focus_caret_and_text_while_the_plugin_draws_anew(panel: Client) -> None:
    name = panel.settings.get_by_label("Name")
    name.press_sequentially("abcdef")
    name.press("ArrowLeft")
    name.press("ArrowLeft")
    wait_for_frames(panel, 20)
    expect(name).to_be_focused()
    assert 4 == name.evaluate("(field) => field.selectionStart")
    name.press_sequentially("XY")
    expect(panel.settings.get_by_text("name=abcdXYef")).to_be_visible()
    expect(name).to_have_value("abcdXYef")


def test_fast_typing_loses_no_character(panel: Client) -> None:
    text = "the quick brown fox jumps over the lazy dog " * 3
    note = panel.settings.get_by_label("Note")
    note.press_sequentially(text)
    expect(note).to_have_value(text)
    wait_for_frames(panel, 20)
    expect(note).to_have_value(text)


def test_a_widget_that_appears_above_does_not_disturb_the_one_with_the_focus(client: Open, server: Server) -> None:
    contact = server.contact("panel")
    panel = client().open(contact)
    name = panel.settings.get_by_label("Name")
    name.press_sequentially("typing")
    box = panel.settings.locator("[data-widget]", has=panel.page.get_by_role("checkbox", name="Something above")).last
    widget = box.get_attribute("data-widget")
    server.command("ui-event", instance_id=contact, widget_id=widget, value=True)
    expect(panel.settings.get_by_text("something above", exact=True)).to_be_visible()
    expect(name).to_be_focused()
    expect(name).to_have_value("typing")


def test_what_the_plugin_makes_of_a_text_is_shown_and_the_caret_stays(panel: Client) -> None:
    loud = panel.settings.get_by_label("Loud")
    loud.press_sequentially("quiet")
    expect(loud).to_have_value("QUIET")
    loud.press("Home")
    loud.press_sequentially("a")
    expect(loud).to_have_value("AQUIET")
    assert 1 == loud.evaluate("(field) => field.selectionStart")


def test_a_number_out_of_its_limits_is_told_and_not_sent(panel: Client) -> None:
    number = panel.settings.get_by_label("Number")
    number.fill("100")
    expect(panel.settings.get_by_text("From 1 to 99")).to_be_visible()
    expect(panel.settings.get_by_text("number=7")).to_be_visible()
    number.fill("42")
    expect(panel.settings.get_by_text("number=42")).to_be_visible()
    expect(panel.settings.get_by_text("From 1 to 99")).to_have_count(0)


@pytest.mark.parametrize(("button", "answer"), [("Do it", "yes"), ("Leave it", "no")])
def test_a_question_stands_in_front_until_it_is_answered(panel: Client, button: str, answer: str) -> None:
    panel.settings.get_by_role("button", name="Ask").click()
    question = panel.page.get_by_role("alertdialog")
    expect(question).to_contain_text("It cannot be undone.")
    question.get_by_role("button", name=button).click()
    expect(panel.settings.get_by_text(f"answer={answer}")).to_be_visible()
    expect(question).to_have_count(0)


def test_a_toast_is_shown_once(panel: Client) -> None:
    panel.settings.get_by_role("button", name="Greet").click()
    expect(panel.page.locator(".q-notification", has_text="good day")).to_have_count(1)
    wait_for_frames(panel, 20)
    expect(panel.page.locator(".q-notification", has_text="good day")).to_have_count(1)


def test_two_browsers_show_the_same_settings(client: Open, server: Server) -> None:
    contact = server.contact("panel")
    one, two = client().open(contact), client().open(contact)
    one.settings.get_by_label("Name").fill("shared")
    expect(two.settings.get_by_label("Name")).to_have_value("shared")


def test_500_widgets_are_drawn_and_operated(client: Open, server: Server) -> None:
    one = client().open(server.contact("wide"))
    expect(one.settings.locator("[data-widget]")).to_have_count(501)
    one.settings.get_by_label("Text 124").fill("the last")
    expect(one.settings.get_by_text("row 124: the last, 124, False")).to_be_visible()
    one.settings.get_by_role("checkbox", name="Tick 3", exact=True).click()
    expect(one.settings.get_by_text("row 3: text 3, 3, True")).to_be_visible()


def test_one_more_widget_among_500_is_sent_alone_and_disturbs_no_field(client: Open, server: Server) -> None:
    contact = server.contact("wide")
    one = client()
    sent: list[int] = []
    one.page.on("websocket", lambda socket: socket.on("framereceived", lambda data: sent.append(len(data))))
    one.open(contact)
    expect(one.settings.locator("[data-widget]")).to_have_count(501)
    field = one.settings.get_by_label("Text 60")
    field.press("End")
    field.press_sequentially(" and more")
    expect(one.settings.get_by_text("row 60: text 60 and more, 60, False")).to_be_visible()
    field.press("ArrowLeft")
    field.press("ArrowLeft")
    native = field.element_handle()
    whole, before = sum(sent), len(sent)
    server.command("send-message", instance_id=contact, content="one more")
    expect(one.settings.get_by_text("one more")).to_be_attached()
    expect(one.settings.locator("[data-widget]")).to_have_count(502)
    assert sum(sent[before:]) < whole / 20
    expect(field).to_be_focused()
    assert native is not None
    assert native.evaluate("(field) => field === document.activeElement && field.selectionStart === 14")
    field.press_sequentially("XY")
    expect(one.settings.get_by_text("row 60: text 60 and moXYre, 60, False")).to_be_visible()


# ---- every widget of the sample ----


@pytest.fixture
def sample(client: Open, server: Server) -> Client:
    """The sample in C with every widget."""
    return client().open(server.contact("settings"))


def page_of(one: Client, title: str) -> None:
    """Turns to a page of the sample."""
    one.settings.get_by_role("tab", name=title).click()
    expect(one.settings.get_by_role("tab", name=title)).to_have_attribute("aria-selected", "true")


def told(one: Client, server: Server, key: str) -> str:
    """What the plugin has stored of a setting."""
    path = server.plugins / "settings" / "user.toml"
    found = re.findall(rf"^{key} = (.*)$", path.read_text() if path.exists() else "", re.MULTILINE)
    return found[-1] if found else ""


def test_texts_are_edited(sample: Client, tmp_path: Path) -> None:
    page_of(sample, "Texts")
    values = {"Greeting": "Good day", "Notes": "one\ntwo", "Since": "2024-02-29", "Accent": "#00ff88"}
    for label, value in values.items():
        sample.settings.get_by_label(label, exact=True).fill(value)
    page_of(sample, "Numbers")
    page_of(sample, "Texts")
    for label, value in values.items():
        expect(sample.settings.get_by_label(label, exact=True)).to_have_value(value)


def test_a_secret_is_masked_and_does_not_come_back(sample: Client) -> None:
    page_of(sample, "Texts")
    secret = sample.settings.get_by_label("Password")
    expect(secret).to_have_attribute("type", "password")
    secret.fill("hunter2")
    secret.press("Enter")
    sample.page.reload()
    expect(secret).to_have_value("")
    expect(secret).to_have_attribute("placeholder", re.compile("kept"))
    assert "hunter2" not in sample.page.content()


def test_a_color_is_picked(sample: Client) -> None:
    page_of(sample, "Texts")
    sample.settings.get_by_role("button", name="Pick a colour").click()
    sample.page.locator(".q-color-picker__cube").nth(3).click()
    color = sample.settings.get_by_label("Accent", exact=True).input_value()
    assert re.fullmatch("#[0-9a-f]{6}", color)
    page_of(sample, "Numbers")
    page_of(sample, "Texts")
    expect(sample.settings.get_by_label("Accent", exact=True)).to_have_value(color)


def test_a_file_is_picked_from_the_browsers_machine(sample: Client, tmp_path: Path) -> None:
    (tmp_path / "picked.txt").write_text("inside")
    page_of(sample, "Texts")
    with sample.page.expect_file_chooser() as chooser:
        sample.settings.get_by_role("button", name="Upload a file").click()
    chooser.value.set_files(tmp_path / "picked.txt")
    expect(sample.settings.get_by_label("File", exact=True)).to_have_value(re.compile(r"picked.*\.txt$"))
    path = sample.settings.get_by_label("File", exact=True).input_value()
    assert "inside" == Path(path).read_text()


def test_numbers_are_edited(sample: Client) -> None:
    page_of(sample, "Numbers")
    sample.settings.get_by_label("Count").fill("5")
    sample.settings.get_by_label("Ratio").fill("0.25")
    slider = sample.settings.get_by_role("slider", name="Volume")
    before = float(slider.get_attribute("aria-valuenow") or "nan")
    slider.locator("[tabindex]").press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", f"{before:g}")
    moved = slider.get_attribute("aria-valuenow") or ""
    page_of(sample, "Texts")
    page_of(sample, "Numbers")
    expect(sample.settings.get_by_label("Count")).to_have_value("5")
    expect(sample.settings.get_by_label("Ratio")).to_have_value("0.25")
    expect(sample.settings.get_by_role("slider", name="Volume")).to_have_attribute("aria-valuenow", moved)


def test_choices_are_made(sample: Client) -> None:
    page_of(sample, "Choices")
    for role, name in (("checkbox", "Shout"), ("switch", "Night mode")):
        switch = sample.settings.get_by_role(role, name=name)  # type: ignore[arg-type]
        before = switch.get_attribute("aria-checked")
        switch.click()
        expect(switch).to_have_attribute("aria-checked", "false" if before == "true" else "true")
    pinned = sample.settings.get_by_role("button", name="Pinned")
    before = pinned.get_attribute("aria-pressed")
    pinned.click()
    expect(pinned).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    sample.settings.get_by_role("radio", name="Blue").click()
    sample.settings.get_by_role("combobox", name="Language").click()
    sample.page.locator(".q-menu .q-item").first.click()
    language = sample.settings.locator(".w-field.q-select").first
    expect(language).to_contain_text("English")
    sample.settings.get_by_text("Mars").click()
    page_of(sample, "Texts")
    page_of(sample, "Choices")
    expect(sample.settings.get_by_role("radio", name="Blue")).to_have_attribute("aria-checked", "true")
    expect(language).to_contain_text("English")
    expect(sample.settings.locator("tr.selected")).to_contain_text("Mars")


def test_several_of_a_list_are_chosen(sample: Client) -> None:
    page_of(sample, "Choices")
    chips = sample.settings.locator(".q-chip")
    count = chips.count()
    sample.settings.get_by_role("combobox", name="Toppings").click()
    options = sample.page.locator(".q-menu .q-item")
    options.nth(0).click()
    expect(chips).not_to_have_count(count)


def test_pictures_plots_and_code_are_drawn(sample: Client) -> None:
    page_of(sample, "To read")
    expect(sample.settings.locator(".w-code code span").first).to_be_visible()
    expect(sample.settings.get_by_role("link", name="CommonMark")).to_have_attribute("href", re.compile("^https://"))
    assert sample.settings.locator("img.w-image").evaluate("(image) => image.naturalWidth > 0")
    expect(sample.settings.locator(".w-plot svg path").first).to_be_attached()


def test_buttons_are_pressed(sample: Client) -> None:
    page_of(sample, "To do")
    sample.settings.get_by_role("button", name="Press").click()
    expect(sample.settings.locator("p", has_text=re.compile(r"^pressed [1-9]"))).to_be_visible()


def test_values_survive_a_restart(client: Open, server: Server) -> None:
    contact = server.contact("settings", "Restarted")
    one = client().open(contact)
    one.settings.get_by_label("Greeting", exact=True).fill("Still here")
    page_of(one, "Numbers")
    server.stop()
    server.start()
    expect(one.page.locator(".head-state")).to_contain_text("Connected")
    page_of(one, "Texts")
    expect(one.settings.get_by_label("Greeting", exact=True)).to_have_value("Still here")
    one.problems.clear()  # the browser tells of the connection that was lost
