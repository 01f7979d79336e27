"""Errors as clients are told them."""

from __future__ import annotations

from .._abi import Status
from ..errors import PluginInterfacesError, status_text
from ..logging import log_error
from .protocol import Error


class CommandFailed(Exception):
    """A command failed; `error` says what a person needs to know."""

    def __init__(self, error: Error) -> None:
        super().__init__(error)
        self.error = error

    def __str__(self) -> str:
        return f"{self.error.what}: {self.error.message}" if self.error.what else self.error.message


def status_name(code: int) -> str:
    """The name of a status as the protocol has it: "not_connected", and "plugin_status" for a plugin's own."""
    try:
        return Status(code).name.lower()
    except ValueError:
        return "plugin_status"


def as_text(name: str) -> str:
    """A text that may have the name of a file in it, as it can travel: such a name need not be UTF-8."""
    return name.encode("utf-8", "replace").decode()


def error_record(code: int, what: str, message: str, instance_id: str = "") -> Error:
    """An error with a status; without a message the status's meaning stands in its place."""
    return Error(
        what=as_text(what),
        message=as_text(message or status_text(code)),
        status=status_name(code),
        code=code,
        instance_id=instance_id,
    )


def error_of(error: BaseException, instance_id: str = "") -> Error:
    """What a person is told of an exception; one that nobody foresaw is logged too."""
    if isinstance(error, CommandFailed):
        return error.error
    if isinstance(error, PluginInterfacesError):
        return error_record(error.code, error.what, error.message, instance_id)
    if isinstance(error, TimeoutError):
        return error_record(Status.TIMEOUT, "", str(error), instance_id)
    if isinstance(error, OSError):
        return error_record(Status.ERROR, str(error.filename or "server"), error.strerror or str(error), instance_id)
    log_error(f"the web server failed with {type(error).__name__}: {error}")
    return error_record(Status.ERROR, "server", f"{type(error).__name__}: {error}", instance_id)


def failure(code: Status, what: str, message: str, instance_id: str = "") -> CommandFailed:
    """A failure of a command, to be raised."""
    return CommandFailed(error_record(code, what, message, instance_id))
