"""What an examination found: a level, words, and what to do."""

from dataclasses import dataclass
from enum import Enum

from sogdia.cli.exits import Exit


class Level(Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `code` is what the command ends with for a problem."""

    name: str
    level: Level
    found: str
    todo: str = ""
    code: Exit = Exit.DONE

    def lines(self) -> list[str]:
        """Return it as text."""
        first = f"{self.level.value:<8} {self.name}: {self.found}"
        return [first, f"{'':<9}{self.todo}"] if self.todo else [first]
