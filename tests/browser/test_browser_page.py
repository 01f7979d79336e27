"""The page as a whole in a real browser: contacts, long histories, bad plugins, restarts, phones, who can use it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_support import PHONE, Client, Server, new_context
from playwright.sync_api import Browser, expect

from plugin_interfaces.host import HistoryStore
from plugin_interfaces.host.bundles import Row
from plugin_interfaces.web.opening import link_file

Open = Callable[..., Client]


# ---- being let in ----


def test_the_file_that_a_browser_is_opened_with_leads_in(browser: Browser, server: Server, tmp_path: Path) -> None:
    with closing(new_context(browser)) as context, link_file(tmp_path, server.link) as path:
        page = context.new_page()
        page.goto(path.as_uri())
        expect(page).to_have_url(server.url)
        expect(page.get_by_role("heading", name="Contacts")).to_be_visible()


# ---- contacts ----


def test_a_contact_is_added_named_and_opened(client: Open, server: Server) -> None:
    one = client().start()
    one.page.get_by_role("button", name="Add a contact").click()
    dialog = one.page.get_by_role("dialog", name="Add a contact")
    dialog.get_by_role("radio", name="Talk").click()
    dialog.get_by_label("Name").fill("My second Talk")
    dialog.get_by_role("button", name="Add a contact").click()
    expect(one.page.locator(".pane-chat h2")).to_have_text("My second Talk")
    expect(one.page.locator(".contact.is-chosen .name")).to_have_text("My second Talk")


def test_a_contact_is_renamed(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk", "Before"))
    one.menu("Rename")
    one.page.get_by_role("dialog").get_by_label("Name").fill("After")
    one.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(one.page.locator(".pane-chat h2")).to_have_text("After")


def test_a_contact_is_removed_after_a_question(client: Open, server: Server) -> None:
    contact = server.contact("talk", "To go")
    one = client().open(contact)
    one.menu("Remove")
    one.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(one.row(contact)).to_have_count(0)
    expect(one.page.locator(".hero")).to_be_visible()


def test_a_contact_is_disabled_and_enabled_again(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    state = one.page.locator(".head-state")
    one.menu("Disable")
    expect(state).to_contain_text("Disabled")
    one.page.locator(".connect-button").click()
    expect(state).not_to_contain_text("Disabled")


def test_a_reloaded_contact_answers(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.menu("Reload")
    # It is away for a moment, and nothing is sent meanwhile.
    one.field.fill("still there")
    while not one.messages.count():
        one.field.press("Enter")
    one.last("you said: still there")
    expect(one.page.locator(".head-state")).to_contain_text("Connected")


def test_contacts_are_searched(client: Open, server: Server) -> None:
    needle = server.contact("talk", "Needle in a haystack", connected=False)
    one = client().start()
    one.page.keyboard.press("Control+k")
    one.page.keyboard.type("haystack")
    expect(one.page.locator(".contact")).to_have_count(1)
    one.page.keyboard.press("Enter")
    expect(one.row(needle)).to_have_attribute("aria-current", "true")


# ---- plugins that misbehave ----


def test_a_plugin_whose_every_entry_fails_is_told_of_and_stops_nothing(client: Open, server: Server) -> None:
    contact, healthy = server.contact("failing"), server.contact("talk")
    one = client().open(contact)
    expect(one.settings.get_by_role("button", name="Press")).to_be_visible()
    mark = server.plugins / "failing" / "fail"
    mark.touch()
    try:
        one.say("hello")
        one.last("handle_message fails; remove the file")
        one.settings.get_by_role("button", name="Press").click()
        expect(one.settings.get_by_role("alert")).to_contain_text("update_ui fails; remove the file")
        one.page.locator(".connect-button").click()
        expect(one.page.locator(".connect-button")).to_have_text("Connect")
        one.page.locator(".connect-button").click()
        expect(one.page.locator(".banner")).to_contain_text("on_connect fails; remove the file")
        one.menu("Reload")
        expect(one.page.locator(".banner")).to_contain_text("on_mount fails; remove the file")
        expect(one.row(contact)).to_have_class(re.compile("is-failed"))
        one.row(healthy).click()
        one.say("and you")
        one.last("you said: and you")
    finally:
        mark.unlink()
    one.row(contact).click()
    one.page.locator(".banner").get_by_role("button", name="Try again").click()
    expect(one.page.locator(".banner")).to_be_hidden()
    expect(one.page.locator(".head-state")).to_contain_text("Connected")
    one.say("hello")
    one.last("well: hello")


def test_no_text_of_a_plugin_becomes_script(client: Open, server: Server) -> None:
    one = client().open(server.contact("hostile", "<img src=x onerror=window.hacked=1>"))
    one.say("<img src=x onerror=window.hacked=1>")
    one.last(re.compile("onerror"))
    one.settings.get_by_role("button", name="Toast").click()
    expect(one.page.locator(".toast-normal", has_text="onerror")).to_have_count(1)
    one.settings.locator(".q-btn").first.hover()
    one.page.get_by_role("button", name="Add a contact").click()
    expect(one.page.get_by_role("dialog")).to_contain_text("onerror")
    one.page.keyboard.press("Escape")
    one.page.reload()
    one.last(re.compile("onerror"))
    assert one.page.evaluate("window.hacked === undefined")
    assert 0 == one.page.locator("img:not([src^='data:'])").count()
    assert [] == one.page.evaluate(
        """[...document.querySelectorAll(".rich a, .w-link")]
            .map((link) => link.getAttribute("href")).filter((href) => href && !/^(https?|mailto):/.test(href))"""
    )


# ---- much ----


def test_10000_messages_come_page_by_page_and_the_document_stays_small(client: Open, server: Server) -> None:
    contact = server.contact("talk", "Long ago", connected=False)
    _fill_history(server, contact, 10_000)
    one = client().open(contact)
    one.last("message 9999")
    scroller = one.page.locator(".scroller")
    # As somebody scrolls who reads: never further than what is there.
    seen = 9999
    for _ in range(12):
        scroller.evaluate("(element) => { element.scrollTop = 0; }")
        expect(one.page.get_by_text(f"message {seen - 49}", exact=True)).to_be_attached()
        seen -= 50
    assert one.messages.count() < 500
    one.page.get_by_role("button", name="To the latest message").click()
    expect(one.page.get_by_text("message 9999", exact=True)).to_be_in_viewport()


def _fill_history(server: Server, instance_id: str, count: int) -> None:
    """Puts messages into the store behind the server's back, which takes too long one by one."""
    with HistoryStore(server.data / "history.sqlite3") as store, store.transaction():
        first = store.next_sequence()
        store.add_rows(
            [
                Row(
                    sequence=first + at,
                    id=f"{instance_id}-{at}",
                    instance_id=instance_id,
                    plugin_id="talk",
                    role="plugin" if at % 2 else "user",
                    type="normal",
                    status="completed",
                    content=f"message {at}",
                    created_at="2026-01-02T03:04:05.000Z",
                    request=0,
                )
                for at in range(count)
            ]
        )


def test_a_history_that_cannot_be_read_is_told_and_what_comes_is_shown(client: Open, server: Server) -> None:
    one = client().start()
    contact = server.contact("talk")
    with closing(sqlite3.connect(server.data / "history.sqlite3", timeout=20)) as database:
        database.execute("ALTER TABLE message RENAME TO hidden")
        try:
            one.row(contact).click()
            expect(one.page.locator(".transcript .empty")).to_contain_text("no such table")
        finally:
            database.execute("ALTER TABLE hidden RENAME TO message")
    one.say("still there")
    one.last("you said: still there")


def test_a_page_goes_on_after_the_server_was_restarted(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("before")
    one.last("you said: before")
    one.field.fill("written while nobody listened")
    server.stop()
    expect(one.page.locator("#popup")).to_have_attribute("aria-hidden", "false")
    one.field.press("Enter")
    server.start()
    expect(one.page.locator("#popup")).to_have_attribute("aria-hidden", "true")
    expect(one.field).to_have_value("written while nobody listened")
    expect(one.page.locator(".composer:not(.is-off)")).to_be_visible()
    one.field.press("Enter")
    one.last("you said: written while nobody listened")
    one.problems.clear()  # the browser tells of the connection that was lost


# ---- who can use it ----


def test_on_a_phone_one_pane_is_shown_at_a_time(client: Open, server: Server) -> None:
    contact = server.contact("settings")
    one = client(viewport=PHONE, has_touch=True, is_mobile=True).start()
    contacts, chat = one.page.locator(".pane-contacts"), one.page.locator(".pane-chat")
    expect(chat).to_be_hidden()
    expect(one.settings).to_be_hidden()
    one.row(contact).tap()
    expect(chat).to_be_visible()
    expect(contacts).to_be_hidden()
    one.page.get_by_role("button", name="Show settings").tap()
    expect(one.settings.get_by_label("Greeting", exact=True)).to_be_in_viewport()
    one.page.get_by_role("button", name="Hide settings").tap()
    expect(one.settings).to_be_hidden()
    one.page.get_by_role("button", name="Back").tap()
    expect(contacts).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_long_words_code_and_tables_stay_inside(client: Open, server: Server) -> None:
    one = client(viewport=PHONE).open(server.contact("talk"))
    word = "x" * 300
    one.say(f"{word}\n\n```\n{word}\n```\n\n| {word} | {word} |\n|---|---|\n| {word} | {word} |\n")
    one.last("you said")
    assert one.page.evaluate(
        """[".scroller", "body"].every((name) => {
            const element = document.querySelector(name); return element.scrollWidth <= element.clientWidth; })"""
    )


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "联系人"), ("en-GB", "Contacts"), ("de-DE", "Contacts")])
def test_the_page_speaks_the_language_of_the_browser(client: Open, server: Server, language: str, word: str) -> None:
    one = client(locale=language).open(server.contact("talk"))
    expect(one.page.locator("h1")).to_have_text(word)
    nothing = "这个插件没有设置。" if word == "联系人" else "This plugin has no settings."
    expect(one.settings.get_by_text(nothing)).to_be_visible()
    expect(one.page.locator("html")).to_have_attribute("lang", re.compile("^zh" if word == "联系人" else "^en"))


def test_the_theme_follows_the_system_until_the_person_decides(client: Open, server: Server) -> None:
    one = client(color_scheme="dark").start()
    body = one.page.locator("body")
    expect(body).to_have_class(re.compile("body--dark"))
    one.page.get_by_role("button", name="Appearance").click()
    one.page.locator(".q-menu .q-item", has_text="Light").click()
    expect(body).to_have_class(re.compile("body--light"))
    one.page.reload()
    expect(body).to_have_class(re.compile("body--light"))


def test_everything_can_be_done_with_the_keyboard(client: Open, server: Server) -> None:
    first, second = server.contact("talk", "Aaa first"), server.contact("talk", "Aaa second")
    one = client().start()
    page = one.page
    page.keyboard.press("Control+k")
    page.keyboard.type("aaa")
    page.keyboard.press("ArrowDown")
    expect(one.row(first)).to_be_focused()
    page.keyboard.press("Enter")
    expect(one.field).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(one.row(second)).to_have_attribute("aria-current", "true")
    expect(one.field).to_be_focused()
    page.keyboard.type("endless")
    page.keyboard.press("Enter")
    one.last("word3")
    page.keyboard.press("Control+.")
    one.last("the plugin was stopped")
    page.keyboard.press("Control+,")
    expect(one.settings).to_be_hidden()
    page.keyboard.press("Control+,")
    expect(one.settings).to_be_visible()
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(client: Open, server: Server, scheme: str) -> None:
    one = client(color_scheme=scheme)
    one.open(server.contact("talk"))
    one.say("kinds")
    expect(one.page.locator(".message.kind-info")).to_be_visible()
    one.say("# A\n\n```python\nx = 'y'  # z\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[link](https://example.com)")
    one.last("link")
    assert [] == _serious(one)
    one.row(server.contact("settings")).click()
    for title in ("Texts", "Numbers", "Choices", "To read", "To do"):
        one.settings.get_by_role("tab", name=title).click()
        expect(one.settings.get_by_role("tab", name=title)).to_have_attribute("aria-selected", "true")
        assert [] == _serious(one), title
    one.page.get_by_role("button", name="Add a contact").click()
    expect(one.page.get_by_role("dialog")).to_be_visible()
    assert [] == _serious(one)


def _serious(one: Client) -> list[str]:
    """What axe finds that keeps somebody out."""
    # While something fades in, its colours are others.
    one.page.wait_for_function(
        """!document.querySelector("[class*=q-transition]")
            && document.getAnimations().every((animation) => animation.playState !== "running")"""
    )
    found = Axe().run(one.page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
