"""GLEIF's Registration Authorities List, as the user downloads it.

The list changes several times a year, so it is given and not shipped.

Source: GLEIF, "Registration Authorities List", published as CSV.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from sogdia.compliance.travel_rule.ivms101.datatypes import PATTERNS

LIST_BYTES_MAX = 16 << 20  # the list of 2024 has under 400 kB


class InvalidAuthorityList(Exception):
    """The file is not GLEIF's list: `line` is 1-based, 0 for the whole file."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.problem}; give GLEIF's Registration Authorities List as CSV"


def load_registration_authorities(path: Path) -> frozenset[str]:
    """Return the codes of the list at `path`.

    Raises:
        InvalidAuthorityList: not that list, or a row without a code; nothing is then used.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    if size > LIST_BYTES_MAX:
        raise InvalidAuthorityList(path, 0, f"has {size} bytes, at most {LIST_BYTES_MAX} are read")
    codes: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            column = _code_column(reader.fieldnames or ())
            if column is None:
                raise InvalidAuthorityList(path, 1, "has no column with the authority's code")
            for row in reader:
                code = (row[column] or "").strip()
                if PATTERNS["RegistrationAuthority"].fullmatch(code) is None:
                    raise InvalidAuthorityList(path, reader.line_num, f"{code!r} is no code")
                codes.add(code)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidAuthorityList(path, 0, str(error)) from None
    if not codes:
        raise InvalidAuthorityList(path, 0, "is empty")
    return frozenset(codes)


def _code_column(names: Sequence[str]) -> str | None:
    for name in names:
        if name.strip().lower().startswith("registration authority code"):
            return name
    return None
