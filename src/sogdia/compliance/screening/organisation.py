"""An organisation's name: without its legal form, and with its type words translated.

O1  A legal form is stripped from organisations only: Pao in Pao-Ching Cheng is not ПАО.
O2  Words that are translated (bank, банк, 银行) meet as one English word; proper names are
    spelled, in the romanisation of their script.
"""

import re
from functools import lru_cache

from sogdia.compliance.screening.name import Name, Part, split_words
from sogdia.compliance.screening.normalisation import normalise
from sogdia.compliance.screening.script import Script, dominant_script
from sogdia.compliance.screening.tables import han, latin, organisations
from sogdia.compliance.screening.tokens import Token, build_generic, build_token

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_FORM_PHRASES = re.compile(
    r"(?<!\w)(?:"
    + "|".join(map(re.escape, sorted(organisations.FORM_PHRASES, key=len, reverse=True)))
    + r")(?!\w)"
)


def _han_words(run: str) -> list[str]:
    """Cut Han text into known words, and what is left between them, spelled in pinyin."""
    plain = "".join(map(han.simplified, run))
    for form in organisations.HAN_FORMS:
        plain = plain.replace("".join(map(han.simplified, form)), " ")
    found: list[str] = []
    rest = ""
    index = 0
    while index < len(plain):
        word = next((w for w, _ in organisations.han_words() if plain.startswith(w, index)), None)
        if word is None and plain[index] != " ":
            rest += plain[index]
            index += 1
            continue
        if rest:
            found.append(_pinyin(rest))
            rest = ""
        if word is not None:
            found.append(word)
        index += len(word) if word is not None else 1
    return [*found, _pinyin(rest)] if rest else found


def _pinyin(chars: str) -> str:
    return "".join(next(iter(han.mandarin(c, surname=False)), c) for c in chars).replace("v", "u")


@lru_cache(maxsize=100_000)
def _token(word: str) -> Token:
    """Return the token of a word, translated when it is a type word."""
    table = organisations.translations()
    english = table.get(word) or table.get(latin.to_ascii(word))
    return build_generic(english) if english else build_token(word)


def _significant(words: list[str]) -> list[str]:
    """Drop legal forms and connecting words, unless nothing else is there."""
    kept = [
        w for w in words if w not in organisations.LEGAL_FORMS and w not in organisations.WEAK_WORDS
    ]
    return kept or words


def _joined_initials(words: list[str]) -> list[str]:
    """Join single letters into one word: B. N. C. is BNC."""
    joined: list[str] = []
    run = ""
    for word in words:
        if len(word) == 1 and word.isalpha() and word.isascii():
            run += word
            continue
        if run:
            joined.append(run)
            run = ""
        joined.append(word)
    return [*joined, run] if run else joined


def analyse_organisation(name: str) -> Name:
    """Analyse an organisation's name, of any script.

    Raises:
        InvalidName: the name is empty, without letters, or longer than the limit.
    """
    normal = normalise(name)
    script = dominant_script(normal.text)
    lowered = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", normal.text).casefold()
    lowered = _FORM_PHRASES.sub(" ", lowered.replace("'", ""))
    spaced = _HAN_RUN.sub(lambda run: " " + " ".join(_han_words(run.group())) + " ", lowered)
    words = split_words(spaced) or split_words(normal.text)
    words = _significant(_joined_initials(words))
    tokens = tuple(_token(word) for word in words[:20])
    label = Script.HAN if script is Script.HAN else script
    return Name(normal.text, (Part(label, (tokens,), ()),), normal.steps)
