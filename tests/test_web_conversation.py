"""Conversations: messages, replies and streams as all clients see them, and the history of them."""

from __future__ import annotations

from host_support import Plugins
from plugin_interfaces.web import Backend
from plugin_interfaces.web.protocol import (
    CancelStream,
    ClearHistory,
    ExportHistory,
    GetHistory,
    HistoryCleared,
    PauseStream,
    PluginMessage,
    PluginStream,
    RenameContact,
    RequestEnded,
    RequestStarted,
    ResumeStream,
    RetryMessage,
    SendMessage,
    StopRequest,
)
from web_support import COUNTS, ECHO, STREAMS, Reader, contents, run

# ---- messages ----


def test_a_message_and_its_reply_are_told_to_all(plugins: Plugins) -> None:
    """With the ids of the history, in the order in which it has them."""
    plugins.py(ECHO)

    async def test(one: Backend, sender: Reader) -> None:
        await sender.connect()
        async with Reader(one.session()) as other:
            sent = await sender.send("hello")
            for reader in (sender, other):
                started = await reader.until(RequestStarted)
                ended = await reader.until(RequestEnded)
                assert ("hello", sent.request_id) == (started.message.content, started.request_id)
                assert ("ok", sent.request_id) == (ended.status, ended.request_id)
                assert started.sequence < ended.sequence
            page = await other.history()
        assert {message.id: message.content for message in page.messages} == contents(other.events)
        assert ["user", "plugin"] == [message.role for message in page.messages]

    run(plugins, test)


def test_what_a_program_in_the_same_process_sends_is_told_too(plugins: Plugins) -> None:
    """Before its reply."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await one.host.instance("plugin").send_async("from within")
        ended = await reader.until(RequestEnded)
        started = reader.of(RequestStarted)
        assert ["from within"] == [event.message.content for event in started]
        assert started[0].sequence < ended.sequence

    run(plugins, test)


def test_a_failure_is_a_message_and_an_error(plugins: Plugins) -> None:
    """Which plugin, what happened."""
    plugins.py(
        """
        from plugin_interfaces import PluginHandler

        class Fails(PluginHandler):
            def handle_message(self, message, context):
                raise ValueError("no such thing")
        """
    )

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("x")
        ended = await reader.until(RequestEnded)
        assert ended.error is not None
        assert ended.message is not None
        assert ("error", "plugin plugin", "plugin") == (ended.status, ended.error.what, ended.error.instance_id)
        assert "no such thing" in ended.error.message
        page = await reader.history()
        last = page.messages[-1]
        shown = (ended.message.id, ended.message.message_type, ended.message.status, ended.message.content)
        assert (last.id, last.message_type, last.status, last.content) == shown

    run(plugins, test)


def test_messages_of_the_plugin_keep_their_kind(plugins: Plugins) -> None:
    """Also those that answer nothing."""
    plugins.py(
        """
        from plugin_interfaces import MessageKind, PluginHandler

        class Tells(PluginHandler):
            def handle_message(self, message, context):
                context.send_message("careful", MessageKind.WARNING)
                return ""
        """
    )

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("x")
        event = await reader.until(PluginMessage)
        await reader.until(RequestEnded)
        page = await reader.history()
        kept = next(message for message in page.messages if message.id == event.message_id)
        assert ("plugin_message", "careful", "warning") == (event.message_type, event.content, event.kind)
        assert ("careful", "warning") == (kept.content, kept.message_type)

    run(plugins, test)


def test_a_message_is_sent_anew(plugins: Plugins) -> None:
    """Its own id or that of its reply tells which."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[str]:
        await reader.connect()
        await reader.send("again")
        started, ended = await reader.until(RequestStarted), await reader.until(RequestEnded)
        assert ended.message is not None
        for message_id in (started.message.id, ended.message.id):
            await reader.call(RetryMessage(instance_id="plugin", message_id=message_id))
        await reader.until(RequestEnded, lambda _: len(reader.of(RequestEnded)) == 3)
        return [event.message.content for event in reader.of(RequestStarted)]

    assert ["again"] * 3 == run(plugins, test)


# ---- streams, and stopping ----


def test_a_stream_fills_a_message_of_the_history(plugins: Plugins) -> None:
    """The page that is read in between is as far as the events; what follows continues it."""
    plugins.py(STREAMS)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("begin")
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        page = await reader.history()
        message = page.messages[-1]
        assert ("begun ", "active") == (message.content, message.status)
        start = reader.of(PluginStream)[0]
        assert (start.data.stream_id, start.request_id) == (message.stream_id, message.request_id)
        await reader.call(CancelStream(instance_id="plugin", stream_id=message.stream_id))
        await reader.until(PluginStream, lambda event: event.type == "stream_cancel")
        last = next(found for found in (await reader.history()).messages if found.id == message.id)
        assert ("cancelled", "", "") == (last.status, last.stream_id, last.request_id)

    run(plugins, test)


def test_a_stream_is_paused_and_resumed(plugins: Plugins) -> None:
    """All clients see it, and so does the history."""
    plugins.py(STREAMS)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.send("begin")
        start = await reader.until(PluginStream, lambda event: event.type == "stream_data")
        stream = start.data.stream_id
        for command, kind, status in (
            (PauseStream(instance_id="plugin", stream_id=stream), "stream_pause", "paused"),
            (ResumeStream(instance_id="plugin", stream_id=stream), "stream_resume", "active"),
        ):
            await reader.call(command)
            await reader.until(PluginStream, lambda event, kind=kind: event.type == kind)
            page = await reader.history()
            assert status == page.messages[-1].status

    run(plugins, test)


def test_a_request_is_stopped(plugins: Plugins) -> None:
    """The plugin's own work ends, not only what is shown of it."""
    plugins.py(
        """
        import asyncio
        from plugin_interfaces import PluginHandler

        class Works(PluginHandler):
            async def handle_message(self, message, context):
                try:
                    async with context.stream() as stream:
                        await stream.send_async("begun")
                        await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    context.send_message_to_frontend("stopped")
                    raise
        """
    )

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        sent = await reader.send("x")
        await reader.until(PluginStream, lambda event: event.type == "stream_data")
        assert [sent.request_id] == (await reader.contacts())[0].open_requests
        await reader.call(StopRequest(instance_id="plugin", request_id=sent.request_id))
        ended = await reader.until(RequestEnded)
        assert "cancelled" == ended.status
        assert "stopped" == (await reader.until(PluginMessage)).content
        assert [] == (await reader.contacts())[0].open_requests
        again = await reader.refused(StopRequest(instance_id="plugin", request_id=sent.request_id))
        assert "ended" == again[0]

    run(plugins, test)


def test_a_request_of_another_contact_is_not_stopped(plugins: Plugins) -> None:
    """The id must be of this one."""
    plugins.py(STREAMS, "one")
    plugins.py(STREAMS, "two")

    async def test(one: Backend, reader: Reader) -> str:
        for name in ("one", "two"):
            await reader.connect(name)
        sent = await reader.call(SendMessage(instance_id="one", content="x"))
        return (await reader.refused(StopRequest(instance_id="two", request_id=sent.request_id)))[0]

    assert "ended" == run(plugins, test)


# ---- the history ----


def test_pages_and_events_together_are_the_conversation(plugins: Plugins) -> None:
    """However often a page is read while chunks come: nothing twice, nothing missed."""
    plugins.py(COUNTS)
    whole = "".join(f"{number} " for number in range(400))

    async def test(one: Backend, reader: Reader) -> int:
        await reader.connect()
        await reader.send("400")
        pages = []
        while not reader.of(RequestEnded):
            pages.append(await reader.history())
        for page in pages:
            texts = {message.id: message.content for message in page.messages}
            for event in reader.of(PluginStream):
                if event.sequence <= page.sequence:
                    continue
                if event.type == "stream_start":
                    texts[event.message_id] = ""
                elif event.type == "stream_data":
                    texts[event.message_id] += event.data.chunk or ""
            assert whole in texts.values()
        return len(pages)

    assert run(plugins, test) > 0


def test_history_is_read_back_page_by_page(plugins: Plugins) -> None:
    """Each page says whether there is more."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> list[tuple[list[str], bool]]:
        await reader.connect()
        for number in range(3):
            await one.host.instance("plugin").send_async(str(number))
        pages, before = [], ""
        while not pages or pages[-1][1]:
            page = await reader.call(GetHistory(instance_id="plugin", limit=4, before=before))
            pages.append(([message.content for message in page.messages], page.more))
            before = page.messages[0].id
        return pages

    assert [(["1", "1", "2", "2"], True), (["0", "0"], False)] == run(plugins, test)


def test_a_conversation_is_forgotten_for_all(plugins: Plugins) -> None:
    """Unread and last with it."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await one.host.instance("plugin").send_async("secret")
        await reader.until(RequestEnded)
        await reader.call(ClearHistory(instance_id="plugin"))
        await reader.until(HistoryCleared)
        assert [] == (await reader.history()).messages
        contact = (await reader.contacts())[0]
        assert (None, 0) == (contact.last, contact.unread)

    run(plugins, test)


def test_a_conversation_is_exported(plugins: Plugins) -> None:
    """As Markdown and as JSON, under the contact's name."""
    plugins.py(ECHO)

    async def test(one: Backend, reader: Reader) -> None:
        await reader.connect()
        await reader.call(RenameContact(instance_id="plugin", name="../My bird"))
        await one.host.instance("plugin").send_async("**hello**")
        text = await reader.call(ExportHistory(instance_id="plugin"))
        assert (".._My_bird.md", "text/markdown") == (text.name, text.media_type)
        assert 2 == text.content.count("\n\n**hello**\n")
        data = await reader.call(ExportHistory(instance_id="plugin", format="json"))
        assert data.content.count('"content": "**hello**"') == 2

    run(plugins, test)
