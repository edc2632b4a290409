"""The log, as people and programs read it."""

import io
import json
import subprocess
import sys

import pytest

from sogdia.ledger.node.logs import EventLog


def written(level: str, style: str, threshold: str = "info") -> str:
    stream = io.StringIO()
    log = EventLog()
    log.configure(threshold, style, stream)
    getattr(log, level)("a block was refused", block=b"\x01\xff", height=7)
    return stream.getvalue()


def test_an_event_is_one_line_of_words() -> None:
    """Without colour, since nobody watches a file; bytes as hex."""
    line = written("info", "text")
    assert line.count("\n") == 1
    assert "a block was refused" in line
    assert "block=0x01ff" in line
    assert "\x1b" not in line


def test_an_event_is_one_line_of_json() -> None:
    """With the level and the time."""
    event = json.loads(written("error", "json"))
    assert (event["event"], event["level"], event["height"]) == ("a block was refused", "error", 7)
    assert event["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_written() -> None:
    """And what is on it is."""
    assert written("info", "text", "warning") == ""
    assert written("warning", "text", "warning") != ""


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_trace_is_written_without_the_values_of_variables(style: str) -> None:
    """A local may be a key."""
    stream = io.StringIO()
    log = EventLog()
    log.configure("info", style, stream)
    try:
        key = "local " + "secret"
        raise ValueError("what went wrong")
    except ValueError as error:
        log.error("a request failed", exc_info=error)
    assert "what went wrong" in stream.getvalue()
    assert key not in stream.getvalue()


def test_a_quiet_start_does_not_import_the_library() -> None:
    """Start-up time is a promise."""
    program = (
        "import sys; from sogdia.ledger.node.logs import log\n"
        "log.configure('warning', 'text'); log.info('x'); sys.exit('structlog' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class FullMedium(io.StringIO):
    """A stream that nothing can be written to."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    """What follows the event, such as the end of the node, still happens."""
    log = EventLog()
    log.configure("info", "json", FullMedium())
    log.critical("the node stops", reason="no room left")
