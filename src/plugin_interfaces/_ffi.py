"""The only module that touches `_native`: texts, errors and receivers between Python and C.

`ffi` and `lib` are cffi's; `fast` holds the functions for the hot paths, written against CPython's own API
(src/native/python_module.c): each takes handles and pointers as int and texts as str, and releases the GIL
around the core.
"""

import sys
from types import ModuleType, TracebackType
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

from . import _native
from ._abi import UNTIL_NUL
from .errors import TextError, error_from_status, stream_error_from_status
from .types import CData

__all__ = [
    "NULL",
    "ErrorBuffer",
    "Receiver",
    "address",
    "fast",
    "ffi",
    "fill_error",
    "host_text",
    "lib",
    "surrogate_error",
    "text_from_c",
    "text_to_bytes",
    "text_to_c",
]

ffi: Final[Any] = _native.ffi
lib: Final[Any] = _native.lib
NULL: Final[CData] = ffi.NULL


def _install_fast() -> ModuleType:
    if lib.python_module_install() != 0:
        raise ImportError("the native functions could not be set up; reinstall plugin-interfaces")
    return sys.modules["plugin_interfaces._native_fast"]


fast: Final[Any] = _install_fast()

# What a PluginText points to, as long as the struct is alive: cffi's structs do not own what they point to.
_bytes_of: WeakKeyDictionary[CData, bytes] = WeakKeyDictionary()


def surrogate_error(what: str, error: UnicodeEncodeError) -> TextError:
    """The error for a str that has no UTF-8 form."""
    found = f"U+{ord(error.object[error.start]):04X} at index {error.start}"
    return TextError(what, f"{found} is a lone surrogate and no character; remove or replace it")


def text_to_bytes(text: str | bytes, what: str = "text") -> bytes:
    """The UTF-8 form of a text; bytes are taken as they are. TextError where a lone surrogate has none."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise surrogate_error(what, error) from None


def text_to_c(text: str | bytes, what: str = "text") -> CData:
    """A PluginText to pass by value; it keeps its bytes alive as long as itself. Errors: TextError."""
    data = text_to_bytes(text, what)
    struct = ffi.new("PluginText *", (ffi.from_buffer(data), len(data)))[0]
    _bytes_of[struct] = data
    return struct


def text_from_c(text: CData) -> str:
    """The str of a PluginText, NUL bytes included; bytes that are not UTF-8 become U+FFFD."""
    length = text.length
    if not length or text.data == NULL:
        return ""
    data = ffi.string(text.data) if length == UNTIL_NUL else ffi.unpack(text.data, length)
    return bytes(data).decode("utf-8", "replace")


def host_text(data: bytes) -> CData:
    """Memory for a text that stays until the result is dropped, with a NUL behind it."""
    return ffi.new("char[]", data)


def address(pointer: CData) -> int:
    """A pointer as the int that `fast` takes."""
    return int(ffi.cast("uintptr_t", pointer))


def fill_error(error: CData, status: int, text: str) -> int:
    """Writes a failure into a PluginError of the other side, which may be NULL; returns the status."""
    if error != NULL:
        data = text.encode("utf-8", "backslashreplace")[: error.capacity].decode("utf-8", "ignore").encode()
        ffi.memmove(error.text, data, len(data))
        error.length = len(data)
        error.status = status
    return status


class ErrorBuffer:
    """A PluginError with room for its text, for one call at a time and one thread.

    with ErrorBuffer() as error:
        error.check(lib.core_instance_connect(host, error.c), "plugin echo, on_connect")
    """

    __slots__ = ("_text", "c")

    CAPACITY: Final = 4096

    def __init__(self) -> None:
        self._text = ffi.new("char[]", self.CAPACITY)
        self.c: CData = ffi.new("PluginError *")
        self.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def clear(self) -> None:
        """Makes it ready for the next call."""
        self.c.struct_size = ffi.sizeof("PluginError")
        self.c.status = 0
        self.c.text = self._text
        self.c.capacity = self.CAPACITY
        self.c.length = 0

    @property
    def text(self) -> str:
        """What the last call said; empty where it said nothing."""
        length = min(self.c.length, self.CAPACITY)
        return bytes(ffi.unpack(self._text, length)).decode("utf-8", "replace") if length else ""

    def check(self, status: int, what: str) -> int:
        """Returns a status of zero or above, and raises the error for one below."""
        if status < 0:
            raise error_from_status(status, what, self.text)
        return status

    def check_stream(self, status: int, what: str) -> int:
        """As check, for a call on a stream."""
        if status < 0:
            raise stream_error_from_status(status, what, self.text)
        return status


class Receiver:
    """Collects in `items` what C hands to a receiver; pass `userdata` together with one of lib's functions.

    lib.py_receive_text appends a str, lib.py_receive_stream an int, and lib.py_write_bytes bytes.
    """

    __slots__ = ("__weakref__", "items", "userdata")

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.userdata: CData = ffi.new_handle(self)


@ffi.def_extern()  # type: ignore[untyped-decorator]
def py_receive_text(userdata: CData, text: CData) -> None:
    """PluginReceiveText."""
    ffi.from_handle(userdata).items.append(text_from_c(text))


@ffi.def_extern()  # type: ignore[untyped-decorator]
def py_receive_stream(userdata: CData, stream: int) -> None:
    """PluginReceiveStream."""
    ffi.from_handle(userdata).items.append(stream)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_write_bytes(userdata: CData, data: CData, length: int) -> int:
    """PluginWriteBytes."""
    ffi.from_handle(userdata).items.append(bytes(ffi.buffer(data, length)) if length else b"")
    return 0
