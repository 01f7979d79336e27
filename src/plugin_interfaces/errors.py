"""The one tree of errors: each says what was being done, what went wrong and what to do, and has a code.

PluginInterfacesError
  LoadError           ManifestError, LibraryError, VersionError, RequirementError
  ConfigError
  StateError
  ClosedError
  CallTimeout
  NotPermitted
  RequestError        ReplyTimeout, RequestCancelled, NoReply, NotConnected, CycleError, PluginFailed
  StreamError         SendFailed, InvalidStreamId, StreamNotFound, StreamAlreadyEnded, InvalidState,
                      StreamCancelled, StreamPaused
  TextError
  QueueFull
  HistoryError
  UiError
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from ._abi import STATUS_PLUGIN_FIRST, STATUS_TEXT, Status


class PluginInterfacesError(Exception):
    """Base of all errors of this package.

    Attributes:
        what: the plugin and the call, as in "plugin echo, handle_message".
        message: what went wrong and what to do.
        code: a Status, or a plugin's own number below STATUS_PLUGIN_FIRST.
    """

    default_code: ClassVar[Status] = Status.ERROR

    def __init__(self, what: str, message: str, code: int | None = None) -> None:
        """Takes the texts as they are; `code` None means the class's own."""
        super().__init__(what, message, code)
        self.what = what
        self.message = message
        self.code: int = self.default_code if code is None else _status(code)

    def __str__(self) -> str:
        return f"{self.what}: {self.message}" if self.what else self.message


class LoadError(PluginInterfacesError):
    """A plugin could not be loaded."""


class ManifestError(LoadError):
    """`config.toml` is missing, malformed or contradicts itself."""


class LibraryError(LoadError):
    """The library or the module is missing, damaged, built for another machine, or not a plugin."""


class VersionError(LoadError):
    """The plugin was built for another version of the ABI."""

    default_code = Status.WRONG_VERSION


class RequirementError(LoadError):
    """A package or a library that the plugin needs is not installed."""


class ConfigError(PluginInterfacesError):
    """A setting is unknown, has a wrong value, or could not be stored."""

    default_code = Status.INVALID_ARGUMENT


class StateError(PluginInterfacesError):
    """The call is not allowed in this state of the life cycle."""

    default_code = Status.INVALID_STATE


class ClosedError(PluginInterfacesError):
    """The instance or its host is gone."""

    default_code = Status.CLOSED


class CallTimeout(PluginInterfacesError, TimeoutError):
    """An entry of the plugin did not return in time, and still runs."""

    default_code = Status.TIMEOUT


class NotPermitted(PluginInterfacesError):
    """The person did not allow this."""

    default_code = Status.NOT_PERMITTED


class RequestError(PluginInterfacesError):
    """A message got no reply."""


class ReplyTimeout(RequestError, TimeoutError):
    """The deadline passed."""

    default_code = Status.TIMEOUT


class RequestCancelled(RequestError):
    """The request was cancelled."""

    default_code = Status.CANCELLED


class NoReply(RequestError):
    """The plugin returned without a reply."""

    default_code = Status.NO_REPLY


class NotConnected(RequestError):
    """The instance is not connected."""

    default_code = Status.NOT_CONNECTED


class CycleError(RequestError):
    """Plugins call each other in a circle."""

    default_code = Status.CYCLE


class PluginFailed(RequestError):
    """The plugin failed; the message is its own."""


class StreamError(PluginInterfacesError):
    """A call on a stream failed."""


class SendFailed(StreamError):
    """The front end did not take the chunk."""


class InvalidStreamId(StreamError):
    """What was given is not the id of a stream."""

    default_code = Status.INVALID_ARGUMENT


class StreamNotFound(StreamError):
    """The id does not name a stream of this instance."""

    default_code = Status.INVALID_HANDLE


class StreamAlreadyEnded(StreamError):
    """The stream has ended."""

    default_code = Status.ENDED


class InvalidState(StreamError):
    """The stream's state does not allow this: a chunk after the final one."""

    default_code = Status.INVALID_STATE


class StreamCancelled(StreamError):
    """The stream was cancelled: stop sending."""

    default_code = Status.CANCELLED


class StreamPaused(StreamError):
    """The stream is paused."""

    default_code = Status.PAUSED


class TextError(PluginInterfacesError):
    """A text cannot cross: not UTF-8, a NUL where none is allowed, or too large."""

    default_code = Status.INVALID_TEXT


class QueueFull(PluginInterfacesError):
    """The queue to the front end is full; nothing was taken."""

    default_code = Status.FULL


class HistoryError(PluginInterfacesError):
    """The stored conversation could not be read or written."""


class UiError(PluginInterfacesError):
    """The settings UI was used wrongly, or an event does not fit the last frame."""


def _status(code: int) -> int:
    """`code` as a Status where it is one."""
    try:
        return Status(code)
    except ValueError:
        return code


_CLASSES: Final[Mapping[int, type[PluginInterfacesError]]] = {
    Status.INVALID_TEXT: TextError,
    Status.INVALID_STATE: StateError,
    Status.INVALID_HANDLE: RequestError,
    Status.CLOSED: ClosedError,
    Status.ENDED: RequestError,
    Status.CANCELLED: RequestCancelled,
    Status.TIMEOUT: ReplyTimeout,
    Status.PAUSED: StreamPaused,
    Status.FULL: QueueFull,
    Status.TOO_LARGE: TextError,
    Status.NOT_CONNECTED: NotConnected,
    Status.CYCLE: CycleError,
    Status.NO_REPLY: NoReply,
    Status.WRONG_VERSION: VersionError,
    Status.NOT_PERMITTED: NotPermitted,
    Status.ERROR: PluginFailed,
}

# The same statuses where the call was about a stream.
_STREAM_CLASSES: Final[Mapping[int, type[PluginInterfacesError]]] = {
    Status.INVALID_ARGUMENT: InvalidStreamId,
    Status.INVALID_TEXT: TextError,
    Status.INVALID_STATE: InvalidState,
    Status.INVALID_HANDLE: StreamNotFound,
    Status.CLOSED: ClosedError,
    Status.ENDED: StreamAlreadyEnded,
    Status.CANCELLED: StreamCancelled,
    Status.PAUSED: StreamPaused,
    Status.FULL: QueueFull,
    Status.TOO_LARGE: TextError,
    Status.NOT_PERMITTED: NotPermitted,
}


def status_text(status: int) -> str:
    """The meaning of a status, in words."""
    return STATUS_TEXT.get(status, f"the plugin's own status {status}")


def error_from_status(status: int, what: str, message: str = "") -> PluginInterfacesError:
    """The error for a status below zero; without a message the status's meaning stands in its place."""
    # A plugin that passes an error of its own on names itself, and so does `what`.
    subject = what.partition(",")[0]
    message = message.removeprefix(f"{subject}, ")
    kind = _CLASSES.get(status, PluginFailed if status < STATUS_PLUGIN_FIRST else PluginInterfacesError)
    return kind(what, message or status_text(status), status)


def stream_error_from_status(status: int, what: str, message: str = "") -> PluginInterfacesError:
    """As error_from_status, for a call on a stream."""
    return _STREAM_CLASSES.get(status, SendFailed)(what, message or status_text(status), status)
