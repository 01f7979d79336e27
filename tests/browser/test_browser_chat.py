"""Chatting in a real browser: what a person writes, what comes, and what happens in between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from browser_support import Client, Server
from playwright.sync_api import expect

Open = Callable[..., Client]


def test_a_contact_is_connected_and_answers(client: Open, server: Server) -> None:
    talk = server.contact("talk", connected=False)
    one = client().open(talk)
    one.page.get_by_role("button", name="Connect", exact=True).click()
    expect(one.page.locator(".head-state")).to_contain_text("Connected")
    one.say("hello")
    one.last("you said: hello")
    expect(one.field).to_have_value("")
    expect(one.field).to_be_focused()


def test_a_sample_in_c_streams(client: Open, server: Server) -> None:
    one = client().open(server.contact("typewriter"))
    one.say("**bold** words")
    expect(one.last("bold words").locator("strong")).to_have_text("bold")
    expect(one.page.locator(".message.is-active")).to_have_count(0)


def test_a_stream_grows_while_it_comes(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("endless")
    message = one.last("word10")
    expect(message).to_have_class(re.compile("is-active"))
    expect(message).to_contain_text("word40")


def test_what_comes_at_the_end_of_a_long_block_is_shown_in_it(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("program")
    code = one.page.locator("pre code")
    whole = "first();\n" * 500 + "".join(f"then{number}();\n" for number in range(20))
    expect(code.locator(".more")).to_have_text(re.compile(r"then19"))
    assert whole == code.evaluate("(code) => code.textContent")
    one.messages.last.get_by_role("button", name="Stop").click()
    expect(code.locator("span.tok-n").first).to_be_attached()
    expect(code.locator(".more")).to_have_count(0)
    assert whole == code.evaluate("(code) => code.textContent")


def test_stop_ends_the_request_of_the_plugin(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("endless")
    one.last("word5").get_by_role("button", name="Stop").click()
    one.last("the plugin was stopped")
    expect(one.page.locator(".message.is-cancelled")).to_contain_text("Stopped")


def test_stop_ends_a_request_that_nothing_has_come_for(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("wait")
    one.page.locator(".message .waiting").wait_for()
    one.page.keyboard.press("Control+.")
    one.last("the plugin waits no longer")
    expect(one.page.locator(".message .waiting")).to_have_count(0)


def open_requests(server: Server, instance_id: str) -> list[str]:
    """What a contact was sent and has no end yet."""
    contacts = server.command("list-contacts")["result"]["contacts"]
    found: list[str] = next(one for one in contacts if one["instance_id"] == instance_id)["open_requests"]
    return found


def test_a_request_that_ended_after_its_stream_is_not_waited_for_anew(client: Open, server: Server) -> None:
    talk, other = server.contact("talk"), server.contact("talk")
    one = client().open(talk)
    one.say("linger")
    one.last("word0")
    expect(one.messages.last).to_have_class(re.compile("is-completed"))
    while open_requests(server, talk):
        pass
    one.row(other).click()
    expect(one.messages).to_have_count(0)
    one.row(talk).click()
    one.last("word0")
    expect(one.page.locator(".message .waiting")).to_have_count(0)


def test_what_is_waited_for_goes_however_much_came_after_it(client: Open, server: Server) -> None:
    talk = server.contact("talk")
    one = client().open(talk)
    one.say("wait")
    one.page.locator(".message .waiting").wait_for()
    (request,) = open_requests(server, talk)
    for number in range(100):
        server.command("send-message", instance_id=talk, content=f"number {number}")
    one.last("you said: number 99")
    server.command("stop-request", instance_id=talk, request_id=request)
    one.last("the plugin waits no longer")
    one.page.locator(".scroller").evaluate("(element) => { element.scrollTop = 0; }")
    expect(one.page.get_by_text("number 1", exact=True)).to_be_attached()
    expect(one.page.locator(".message .waiting")).to_have_count(0)


def test_a_paused_stream_stands_still_until_it_is_resumed(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("stream 1500")
    message = one.last("word5")
    message.get_by_role("button", name="Pause").click()
    expect(message).to_have_class(re.compile("is-paused"))
    expect(message).to_contain_text("Paused")
    expect(message).not_to_contain_text("word1499")
    message.get_by_role("button", name="Resume").click()
    expect(message).to_contain_text("word1499")
    expect(message).to_have_class(re.compile("is-completed"))


def test_a_message_is_sent_again(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("once more")
    one.last("you said: once more")
    first = one.messages.first
    first.hover()
    first.get_by_role("button", name="Send again").click()
    expect(one.messages.get_by_text("you said: once more")).to_have_count(2)


def test_kinds_of_messages_look_different(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("kinds")
    for kind in ("success", "warning", "error", "info"):
        expect(one.page.locator(f".message.kind-{kind}")).to_contain_text(f"this is {kind}")
        expect(one.page.locator(f".message.kind-{kind} .kind-icon")).to_be_visible()


def test_a_request_that_fails_says_what_happened(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("fail")
    message = one.last("the cable is out; plug it in")
    expect(message).to_have_class(re.compile("is-error"))
    expect(message).to_have_class(re.compile("kind-error"))


def test_shift_enter_is_a_new_line(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.field.press_sequentially("one")
    one.field.press("Shift+Enter")
    one.field.press_sequentially("two")
    expect(one.field).to_have_value("one\ntwo")
    one.field.press("Enter")
    one.last(re.compile("you said: one"))


def test_a_draft_stays_with_its_contact_and_survives_a_reload(client: Open, server: Server) -> None:
    first, second = server.contact("talk"), server.contact("talk")
    one = client().open(first)
    one.field.fill("for later")
    one.row(second).click()
    expect(one.field).to_have_value("")
    one.row(first).click()
    expect(one.field).to_have_value("for later")
    expect(one.page).to_have_url(f"{server.url}?contact={first}")
    one.page.reload()
    expect(one.field).to_have_value("for later")


def test_code_and_messages_are_copied(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("here:\n```python\nx = 1\n```")
    message = one.last("x = 1")
    message.locator(".code-copy").click()
    expect(one.page.get_by_text("Copied")).to_be_visible()
    assert "x = 1\n" == one.page.evaluate("navigator.clipboard.readText()")
    message.hover()
    message.get_by_role("button", name="Copy", exact=True).last.click()
    one.page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('you said'))")
    assert "you said: here:\n```python\nx = 1\n```" == one.page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize(("entry", "kind"), [("Markdown", "md"), ("JSON", "json")])
def test_a_conversation_is_exported(client: Open, server: Server, entry: str, kind: str) -> None:
    one = client().open(server.contact("talk", f"Exported {kind}"))
    one.say("keep this")
    one.last("you said: keep this")
    with one.page.expect_download() as download:
        one.menu(entry)
    content = download.value.path().read_text()
    assert download.value.suggested_filename.endswith(f".{kind}")
    assert "you said: keep this" in content
    assert kind == "md" or ["user", "plugin"] == [message["role"] for message in json.loads(content)]


def test_a_conversation_is_cleared(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("forget me")
    one.last("you said: forget me")
    one.menu("Clear conversation")
    one.page.get_by_role("dialog").get_by_role("button", name="Clear conversation").click()
    expect(one.messages).to_have_count(0)
    expect(one.page.locator(".transcript .empty")).to_be_visible()


def test_two_browsers_see_the_same(client: Open, server: Server) -> None:
    talk = server.contact("talk")
    one, two = client().open(talk), client().open(talk)
    one.say("stream 200")
    two.last("word199")
    two.say("from the other")
    one.last("you said: from the other")
    assert one.messages.all_inner_texts() == two.messages.all_inner_texts()


def test_unread_messages_are_counted_until_they_are_seen(client: Open, server: Server) -> None:
    talk, other = server.contact("talk"), server.contact("talk")
    one = client().open(other)
    server.command("send-message", instance_id=talk, content="are you there")
    expect(one.row(talk).locator(".badge")).to_contain_text("1")
    expect(one.page).to_have_title(re.compile(r"^\(\d+\)"))
    one.row(talk).click()
    expect(one.row(talk).locator(".badge")).to_have_count(0)


def test_a_page_that_nobody_sees_leaves_messages_unread(client: Open, server: Server) -> None:
    talk = server.contact("talk")
    server.command("send-message", instance_id=talk, content="are you there")
    one = client()
    one.page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => !window.seen })")
    one.open(talk)
    one.last("you said: are you there")
    expect(one.row(talk).locator(".badge")).to_contain_text("1")
    one.page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
    expect(one.row(talk).locator(".badge")).to_have_count(0)


def test_a_reload_in_the_middle_of_a_stream_loses_and_doubles_nothing(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("stream 800")
    one.last("word100")
    one.page.reload()
    message = one.last("word799")
    expect(message).to_have_class(re.compile("is-completed"))
    words = message.locator(".rich").inner_text().split()
    assert [f"word{number}" for number in range(800)] == words


def test_twenty_streams_at_once_all_arrive(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.say("many 20 40")
    streams = one.page.locator(".message.by-plugin.is-completed .rich", has_text="c39")
    expect(streams).to_have_count(20)
    found = sorted(text.split() for text in streams.all_inner_texts())
    assert sorted([f"s{number}c{at}" for at in range(40)] for number in range(20)) == found


def test_a_dropped_file_goes_to_a_plugin_that_takes_it(client: Open, server: Server) -> None:
    one = client().open(server.contact("talk"))
    one.page.locator(".composer .attach").wait_for()
    one.page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["inside"], "note.txt", { type: "text/plain" }));
            const pane = document.querySelector(".pane-chat");
            pane.dispatchEvent(new DragEvent("dragover", { dataTransfer: files, bubbles: true, cancelable: true }));
            pane.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
        }"""
    )
    one.last(re.compile(r"you said: file:.*note\.txt"))
