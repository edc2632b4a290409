"""Logs: one event per line on standard error, as words or as JSON."""

import logging
import sys
from typing import Any, TextIO

import structlog

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure_logs(level: str, style: str, stream: TextIO | None = None) -> None:
    """Send every event of at least `level` to `stream` (standard error), as `text` or `json`."""
    target = stream or sys.stderr
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if style == "json":
        processors += [
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(default=_as_text),
        ]
    else:
        # Colour only for a person, and never against their wish.
        colours = target.isatty() and not _refuses_colour()
        processors.append(structlog.dev.ConsoleRenderer(colors=colours, pad_event_to=32))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard module; their warnings belong to the same stream.
    logging.basicConfig(stream=target, level=max(LEVELS[level], logging.WARNING), force=True)


def _refuses_colour() -> bool:
    import os

    return bool(os.environ.get("NO_COLOR"))


def _as_text(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
