"""Logging on top of the standard library's: what plugins log arrives there as records with plugin, file and line."""

import logging as _std
from typing import Final

from .._abi import LogLevel
from .format import ColorCode, ColorFormatter, setup_logging, with_color

__all__ = [
    "PLUGIN_LOGGER",
    "TRACE",
    "ColorCode",
    "ColorFormatter",
    "LogLevel",
    "emit_plugin_log",
    "log_debug",
    "log_error",
    "log_info",
    "log_trace",
    "log_warn",
    "logger_of",
    "setup_logging",
    "with_color",
]

TRACE: Final = 5
"""The level below DEBUG, for which the standard library has no name."""

PLUGIN_LOGGER: Final = "plugin_interfaces.plugin"

_std.addLevelName(TRACE, "TRACE")

_LEVELS: Final = {
    LogLevel.TRACE: TRACE,
    LogLevel.DEBUG: _std.DEBUG,
    LogLevel.INFO: _std.INFO,
    LogLevel.WARN: _std.WARNING,
    LogLevel.ERROR: _std.ERROR,
}

_host_logger: Final = _std.getLogger("plugin_interfaces")
_host_logger.addHandler(_std.NullHandler())


def logger_of(instance_id: str) -> _std.Logger:
    """The logger of an instance. Dots of its id do not make levels of the hierarchy."""
    return _std.getLogger(f"{PLUGIN_LOGGER}.{instance_id.replace('.', '_')}")


def emit_plugin_log(instance_id: str, plugin_id: str, level: int, file: str, line: int, text: str) -> None:
    """Hands a plugin's log line to the standard library, as if the plugin's source had logged it.

    The record has the attributes `plugin_id` and `instance_id`. An unknown level counts as INFO.
    """
    logger = logger_of(instance_id)
    number = _LEVELS.get(LogLevel(level) if level in _LEVELS else LogLevel.INFO, _std.INFO)
    if not logger.isEnabledFor(number):
        return
    extra = {"plugin_id": plugin_id, "instance_id": instance_id}
    # The text is an argument, so that a % in it is no format.
    logger.handle(logger.makeRecord(logger.name, number, file or "?", line, "%s", (text,), None, None, extra))


def _log(level: int, text: str) -> None:
    _host_logger.log(level, "%s", text, stacklevel=3)


def log_error(text: str) -> None:
    """Logs a line of the host at ERROR."""
    _log(_std.ERROR, text)


def log_warn(text: str) -> None:
    """Logs a line of the host at WARNING."""
    _log(_std.WARNING, text)


def log_info(text: str) -> None:
    """Logs a line of the host at INFO."""
    _log(_std.INFO, text)


def log_debug(text: str) -> None:
    """Logs a line of the host at DEBUG."""
    _log(_std.DEBUG, text)


def log_trace(text: str) -> None:
    """Logs a line of the host at TRACE."""
    _log(TRACE, text)
