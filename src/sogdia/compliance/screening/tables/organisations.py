"""Words in the names of organisations: legal forms, and words that are translated, not spelled.

Legal forms carry no identity: the same company is written ООО, LLC and 有限责任公司. Type words
(bank, trading, technology) are translated between languages, so they are compared as the English
word. The words are in `organisations.toml`.
"""

from functools import cache

from sogdia.compliance.screening.tables.data import load_table

_TABLE = load_table("organisations.toml")

LEGAL_FORMS = frozenset(_TABLE["legal_forms"].split())
WEAK_WORDS = frozenset(_TABLE["weak_words"].split())
FORM_PHRASES: tuple[str, ...] = tuple(_TABLE["form_phrases"])
HAN_FORMS: tuple[str, ...] = tuple(_TABLE["han_forms"])


@cache
def translations() -> dict[str, str]:
    """Return every word with the English word that stands for it."""
    table = {word: word for word in _TABLE["translations"]}
    for english, others in _TABLE["translations"].items():
        for other in others.split():
            table.setdefault(other.replace("-", ""), english)
    return table


@cache
def han_words() -> tuple[tuple[str, str], ...]:
    """Return the Han words with their English ones, longest first."""
    table = {w: e for w, e in translations().items() if "一" <= w[0] <= "鿿"}
    return tuple(sorted(table.items(), key=lambda item: -len(item[0])))
