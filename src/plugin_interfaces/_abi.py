"""The enumerations and constants of the ABI, made from the headers by `build_ffi.py --abi`."""

from enum import IntEnum, IntFlag
from typing import Final

ABI_MAGIC: Final = 0x504C
ABI_VERSION_NUMBER: Final = 0x1
ABI_VERSION: Final = 0x504C0001
UNTIL_NUL: Final = 0xFFFFFFFFFFFFFFFF
PLUGIN_NONE: Final = 0
WAIT_FOREVER: Final = 0xFFFFFFFF
STATUS_PLUGIN_FIRST: Final = -1000


class Status(IntEnum):
    """The one list of results: zero and above is success, below zero is failure."""

    OK = 0
    PENDING = 1
    ERROR = -1
    INVALID_ARGUMENT = -2
    INVALID_TEXT = -3
    INVALID_STATE = -4
    INVALID_HANDLE = -5
    CLOSED = -6
    ENDED = -7
    CANCELLED = -8
    TIMEOUT = -9
    PAUSED = -10
    FULL = -11
    TOO_LARGE = -12
    NOT_FOUND = -13
    NOT_CONNECTED = -14
    UNSUPPORTED = -15
    CYCLE = -16
    NO_REPLY = -17
    WRONG_VERSION = -18
    OUT_OF_MEMORY = -19
    NOT_PERMITTED = -20


class MessageKind(IntEnum):
    """How a message is shown."""

    NORMAL = 0
    SUCCESS = 1
    WARNING = 2
    ERROR = 3
    INFO = 4


class LogLevel(IntEnum):
    """How much a log line matters."""

    TRACE = 0
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4


class StreamStatus(IntEnum):
    """The states of a stream."""

    ACTIVE = 0
    PAUSED = 1
    FINALIZING = 2
    COMPLETED = 3
    FAILED = 4
    CANCELLED = 5


class ChunkFlag(IntFlag):
    """Bits of the `flags` of stream_data and stream_batch."""

    FINAL = 1


class MetadataFlag(IntFlag):
    """Bits of PluginMetadataFFI.flags."""

    DISABLED = 1
    REQUIRE_HISTORY = 2


class ResponseFlag(IntFlag):
    """What the person did with a widget."""

    CLICKED = 1
    CHANGED = 2
    SUBMITTED = 4
    LOST_FOCUS = 8
    HOVERED = 16


class WidgetFlag(IntFlag):
    """Bits of the `flags` of widgets."""

    DISABLED = 1
    PASSWORD = 2
    OPEN = 4
    FOLDER = 8
    HIDE_LABEL = 16


class UiFlag(IntFlag):
    """Bits of PluginUi.flags."""

    DARK = 1


class SeriesStyle(IntEnum):
    """How a series of a plot is drawn."""

    LINE = 0
    POINTS = 1
    BARS = 2


class Feature(IntFlag):
    """Bits of PluginInterface.features."""

    SHORT_CALLS = 1


class State(IntEnum):
    """The states of an instance's life."""

    CREATED = 0
    INITIALIZED = 1
    MOUNTED = 2
    CONNECTED = 3
    DISPOSED = 4
    GONE = 5


class Notify(IntEnum):
    """How the events of a request are queued."""

    NONE = 0
    WAIT = 1
    NOW = 2


class EventType(IntEnum):
    """What an event of the core's queue tells."""

    MESSAGE = 1
    FRONTEND = 2
    STREAM_START = 3
    STREAM_DATA = 4
    STREAM_END = 5
    STREAM_PAUSE = 6
    STREAM_RESUME = 7
    STREAM_CANCEL = 8
    LOG = 9
    LOGS_LOST = 10
    UI_REFRESH = 11
    DISCONNECT_REQUEST = 12
    REQUEST_ENDED = 13
    REPORT = 14
    STATE = 15
    REQUEST_STARTED = 16


class RequestFlag(IntFlag):
    """Bits of the number of events that are about requests."""

    TAKEN = 1
    STREAMED = 2
    TOLD = 4


class Entry(IntFlag):
    """Which entries a plugin has: the bits of core_instance_entries."""

    GET_METADATA = 1
    INITIALIZE = 2
    INIT_UI = 4
    UPDATE_UI = 8
    ON_MOUNT = 16
    ON_DISPOSE = 32
    ON_CONNECT = 64
    ON_DISCONNECT = 128
    HANDLE_MESSAGE = 256
    ON_CANCEL = 512
    SET_HISTORY = 1024
    SAVE_STATE = 2048
    LOAD_STATE = 4096
    GET_EXTENSION = 8192


STATUS_TEXT: Final[dict[int, str]] = {
    Status.OK: "done",
    Status.PENDING: "the request was kept and will be answered later",
    Status.ERROR: "the call failed",
    Status.INVALID_ARGUMENT: "an argument is NULL or out of range",
    Status.INVALID_TEXT: "a text is not UTF-8, or has a NUL byte where none is allowed",
    Status.INVALID_STATE: "the call is not allowed in this state of the life cycle",
    Status.INVALID_HANDLE: "the handle does not name a request or stream of this instance",
    Status.CLOSED: "the instance or its host is gone",
    Status.ENDED: "the request or stream has already ended",
    Status.CANCELLED: "the request or stream was cancelled",
    Status.TIMEOUT: "the deadline passed",
    Status.PAUSED: "the stream is paused",
    Status.FULL: "the queue is full",
    Status.TOO_LARGE: "a text is larger than the host allows",
    Status.NOT_FOUND: "there is no such plugin, key or extension",
    Status.NOT_CONNECTED: "the instance is not connected",
    Status.UNSUPPORTED: "the other side does not offer this",
    Status.CYCLE: "plugins call each other in a circle",
    Status.NO_REPLY: "the entry returned without a reply",
    Status.WRONG_VERSION: "the plugin was built for another version of the ABI",
    Status.OUT_OF_MEMORY: "no memory is left",
    Status.NOT_PERMITTED: "the person did not allow this",
}
