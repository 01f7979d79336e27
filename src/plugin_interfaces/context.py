"""What a plugin's methods are given to reach the host: the context, the current request, streams."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from ._abi import PLUGIN_NONE, LogLevel, MessageKind, Status, StreamStatus
from ._event_loop import refuse_to_block, run_blocking
from .callbacks import HostCallbacks
from .errors import ClosedError, InvalidStreamId, PluginInterfacesError, StateError
from .metadata import HistoryMessage, PluginMetadata
from .stream import Stream

_current_request: ContextVar["Request | None"] = ContextVar("plugin_interfaces_request", default=None)


class Request:
    """A message that waits for its reply. Any thread may use it; after it has ended, calls raise RequestError."""

    __slots__ = ("_callbacks", "id", "kept")

    def __init__(self, callbacks: HostCallbacks, handle: int) -> None:
        self._callbacks = callbacks
        self.id = handle
        self.kept = False

    def __repr__(self) -> str:
        return f"<Request {self.id:#x}>"

    @property
    def cancelled(self) -> bool:
        """Whether the work is no longer wanted: cancelled, past its deadline, or the instance is gone."""
        return self._callbacks.request_status(self.id) != Status.OK

    @property
    def ended(self) -> bool:
        """Whether it was answered, or ended in any other way."""
        return self.cancelled

    @property
    def status(self) -> int:
        """Status.OK while an answer is wanted; else why it is not."""
        return self._callbacks.request_status(self.id)

    @property
    def remaining(self) -> float | None:
        """Seconds until the deadline; None where there is none."""
        return self._callbacks.request_remaining(self.id)

    def keep(self) -> "Request":
        """Says that the answer comes later, by reply() or fail(), and returns the request itself."""
        self.kept = True
        return self

    def reply(self, text: str) -> None:
        """Ends it with its reply. Errors: RequestError (it has ended), RequestCancelled, TextError."""
        self._callbacks.request_reply(self.id, text)

    def fail(self, message: str, code: int = Status.ERROR) -> None:
        """Ends it as failed; `message` is for the person, `code` below zero. Errors as for reply()."""
        self._callbacks.request_fail(self.id, message, code)


class Settings(Mapping[str, str]):
    """The settings of an instance by key: the values as get_app_config gives them, always the present ones.

    Iterating gives the keys that the manifest declares; other keys, of the application, can be looked up.
    """

    __slots__ = ("_callbacks", "_config_path")

    def __init__(self, callbacks: HostCallbacks, config_path: str) -> None:
        self._callbacks = callbacks
        self._config_path = config_path

    def __getitem__(self, key: str) -> str:
        value = self._callbacks.get_app_config(key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(_declared_keys(self._config_path))

    def __len__(self) -> int:
        return len(_declared_keys(self._config_path))


class PluginInstanceContext:
    """The way back to the host, made once for each instance, valid and the same in every call.

    A plugin may keep it, also in threads and tasks; after the instance has ended its calls raise ClosedError.

    Attributes:
        instance_id: unique among all instances of the host, stable over restarts.
        metadata: what is known of the plugin and of this instance.
        callbacks: the host's table itself, for what has no method here.
        history: the conversation as the host gave it last, where the manifest says `require_history`.
    """

    def __init__(self, instance_id: str, metadata: PluginMetadata, callbacks: HostCallbacks) -> None:
        self.instance_id = instance_id
        self.metadata = metadata
        self.callbacks = callbacks
        self.history: Sequence[HistoryMessage] = ()

    def __repr__(self) -> str:
        return f"<PluginInstanceContext {self.instance_id!r} of plugin {self.metadata.id!r}>"

    def has_permission(self, name: str) -> bool:
        """Whether the manifest asks for a permission and the person gave it; the same from load to unload."""
        return name in self.metadata.permissions

    # ---- front end ----

    def send_message(self, text: str, kind: int = MessageKind.NORMAL, *, wait: float | None = 0.0) -> None:
        """Adds a message to the conversation; waits up to `wait` seconds for room. Errors: QueueFull, …"""
        self.callbacks.send_message(text, kind, wait)

    def send_message_to_frontend(self, text: str) -> bool:
        """As send_message, and tells whether the host took it."""
        return _succeeds(self.callbacks.send_message, text)

    def send_to_frontend(self, event: str, payload: Any) -> bool:
        """Sends an event of the plugin's own; a payload that is no str is made JSON. Whether the host took it."""
        text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        return _succeeds(self.callbacks.send_to_frontend, event, text)

    def refresh_ui(self) -> bool:
        """Asks for a new frame of the settings; False where the instance is gone."""
        return _succeeds(self.callbacks.refresh_ui)

    def request_disconnect(self) -> None:
        """Asks the host to disconnect this instance; on_disconnect follows in a turn of its own."""
        self.callbacks.request_disconnect()

    def call_disconnect(self) -> bool:
        """As request_disconnect, and tells whether the host took it."""
        return _succeeds(self.callbacks.request_disconnect)

    def log(self, level: int, text: str, *, stacklevel: int = 1) -> None:
        """Writes a log line with the caller's file and line; `level` is a LogLevel. Never fails."""
        frame = sys._getframe(stacklevel)
        self.callbacks.log(level, text, frame.f_code.co_filename, frame.f_lineno)

    # ---- settings, other plugins, history ----

    def get_app_config(self, key: str, default: str | None = None) -> str | None:
        """A setting: a string as it is, anything else as JSON; `default` where there is no such one."""
        value = self.callbacks.get_app_config(key)
        return default if value is None else value

    def set_app_config(self, key: str, value: Any) -> None:
        """Sets and stores a setting; a value that is no str is made JSON. Errors say why it was refused."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self.callbacks.set_app_config(key, text)

    @property
    def config(self) -> Mapping[str, str]:
        """The settings by key."""
        return Settings(self.callbacks, self.metadata.config_path)

    def call_other_plugin(self, plugin_id: str, message: str, timeout: float | None = 30.0) -> str:
        """The reply of another plugin, waited for at most `timeout` seconds.

        Never in an async method: StateError. Errors otherwise: RequestError and its kinds.
        """
        refuse_to_block("call_other_plugin", "`await context.call_other_plugin_async(…)`")
        return self.callbacks.call_other_plugin(plugin_id, message, timeout)

    async def call_other_plugin_async(self, plugin_id: str, message: str, timeout: float | None = 30.0) -> str:
        """As call_other_plugin, for async methods; never beyond the deadline of the current request."""
        request = _current_request.get()
        remaining = None if request is None else request.remaining
        if remaining is not None:
            timeout = remaining if timeout is None else min(timeout, remaining)
        return await run_blocking(self.callbacks.call_other_plugin, plugin_id, message, timeout)

    def get_history(self, limit: int = 0) -> list[HistoryMessage]:
        """The newest `limit` messages of the conversation, oldest first; 0 means all."""
        return self.callbacks.get_history(limit)

    # ---- requests ----

    @property
    def request(self) -> Request:
        """The message being handled, also inside async methods. StateError where there is none."""
        request = _current_request.get()
        if request is None:
            raise StateError("request", "no message is being handled here; only handle_message has a request")
        return request

    def keep_request(self) -> Request:
        """Keeps the current request: handle_message may return, and the answer comes later."""
        return self.request.keep()

    # ---- streams ----

    def stream(self, kind: int = MessageKind.NORMAL, request: Request | int | None = None) -> Stream:
        """Starts a stream; `request` is the one that it answers: the current one, unless another is given.

        As a context manager it ends when the block is left: well, or as failed by an exception.
        """
        if request is None:
            request = _current_request.get()
        handle = request.id if isinstance(request, Request) else request or PLUGIN_NONE
        return Stream(self.callbacks, self.callbacks.stream_start(handle, kind))

    def send_message_stream_start(self) -> str:
        """Starts a stream and returns its id."""
        return str(self.stream().id)

    def send_message_stream(self, stream_id: str, chunk: str, is_final: bool = False) -> None:
        """Sends a chunk. Errors: StreamError and its kinds."""
        self._stream(stream_id).send(chunk, is_final)

    def send_message_stream_batch(self, stream_id: str, chunks: Sequence[str]) -> None:
        """Sends chunks with nothing between them: all are taken, or none."""
        self._stream(stream_id).send_batch(chunks)

    def send_message_stream_end(self, stream_id: str, success: bool = True, error: str | None = None) -> None:
        """Ends a stream; `error` says why it failed."""
        self.callbacks.stream_end(self._stream(stream_id).id, success, error or "")

    def send_message_stream_pause(self, stream_id: str) -> None:
        """Pauses a stream."""
        self._stream(stream_id).pause()

    def send_message_stream_resume(self, stream_id: str) -> None:
        """Resumes a stream."""
        self._stream(stream_id).resume()

    def send_message_stream_cancel(self, stream_id: str) -> None:
        """Ends a stream as cancelled."""
        self._stream(stream_id).cancel()

    def get_stream_status(self, stream_id: str) -> StreamStatus | None:
        """The state of a stream; None where the id names none, or one that ended long ago."""
        try:
            return self.callbacks.stream_status(int(stream_id))
        except ValueError:
            return None

    def list_active_streams(self) -> list[str]:
        """The ids of the streams that have not ended, oldest first."""
        return [str(stream) for stream in self.callbacks.stream_list()]

    def _stream(self, stream_id: str) -> Stream:
        try:
            return Stream(self.callbacks, int(stream_id))
        except ValueError:
            raise InvalidStreamId("stream", f"{stream_id!r} is not the id of a stream") from None

    # ---- names of the crate ----

    def get_instance_id(self) -> str:
        """The instance's id."""
        return self.instance_id

    def get_metadata(self) -> PluginMetadata:
        """What is known of the plugin and of this instance."""
        return self.metadata

    def get_callbacks(self) -> HostCallbacks:
        """The host's table."""
        return self.callbacks

    def set_history(self, messages: Sequence[HistoryMessage]) -> None:
        """Replaces `history`."""
        self.history = messages

    def clear_history(self) -> None:
        """Empties `history`."""
        self.history = ()


def log_level(name: str) -> LogLevel:
    """The level of a name in any case: "info", "WARN"."""
    return LogLevel[name.upper()]


def _succeeds(call: Any, *arguments: Any) -> bool:
    try:
        call(*arguments)
    except ClosedError:
        return False
    except PluginInterfacesError as error:
        if error.code == Status.FULL:
            return False
        raise
    return True


def _declared_keys(config_path: str) -> Sequence[str]:
    if not config_path:
        return ()
    from pathlib import Path

    from .config import load_manifest

    return tuple(load_manifest(Path(config_path).parent).config)
