"""What the core asks of its embedder on behalf of plugins: settings and history. `userdata` is the Host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._abi import Status
from .._ffi import NULL, address, fast, ffi, fill_error, lib, text_from_c, text_to_c
from ..config import value_to_text
from ..errors import PluginInterfacesError
from ..types import CData

if TYPE_CHECKING:
    from .host import Host


def fill_services(services: CData, userdata: CData) -> None:
    """Writes this module's functions into a CoreServices; `userdata` is a cffi handle of the Host."""
    services.userdata = userdata
    services.get_config = lib.py_get_config
    services.set_config = lib.py_set_config
    services.get_history = lib.py_get_history
    services.get_extension = lib.py_get_extension


def _host(userdata: CData) -> Host:
    host: Host = ffi.from_handle(userdata)
    return host


def _fail(error: CData, failure: BaseException) -> int:
    if isinstance(failure, PluginInterfacesError):
        return fill_error(error, min(int(failure.code), -1), str(failure))
    return fill_error(error, int(Status.ERROR), f"{type(failure).__name__}: {failure}")


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_get_config(userdata: CData, handle: int, key: CData, receive: CData, receiver: CData, error: CData) -> int:
    """A setting: of the instance, else of the application."""
    try:
        host = _host(userdata)
        instance = host.by_handle.get(handle)
        name = text_from_c(key)
        value: Any = instance.config.get(name) if instance is not None else None
        if value is None:
            value = host.app_config.get(name)
        if value is None:
            return fill_error(error, int(Status.NOT_FOUND), f"there is no setting {name!r}")
        receive(receiver, text_to_c(value_to_text(value)))
        return int(Status.OK)
    except BaseException as failure:
        return _fail(error, failure)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_set_config(userdata: CData, handle: int, key: CData, value: CData, error: CData) -> int:
    """Checks and stores a setting of the instance."""
    try:
        instance = _host(userdata).by_handle.get(handle)
        if instance is None:
            return fill_error(error, int(Status.CLOSED), "the instance is gone")
        instance.config.set_text(text_from_c(key), text_from_c(value))
        return int(Status.OK)
    except BaseException as failure:
        return _fail(error, failure)


@ffi.def_extern(error=-1)  # type: ignore[untyped-decorator]
def py_get_history(
    userdata: CData, handle: int, limit: int, before: int, receive: CData, receiver: CData, error: CData
) -> int:
    """The conversation of the instance, oldest first."""
    try:
        host = _host(userdata)
        instance = host.by_handle.get(handle)
        if instance is not None:
            host.settle(instance)
            messages = host.store.texts(instance.id, limit, before_request=before)
            fast.give_history(address(receive), address(receiver), messages)
        return int(Status.OK)
    except BaseException as failure:
        return _fail(error, failure)


@ffi.def_extern(error=NULL)  # type: ignore[untyped-decorator]
def py_get_extension(userdata: CData, handle: int, name: CData) -> CData:
    """The host has no extensions yet."""
    return NULL
