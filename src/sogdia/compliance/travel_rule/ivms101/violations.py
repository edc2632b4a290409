"""What can be wrong with a payload, each with the path of the element and the rule it broke."""

from dataclasses import dataclass

VIOLATIONS_MAX = 200  # a hostile megabyte could hold half a million faults; nobody reads past these


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    `path` is dotted with indexes, in the spelling of the document; empty for the whole document.
    `constraint` is C1 to C12, a datatype's name, or one of `JSON`, `ELEMENT`, `TYPE`,
    `MULTIPLICITY`, `CHOICE`, `EDITION`. `value` may be personal data: show it to the owner of the
    document only.
    """

    path: str
    constraint: str
    problem: str
    value: str | None = None

    def __str__(self) -> str:
        shown = "" if self.value is None else f" (was {shorten(self.value)!r})"
        return f"{self.path or 'document'}: {self.constraint}: {self.problem}{shown}"


class InvalidDocument(Exception):
    """The document cannot be read as IVMS101: `violations` lists every reason, never none."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        assert violations, "a refusal names its reason"
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        lines = [str(violation) for violation in self.violations[:20]]
        more = len(self.violations) - len(lines)
        return "\n".join([*lines, *([f"and {more} more"] if more else [])])


def shorten(text: str, longest: int = 60) -> str:
    """Return `text`, cut in the middle when it is longer than `longest` characters."""
    if len(text) <= longest:
        return text
    half = longest // 2 - 1
    return f"{text[:half]}…{text[-half:]}"
