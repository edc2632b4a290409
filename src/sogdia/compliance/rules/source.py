"""Read TOML, and find the line on which a value was written.

The standard parser gives values without places. A place is only wanted for an error, and then the
parser itself can tell: the shortest run of leading lines that parses and already holds the value
ends where the value ends.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sogdia.compliance.rules.errors import PackUnreadable, Place

# The largest shipped file is below 100 kB. Finding a line re-parses, so the bound is kept low.
FILE_BYTES_MAX = 512 * 1024

# A pack's deepest key has three parts. The standard parser takes quadratic time over a dotted key,
# so that one of 250,000 parts, half a megabyte, would keep a core busy for minutes.
KEY_PARTS_MAX = 16
_LONG_KEY = re.compile(
    r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){%d}" % KEY_PARTS_MAX  # noqa: UP031
)

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """One TOML file: where it is, its text and its values."""

    file: Path
    text: str
    data: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> "Source":
        """Read and parse `file`. Raises PackUnreadable with the line of the fault."""
        try:
            if file.stat().st_size > FILE_BYTES_MAX:
                raise PackUnreadable(Place(file), f"is larger than {FILE_BYTES_MAX} bytes")
            text = file.read_text("utf-8")
        except OSError as error:
            raise PackUnreadable(Place(file), f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise PackUnreadable(Place(file), f"is not UTF-8 at byte {error.start}") from None
        return cls.parse(file, text)

    @classmethod
    def parse(cls, file: Path, text: str) -> "Source":
        """Parse `text` as the content of `file`. Raises PackUnreadable with the line."""
        long = _LONG_KEY.search(text)
        if long is not None:
            line = text.count("\n", 0, long.start()) + 1
            raise PackUnreadable(
                Place(file, line), f"has a dotted name of more than {KEY_PARTS_MAX} parts"
            )
        try:
            return cls(file, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            told = re.search(r"at line (\d+)", str(error))
            at = int(told.group(1)) if told else text.count("\n") + 1
            raise PackUnreadable(Place(file, at), f"is not TOML: {error}") from None
        except (RecursionError, ValueError) as error:
            raise PackUnreadable(Place(file), f"is not TOML: {error}") from None

    def place(self, path: Path_, rule: str | None = None) -> Place:
        """Return the place of the value at `path`, such as `("rule", 3, "when")`.

        A path that is not in the file stands for a field that is missing: the place is then that
        of its table.
        """
        while path and not _holds(self.data, path):
            path = path[:-1]
        return Place(self.file, self._line(path) if path else 1, rule)

    def _line(self, path: Path_) -> int:
        lines = self.text.splitlines(keepends=True)
        first, last = 1, len(lines)  # the answer is the least count of lines that holds the path
        while first < last:
            middle = (first + last) // 2
            count, values = _longest_parsable(lines, middle)
            if values is not None and _holds(values, path):
                last = count
            elif count < first:
                # Lines first..middle are inside one value: look right of it.
                first = middle + 1
            else:
                first = middle + 1
        return _first_line_of_value(lines, first)


def _holds(values: Any, path: Path_) -> bool:
    for step in path:
        if isinstance(step, int):
            if not isinstance(values, list) or step >= len(values):
                return False
        elif not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True


@lru_cache(maxsize=64)
def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None


def _longest_parsable(lines: list[str], count: int) -> tuple[int, dict[str, Any] | None]:
    """Return the greatest number of leading lines, at most `count`, that parses."""
    while count > 0:
        values = _parsed("".join(lines[:count]))
        if values is not None:
            return count, values
        count -= 1
    return 0, None


def _first_line_of_value(lines: list[str], last: int) -> int:
    """Return the first line of the value that ends on line `last`: after the run that parses."""
    before, _ = _longest_parsable(lines, last - 1)
    for number in range(before + 1, last + 1):
        text = lines[number - 1].strip()
        if text and not text.startswith("#"):
            return number
    return last
