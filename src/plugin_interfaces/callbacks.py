"""What the host offers to a plugin in Python: a method for each slot of the C table HostCallbacks.

A message on its way from one plugin in Python to another goes from Python through C to Python and back:

  1. A host, or another plugin, asks the core to run a request. The core waits for the turn of this instance
     and calls `handle_message` of its PluginInterface, which for a plugin in Python is a function that cffi made.
     (Of handle_message, which is called most, it is python_handle_message of src/native/python_messages.c.)
  2. That takes the GIL and calls the function of that name in bridge.py, which remembers the request as the current
     one, and calls the handler's method.
  3. The method calls the host, say `context.call_other_plugin(…)`. It ends up here: the texts become PluginText,
     a PluginError waits for a text, the GIL is released, and the slot of the C table runs in the core.
  4. The core runs the other plugin, steps 1 and 2 again, perhaps on this same thread, nested.
  5. What the core hands back goes to a receiver, which keeps it. The slot returns a status; here it becomes the
     return value, or an error of errors.py.
  6. What the method returns or raises, bridge.py turns into a reply, or into a status and a text. No exception
     crosses into C: its text crosses, and on the far side it is raised as a new error with the same status.

Any thread may use these methods at any time; after the instance has ended each raises ClosedError.
"""

from collections.abc import Iterable
from typing import Any, Final

from ._abi import PLUGIN_NONE, WAIT_FOREVER, MessageKind, Status, StreamStatus
from ._ffi import NULL, ErrorBuffer, Receiver, address, fast, ffi, lib, surrogate_error, text_to_c
from .errors import ClosedError, error_from_status, stream_error_from_status
from .metadata import HistoryMessage
from .symbols import history_from_texts
from .types import CData

NO_DEADLINE: Final = 2**64 - 1


def to_milliseconds(seconds: float | None) -> int:
    """A duration for C: None, and what does not fit, means without a limit; below zero counts as zero."""
    if seconds is None or seconds * 1000 >= WAIT_FOREVER:
        return WAIT_FOREVER
    return 0 if seconds <= 0 else round(seconds * 1000)


class HostCallbacks:
    """The table of the host together with the handle of one instance; may be kept for ever.

    Each method has the name of its slot in the header, which says what it does. Failures are raised; `what` of
    the error is "plugin <id>, <slot>".
    """

    __slots__ = ("_address", "_name", "_table", "host")

    def __init__(self, table: CData, host: int, name: str) -> None:
        """Takes a `const HostCallbacks *`, the instance's handle, and what to call the plugin in errors."""
        self._table = table
        self._address = address(table)
        self._name = name
        self.host = host

    def __repr__(self) -> str:
        return f"<HostCallbacks of plugin {self._name}>"

    def _what(self, slot: str) -> str:
        return f"plugin {self._name}, {slot}"

    def _call(self, slot: str, *arguments: Any) -> int:
        with ErrorBuffer() as error:
            return error.check(getattr(self._table, slot)(self.host, *arguments, error.c), self._what(slot))

    def _call_stream(self, slot: str, *arguments: Any) -> int:
        with ErrorBuffer() as error:
            status = getattr(self._table, slot)(self.host, *arguments, error.c)
            return error.check_stream(status, self._what(slot))

    # ---- front end ----

    def send_to_frontend(self, event: str, payload: str, wait: float | None = 0.0) -> None:
        """Sends an event; `payload` is JSON; waits up to `wait` seconds for room. Errors: QueueFull."""
        self._call("send_to_frontend", text_to_c(event), text_to_c(payload), to_milliseconds(wait))

    def send_message(self, text: str, kind: int = MessageKind.NORMAL, wait: float | None = 0.0) -> None:
        """Adds a message to the conversation; waits up to `wait` seconds for room. Errors: QueueFull."""
        self._call("send_message", kind, text_to_c(text), to_milliseconds(wait))

    def log(self, level: int, text: str, file: str = "", line: int = 0) -> None:
        """Writes a log line. Never fails: what has no UTF-8 form is escaped."""
        self._table.log(self.host, level, _lossy(file), line, _lossy(text))

    def refresh_ui(self) -> None:
        """Asks for a new frame of the settings."""
        self._call("refresh_ui")

    def request_disconnect(self) -> None:
        """Asks the host to disconnect this instance; on_disconnect follows in a turn of its own."""
        self._call("request_disconnect")

    # ---- settings, other plugins, history ----

    def get_app_config(self, key: str) -> str | None:
        """A setting, or None where there is no such one."""
        found = Receiver()
        with ErrorBuffer() as error:
            status = self._table.get_app_config(self.host, text_to_c(key), lib.py_receive_text, found.userdata, error.c)
            if status == Status.NOT_FOUND:
                return None
            error.check(status, self._what("get_app_config"))
        return str(found.items[0])

    def set_app_config(self, key: str, value: str) -> None:
        """Sets and stores a setting; errors say why it was refused."""
        self._call("set_app_config", text_to_c(key), text_to_c(value))

    def call_other_plugin(self, plugin_id: str, message: str, timeout: float | None = 30.0) -> str:
        """The reply of another plugin. Blocks. Errors: RequestError and its kinds."""
        try:
            reply = fast.call_other_plugin(self._address, self.host, plugin_id, message, to_milliseconds(timeout))
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("call_other_plugin"), error) from None
        if isinstance(reply, str):
            return reply
        raise error_from_status(reply[0], self._what("call_other_plugin"), reply[1])

    def get_history(self, limit: int = 0) -> list[HistoryMessage]:
        """The newest `limit` messages of the conversation, oldest first; 0 means all."""
        messages = fast.get_history(self._address, self.host, limit)
        if isinstance(messages, list):
            return history_from_texts(messages)
        raise error_from_status(messages[0], self._what("get_history"), messages[1])

    def get_extension(self, name: str) -> CData | None:
        """The table of an extension of the host as `const void *`, or None."""
        found = self._table.get_extension(self.host, text_to_c(name))
        return None if found == NULL else found

    # ---- requests ----

    def request_reply(self, request: int, text: str) -> None:
        """Ends a request with its reply. Errors: RequestError (it has ended), RequestCancelled, TextError."""
        try:
            status, message = fast.request_reply(self._address, self.host, request, text)
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("request_reply"), error) from None
        if status < 0:
            raise error_from_status(status, self._what("request_reply"), message)

    def request_fail(self, request: int, message: str, code: int = Status.ERROR) -> None:
        """Ends a request as failed, with a text for the person. Errors: RequestError (it has ended), …"""
        self._call("request_fail", request, code if code < 0 else Status.ERROR, _lossy(message))

    def request_status(self, request: int) -> int:
        """Status.OK while the work is wanted; else CANCELLED, TIMEOUT, ENDED, INVALID_HANDLE or CLOSED."""
        return int(self._table.request_status(self.host, request))

    def request_remaining(self, request: int) -> float | None:
        """Seconds until the deadline; None where there is none."""
        left = self._table.request_remaining_ns(self.host, request)
        return None if left == NO_DEADLINE else left / 1e9

    # ---- streams ----

    def stream_start(self, request: int = PLUGIN_NONE, kind: int = MessageKind.NORMAL) -> int:
        """Starts a stream and returns its handle. Errors: QueueFull, StreamError."""
        stream = ffi.new("PluginStream *")
        self._call_stream("stream_start", request, kind, stream)
        return int(stream[0])

    def stream_data(self, stream: int, chunk: str, flags: int = 0, wait: float | None = None) -> None:
        """Sends a chunk; a paused stream and a full queue hold it back for up to `wait` seconds.

        Errors: StreamError and its kinds; QueueFull (nothing was taken).
        """
        try:
            status, message = fast.stream_data(self._address, self.host, stream, chunk, flags, to_milliseconds(wait))
        except UnicodeEncodeError as error:
            raise surrogate_error(self._what("stream_data"), error) from None
        if status < 0:
            raise stream_error_from_status(status, self._what("stream_data"), message)

    def stream_batch(self, stream: int, chunks: Iterable[str], flags: int = 0, wait: float | None = None) -> None:
        """Sends chunks with nothing between them: all are taken, or none."""
        texts = [text_to_c(chunk) for chunk in chunks]
        array = ffi.new("PluginText[]", texts)
        self._call_stream("stream_batch", stream, array, len(texts), flags, to_milliseconds(wait))

    def stream_end(self, stream: int, success: bool = True, reason: str = "") -> None:
        """Ends a stream; `reason` says why it failed."""
        self._call_stream("stream_end", stream, int(success), _lossy(reason))

    def stream_pause(self, stream: int) -> None:
        """Pauses a stream."""
        self._call_stream("stream_pause", stream)

    def stream_resume(self, stream: int) -> None:
        """Resumes a stream."""
        self._call_stream("stream_resume", stream)

    def stream_cancel(self, stream: int) -> None:
        """Ends a stream as cancelled."""
        self._call_stream("stream_cancel", stream)

    def stream_status(self, stream: int) -> StreamStatus | None:
        """The state of a stream; None where the handle names none, or one that ended long ago."""
        status = self._table.stream_status(self.host, stream)
        if status == Status.CLOSED:
            raise ClosedError(self._what("stream_status"), "the instance is gone")
        return StreamStatus(status) if status >= 0 else None

    def stream_list(self) -> list[int]:
        """The streams of this instance that have not ended, oldest first."""
        streams = Receiver()
        self._call("stream_list", lib.py_receive_stream, streams.userdata)
        return list(streams.items)


def _lossy(text: str) -> CData:
    return text_to_c(text.encode("utf-8", "backslashreplace"))
