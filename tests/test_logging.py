"""What plugins log, in the standard library's logging."""

import io
import logging
from pathlib import Path

import pytest

from plugin_interfaces.logging import TRACE, ColorFormatter, LogLevel, emit_plugin_log, logger_of, setup_logging


@pytest.mark.parametrize(
    ("level", "number"),
    [
        (LogLevel.TRACE, TRACE),
        (LogLevel.DEBUG, logging.DEBUG),
        (LogLevel.INFO, logging.INFO),
        (LogLevel.WARN, logging.WARNING),
        (LogLevel.ERROR, logging.ERROR),
        (77, logging.INFO),
    ],
)
def test_levels_are_those_of_the_standard_library(caplog: pytest.LogCaptureFixture, level: int, number: int) -> None:
    """One that is not known counts as INFO."""
    with caplog.at_level(TRACE, "plugin_interfaces"):
        emit_plugin_log("one", "echo", level, "echo.c", 12, "text")
    assert [number] == [record.levelno for record in caplog.records]


def test_a_line_has_its_place_and_its_plugin(caplog: pytest.LogCaptureFixture) -> None:
    """A percent sign is no format."""
    with caplog.at_level(TRACE, "plugin_interfaces"):
        emit_plugin_log("two.b", "echo", LogLevel.INFO, "src/echo.c", 12, "100 % of %s")
    record = caplog.records[0]
    assert ("src/echo.c", 12, "100 % of %s") == (record.pathname, record.lineno, record.getMessage())
    assert ("echo", "two.b") == (record.__dict__["plugin_id"], record.__dict__["instance_id"])
    assert record.name == logger_of("two.b").name


def test_what_nobody_wants_is_no_record(caplog: pytest.LogCaptureFixture) -> None:
    """The level of the logger counts."""
    with caplog.at_level(logging.ERROR, "plugin_interfaces"):
        emit_plugin_log("one", "echo", LogLevel.INFO, "", 0, "text")
    assert [] == caplog.records


@pytest.mark.parametrize("color", [False, True])
def test_colours_are_for_terminals(color: bool) -> None:
    """The text is the same."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ColorFormatter(color))
    handler.handle(logging.LogRecord("x", logging.INFO, "a.c", 3, "hello", (), None))
    assert color == ("\x1b[" in stream.getvalue())
    assert "x: hello (a.c:3)" in stream.getvalue()


def test_the_log_goes_to_a_file(tmp_path: Path) -> None:
    """Without colours."""
    handler = setup_logging(logging.INFO, tmp_path / "log")
    try:
        emit_plugin_log("one", "echo", LogLevel.WARN, "a.c", 3, "grüß")
    finally:
        logging.getLogger("plugin_interfaces").removeHandler(handler)
        handler.close()
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert text.endswith("WARNING one: grüß (a.c:3)\n")
