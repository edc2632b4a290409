"""Name words so frequent that sharing one says little, stored by sound: every spelling counts."""

from functools import cache

from sogdia.compliance.screening.script import Script
from sogdia.compliance.screening.tables import arabic, latin, words
from sogdia.compliance.screening.tokens import Token


@cache
def _sounds() -> tuple[frozenset[str], frozenset[str]]:
    """Return the folded Latin words and the unified Arabic words."""
    return (
        frozenset(latin.fold(latin.to_ascii(w)) for w in words.COMMON_LATIN),
        frozenset(arabic.unify(w) for w in words.COMMON_ARABIC),
    )


def is_common(token: Token) -> bool:
    """Say whether a token is one of the most frequent name words."""
    sounds, written = _sounds()
    if token.script is Script.ARABIC:
        return token.text in written
    return bool(token.folds) and token.folds[0] in sounds
