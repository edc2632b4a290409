"""Moments on the command line: RFC 3339 with a zone, since a bare date is another day elsewhere."""

from datetime import datetime
from typing import Any

import click


class Moment(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A date and time with its zone, RFC 3339."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, or fail as wrong usage."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a date and time; write 2026-02-10T00:00:00+08:00", param, ctx
            )
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no zone; write 2026-02-10T00:00:00+08:00", param, ctx)
        return moment
