"""What each command does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._abi import Status
from .._ffi import NULL, lib
from ..config import ConfigField
from ..host import Instance
from ..pluginui import Frame
from . import protocol as p
from .contacts import Record
from .export import export
from .failures import failure
from .presence import CONNECT_SECONDS, Presence

if TYPE_CHECKING:
    from .backend import Backend

R = TypeVar("R")
_Handler = Callable[["Backend", Any], Awaitable[Any]]

MAX_PAGE: Final = 500
MAX_NAME: Final = 200

_HANDLERS: dict[type[p.Command[Any]], _Handler] = {}


def _does(command: type[p.Command[Any]]) -> Callable[[_Handler], _Handler]:
    def register(handler: _Handler) -> _Handler:
        _HANDLERS[command] = handler
        return handler

    return register


async def perform(backend: Backend, command: p.Command[R]) -> R:
    """Does what a command says. Errors: CommandFailed, PluginInterfacesError."""
    result: R = await _HANDLERS[type(command)](backend, command)
    return result


# ---- plugins ----


@_does(p.ListPlugins)
async def _list_plugins(backend: Backend, command: p.ListPlugins) -> p.Plugins:
    if command.refresh:
        await backend.in_thread(backend.host.discover)
        return p.Plugins(plugins=backend.tell_plugins())
    return p.Plugins(plugins=backend.plugins())


@_does(p.EnablePlugin)
async def _enable_plugin(backend: Backend, command: p.EnablePlugin) -> p.Plugins:
    await backend.in_thread(backend.host.enable, command.plugin_id)
    for presence in _of_plugin(backend, command.plugin_id):
        if presence.record.enabled:
            backend.bring_up(presence)
    return p.Plugins(plugins=backend.tell_plugins())


@_does(p.DisablePlugin)
async def _disable_plugin(backend: Backend, command: p.DisablePlugin) -> p.Plugins:
    await backend.in_thread(backend.host.disable, command.plugin_id)
    for presence in _of_plugin(backend, command.plugin_id):
        backend.touch(presence.id)
    return p.Plugins(plugins=backend.tell_plugins())


def _of_plugin(backend: Backend, plugin_id: str) -> list[Presence]:
    return [presence for presence in backend.people() if presence.record.plugin_id == plugin_id]


@_does(p.SetPermission)
async def _set_permission(backend: Backend, command: p.SetPermission) -> p.Plugins:
    change = backend.host.allow if command.given else backend.host.deny
    await backend.in_thread(change, command.plugin_id, command.permission)
    return p.Plugins(plugins=backend.tell_plugins())


# ---- contacts ----


@_does(p.ListContacts)
async def _list_contacts(backend: Backend, command: p.ListContacts) -> p.Contacts:
    return p.Contacts(
        sequence=backend.journal.latest, contacts=[backend.contact(presence) for presence in backend.people()]
    )


@_does(p.AddContact)
async def _add_contact(backend: Backend, command: p.AddContact) -> p.Contact:
    manifest = backend.host.find(command.plugin_id).required_manifest
    instance_id = command.instance_id or backend.contacts.free_id(manifest.id)
    _check_name("instance_id", instance_id)
    name = _check_name("name", command.name or manifest.name)
    presence = backend.add(Record(instance_id=instance_id, plugin_id=manifest.id, name=name))
    # One that does not load stays among the contacts, where it says why.
    await backend.in_thread(presence.load)
    return backend.contact(presence)


def _check_name(what: str, name: str) -> str:
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise failure(Status.INVALID_ARGUMENT, what, f"use 1 to {MAX_NAME} printable characters")
    return name


@_does(p.RenameContact)
async def _rename_contact(backend: Backend, command: p.RenameContact) -> p.Contact:
    presence = backend.presence(command.instance_id)
    presence.record.name = _check_name("name", command.name)
    backend.keep(presence)
    return backend.contact(presence)


@_does(p.RemoveContact)
async def _remove_contact(backend: Backend, command: p.RemoveContact) -> p.Done:
    presence = backend.presence(command.instance_id)
    presence.waits = False
    await backend.in_thread(presence.unload)
    if command.forget:
        await backend.in_thread(backend.conversations.clear, presence.id)
        await backend.in_thread(backend.uploads.forget, presence.id)
    backend.remove(presence.id)
    return p.Done()


@_does(p.EnableContact)
async def _enable_contact(backend: Backend, command: p.EnableContact) -> p.Contact:
    return await _decide(backend, command, Presence.load, enabled=True)


@_does(p.DisableContact)
async def _disable_contact(backend: Backend, command: p.DisableContact) -> p.Contact:
    return await _decide(backend, command, Presence.unload, enabled=False)


@_does(p.Connect)
async def _connect(backend: Backend, command: p.Connect) -> p.Contact:
    timeout = _seconds(command.timeout)
    return await _decide(backend, command, Presence.connect, timeout, enabled=True, wants_connection=True)


@_does(p.Disconnect)
async def _disconnect(backend: Backend, command: p.Disconnect) -> p.Contact:
    return await _decide(backend, command, Presence.disconnect, _seconds(command.timeout), wants_connection=False)


@_does(p.Reload)
async def _reload(backend: Backend, command: p.Reload) -> p.Contact:
    return await _decide(backend, command, Presence.reload, CONNECT_SECONDS, enabled=True)


async def _decide(
    backend: Backend, command: p.OfContact[p.Contact], act: Callable[..., Any], *arguments: float, **decided: bool
) -> p.Contact:
    """Keeps in the contact's record what the person has decided, and does it."""
    presence = backend.presence(command.instance_id)
    for name, value in decided.items():
        setattr(presence.record, name, value)
    presence.waits = False  # this is its turn
    backend.keep(presence)
    await backend.in_thread(act, presence, *arguments)
    return backend.contact(presence)


def _seconds(timeout: float) -> float:
    if not 0 < timeout <= 3600:
        raise failure(Status.INVALID_ARGUMENT, "timeout", "use more than 0 and at most 3600 seconds")
    return timeout


@_does(p.MarkRead)
async def _mark_read(backend: Backend, command: p.MarkRead) -> p.Contact:
    presence = backend.presence(command.instance_id)
    presence.note_read(presence.last.id if presence.last else "")
    backend.keep(presence)
    return backend.contact(presence)


# ---- conversation ----


@_does(p.SendMessage)
async def _send_message(backend: Backend, command: p.SendMessage) -> p.Sent:
    presence = backend.presence(command.instance_id)
    return await backend.in_thread(_send, presence, command.content, command.timeout)


def _send(presence: Presence, content: str, timeout: float | None) -> p.Sent:
    # Refused here, so that the conversation has no message that could not have been answered.
    reply = _connected(presence).start(content, None if timeout is None else _seconds(timeout))
    return p.Sent(request_id=str(reply.request))


def _connected(presence: Presence) -> Instance:
    instance = presence.loaded()
    if not instance.connected:
        reason = f"it is {presence.state()}; connect it first"
        raise failure(Status.NOT_CONNECTED, f"plugin {presence.id}, message", reason, presence.id)
    return instance


@_does(p.RetryMessage)
async def _retry_message(backend: Backend, command: p.RetryMessage) -> p.Sent:
    presence = backend.presence(command.instance_id)
    await backend.in_thread(backend.conversations.settle, presence.id)
    asked = await backend.in_thread(backend.host.store.asked, presence.id, command.message_id)
    if asked is None:
        raise failure(
            Status.NOT_FOUND, f"plugin {presence.id}, retry", "there is no message before it to send anew", presence.id
        )
    return await backend.in_thread(_send, presence, asked.content, command.timeout)


@_does(p.StopRequest)
async def _stop_request(backend: Backend, command: p.StopRequest) -> p.Done:
    presence = backend.presence(command.instance_id)
    request = _handle("request", command.request_id)
    known = command.request_id in backend.conversations.open_requests(presence.id)
    if not known or await backend.in_thread(lib.core_request_cancel, request, NULL) < 0:
        raise failure(Status.ENDED, f"plugin {presence.id}, stop", "the request has ended already", presence.id)
    return p.Done()


@_does(p.PauseStream)
async def _pause_stream(backend: Backend, command: p.PauseStream) -> p.Done:
    return await _to_stream(backend, command, Instance.pause_stream)


@_does(p.ResumeStream)
async def _resume_stream(backend: Backend, command: p.ResumeStream) -> p.Done:
    return await _to_stream(backend, command, Instance.resume_stream)


@_does(p.CancelStream)
async def _cancel_stream(backend: Backend, command: p.CancelStream) -> p.Done:
    return await _to_stream(backend, command, Instance.cancel_stream)


async def _to_stream(
    backend: Backend, command: p.PauseStream | p.ResumeStream | p.CancelStream, act: Callable[[Instance, int], None]
) -> p.Done:
    instance = backend.presence(command.instance_id).loaded()
    await backend.in_thread(act, instance, _handle("stream", command.stream_id))
    return p.Done()


def _handle(what: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 20 or int(text) >= 1 << 64:
        raise failure(Status.INVALID_ARGUMENT, what, f"{text[:40]!r} is not the id of a {what}")
    return int(text)


@_does(p.GetHistory)
async def _get_history(backend: Backend, command: p.GetHistory) -> p.HistoryPage:
    presence = backend.presence(command.instance_id)
    if not 1 <= command.limit <= MAX_PAGE:
        raise failure(Status.INVALID_ARGUMENT, "limit", f"use 1 to {MAX_PAGE}")
    backend.attend(presence)
    return await backend.in_thread(backend.conversations.page, presence.id, command.limit, command.before)


@_does(p.ClearHistory)
async def _clear_history(backend: Backend, command: p.ClearHistory) -> p.Done:
    presence = backend.presence(command.instance_id)
    await backend.in_thread(backend.conversations.clear, presence.id)
    presence.last = None
    presence.note_read("")
    backend.keep(presence)
    return p.Done()


@_does(p.ExportHistory)
async def _export_history(backend: Backend, command: p.ExportHistory) -> p.Exported:
    record = backend.presence(command.instance_id).record
    await backend.in_thread(backend.conversations.settle, record.instance_id)
    return await backend.in_thread(export, backend.host.store, record, command.format)


@_does(p.Upload)
async def _upload(backend: Backend, command: p.Upload) -> p.Uploaded:
    presence = backend.presence(command.instance_id)
    if command.widget_id:
        presence.loaded()
    else:
        _connected(presence)
        _check_accepted(backend.contact(presence), command.name)
    path = await backend.in_thread(backend.uploads.store, presence.id, command.name, command.data)
    if command.widget_id:
        await _ui_event(backend, p.UiEvent(instance_id=presence.id, widget_id=command.widget_id, value=str(path)))
    else:
        await backend.in_thread(_send, presence, path.as_uri(), None)
    return p.Uploaded(path=str(path))


def _check_accepted(contact: p.Contact, name: str) -> None:
    if not any(ending == "*" or name.lower().endswith(ending.lower()) for ending in contact.accepts):
        taken = ", ".join(contact.accepts) or "none"
        raise failure(
            Status.UNSUPPORTED,
            f"plugin {contact.instance_id}, upload",
            f"the plugin takes no such file as a message; it takes: {taken}",
            contact.instance_id,
        )


@_does(p.GetLogs)
async def _get_logs(backend: Backend, command: p.GetLogs) -> p.Logs:
    presence = backend.presence(command.instance_id)
    return p.Logs(lines=backend.conversations.logs(presence.id, command.limit))


# ---- settings ----


@_does(p.GetUi)
async def _get_ui(backend: Backend, command: p.GetUi) -> Frame:
    return await _draw(backend, command)


@_does(p.UiEvent)
async def _ui_event(backend: Backend, command: p.UiEvent) -> Frame:
    frame = await _draw(backend, command)
    _tell_settings(backend, command.instance_id)
    return frame


def _tell_settings(backend: Backend, instance_id: str) -> None:
    """Others may be looking at the same settings."""
    presence = backend.presence(instance_id)
    backend.journal.publish(p.PluginUiRefreshed(plugin=presence.record.plugin_id, instance=instance_id))


async def _draw(backend: Backend, command: p.GetUi | p.UiEvent) -> Frame:
    presence = backend.presence(command.instance_id)
    return await presence.draw(backend.in_thread, command)


@_does(p.GetConfig)
async def _get_config(backend: Backend, command: p.GetConfig) -> p.Config:
    presence = backend.presence(command.instance_id)
    return await backend.in_thread(_config, presence)


@_does(p.SetConfig)
async def _set_config(backend: Backend, command: p.SetConfig) -> p.Config:
    presence = backend.presence(command.instance_id)
    if command.key not in presence.fields():
        raise failure(Status.NOT_FOUND, command.key, "the plugin declares no such setting", presence.id)
    await backend.in_thread(presence.values().set, command.key, command.value)
    _tell_settings(backend, presence.id)
    return await backend.in_thread(_config, presence)


@_does(p.ResetConfig)
async def _reset_config(backend: Backend, command: p.ResetConfig) -> p.Config:
    presence = backend.presence(command.instance_id)
    await backend.in_thread(presence.values().reset, command.key)
    _tell_settings(backend, presence.id)
    return await backend.in_thread(_config, presence)


def _config(presence: Presence) -> p.Config:
    values = presence.values().all()
    return p.Config(
        settings=[_setting(key, field, values.get(key)) for key, field in presence.fields().items()],
    )


def _setting(key: str, field: ConfigField, value: Any) -> p.Setting:
    return p.Setting(
        key=key,
        type=field.type,
        title=field.title or key,
        description=field.description,
        value=None if field.secret else value,
        default=None if field.secret else field.default,
        minimum=field.minimum,
        maximum=field.maximum,
        choices=list(field.choices),
        secret=field.secret,
        filled=value not in (None, ""),
    )


@_does(p.Ping)
async def _ping(backend: Backend, command: p.Ping) -> p.Done:
    return p.Done()


assert set(p.COMMANDS) == set(_HANDLERS)
