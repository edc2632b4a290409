"""Logs: one event per line on standard error, as words or as JSON.

structlog is imported at the first event that is shown: with it come a hundred modules, a fifth of
the time that a start may take, and `sogdia up` shows no event unless something is wrong.
"""

import contextlib
import logging
import os
import sys
from typing import Any, TextIO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}


class EventLog:
    """The node's log. An event is a few constant words; what varies are its fields."""

    def __init__(self) -> None:
        self._level = LEVELS["info"]
        self._style = "text"
        self._stream: TextIO | None = None
        self._logger: Any = None

    def configure(self, level: str, style: str, stream: TextIO | None = None) -> None:
        """Show events of at least `level` on `stream` (standard error), as `text` or `json`."""
        self._level = LEVELS[level]
        self._style = style
        self._stream = stream
        self._logger = None
        # Libraries log through the standard module; their warnings belong to the same stream.
        logging.basicConfig(stream=stream or sys.stderr, level=logging.WARNING, force=True)

    def debug(self, event: str, **fields: Any) -> None:
        """Say what only somebody who looks for a defect wants to know."""
        self._write("debug", event, fields)

    def show(self, event: str, **fields: Any) -> None:
        """Say, at every level, what the user of a development chain asked to see."""
        self._write("critical", event, fields, shown_as="info")

    def info(self, event: str, **fields: Any) -> None:
        """Say what an operator may want to know."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Say what an operator should look at."""
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Say what went wrong, and what to do."""
        self._write("error", event, fields)

    def critical(self, event: str, **fields: Any) -> None:
        """Say why the node stops."""
        self._write("critical", event, fields)

    def _write(
        self, level: str, event: str, fields: dict[str, Any], shown_as: str | None = None
    ) -> None:
        if LEVELS[level] < self._level:
            return
        if self._logger is None:
            self._logger = _build_logger(self._style, self._stream or sys.stderr)
        # A log that cannot be written, on a full medium, must not keep the node from stopping.
        with contextlib.suppress(OSError):
            getattr(self._logger, shown_as or level)(event, **fields)


def _build_logger(style: str, stream: TextIO) -> Any:
    import structlog

    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _show_bytes,
    ]
    if style == "json":
        processors += [
            _render_trace(structlog),
            structlog.processors.JSONRenderer(default=str),
        ]
    else:
        # Colour only for a person, and never against their wish.
        colours = stream.isatty() and not os.environ.get("NO_COLOR")
        processors.append(
            structlog.dev.ConsoleRenderer(
                colors=colours,
                pad_event_to=32,
                # Locals of every frame are for a debugger, and may hold what nobody should read.
                exception_formatter=structlog.dev.plain_traceback,
            )
        )
    return structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )


def _render_trace(structlog: Any) -> Any:
    """Return what makes a trace of an exception, without the values of its frames."""
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return structlog.processors.ExceptionRenderer(transform)


def _show_bytes(_: Any, __: str, event: Any) -> Any:
    """Write hashes and addresses as everybody reads them."""
    return {
        key: f"0x{value.hex()}" if isinstance(value, bytes) else value
        for key, value in event.items()
    }


log = EventLog()
