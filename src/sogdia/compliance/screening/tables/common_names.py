"""Name words so frequent that sharing one says little, stored by sound: every spelling counts."""

from functools import cache

from sogdia.compliance.screening.tables import arabic, latin, words


@cache
def _sounds() -> tuple[frozenset[str], frozenset[str]]:
    """Return the folded Latin words and the unified Arabic words."""
    return (
        frozenset(latin.fold(latin.to_ascii(w)) for w in words.COMMON_LATIN),
        frozenset(arabic.unify(w) for w in words.COMMON_ARABIC),
    )


def is_common_sound(fold: str) -> bool:
    """Say whether a folded Latin word is one of the most frequent name words."""
    return fold in _sounds()[0]


def is_common_arabic(text: str) -> bool:
    """Say whether a unified word in Arabic script is one of the most frequent name words."""
    return text in _sounds()[1]
