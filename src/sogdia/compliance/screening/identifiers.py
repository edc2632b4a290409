"""Identifiers of persons and organisations, with their check digits.

Two parties that share a valid identifier are the same party whatever their names; so an identifier
is only taken as strong when its check digits agree. Sources of the rules: ISO 17442 with ISO 7064
MOD 97-10 (LEI), GB 32100-2015 with MOD 31 (USCC), the order of the tax service of Kazakhstan (IIN
and BIN), Приказ ФНС ММВ-7-6/435 (INN), Приказ Минфина 165н (OGRN), IMO resolution A.1117(30).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_ALNUM = re.compile(r"[^0-9A-Z]")
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Scheme(StrEnum):
    """What kind of identifier it is; `OTHER` is compared only with the same country's."""

    LEI = "lei"
    USCC = "uscc"
    KZ_BIN = "kz-bin"
    RU_INN = "ru-inn"
    RU_OGRN = "ru-ogrn"
    IMO = "imo"
    BIC = "bic"
    PASSPORT = "passport"
    NATIONAL_ID = "national-id"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A normalised identifier. `country` is ISO 3166-1 alpha-2, or empty when unknown."""

    scheme: Scheme
    value: str
    country: str = ""


def _is_lei(value: str) -> bool:
    """Check an LEI: ISO 17442, 20 characters, MOD 97-10 leaves 1."""
    if not re.fullmatch(r"[0-9A-Z]{18}[0-9]{2}", value):
        return False
    return int("".join(str(int(c, 36)) for c in value)) % 97 == 1


def _is_uscc(value: str) -> bool:
    """Check a unified social credit code: GB 32100-2015, 18 characters, MOD 31."""
    if not re.fullmatch(rf"[{_USCC_ALPHABET}]{{18}}", value):
        return False
    total = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    return _USCC_ALPHABET.index(value[17]) == (31 - total % 31) % 31


def _is_kz_bin(value: str) -> bool:
    """Check a Kazakh BIN or IIN: 12 digits, weights 1–11, then 3–11 and 1–2 when 10 is left."""
    if not re.fullmatch(r"\d{12}", value):
        return False
    digits = [int(c) for c in value]
    check = sum(d * (i + 1) for i, d in enumerate(digits[:11])) % 11
    if check == 10:
        weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
        check = sum(d * w for d, w in zip(digits[:11], weights, strict=True)) % 11
    return check != 10 and check == digits[11]


def _inn_digit(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(d * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def _is_ru_inn(value: str) -> bool:
    """Check a Russian INN: 10 digits for organisations, 12 for persons."""
    if not re.fullmatch(r"\d{10}|\d{12}", value):
        return False
    digits = [int(c) for c in value]
    tail = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    if len(digits) == 10:
        return _inn_digit(digits[:9], tail) == digits[9]
    return (
        _inn_digit(digits[:10], (7, *tail)) == digits[10]
        and _inn_digit(digits[:11], (3, 7, *tail)) == digits[11]
    )


def _is_ru_ogrn(value: str) -> bool:
    """Check a Russian OGRN (13 digits, MOD 11) or OGRNIP (15 digits, MOD 13)."""
    if not re.fullmatch(r"\d{13}|\d{15}", value):
        return False
    body, modulus = int(value[:-1]), len(value) - 2
    return body % modulus % 10 == int(value[-1])


def _is_imo(value: str) -> bool:
    """Check an IMO ship number: seven digits, the last from weights 7 to 2."""
    if not re.fullmatch(r"\d{7}", value):
        return False
    return sum(int(c) * (7 - i) for i, c in enumerate(value[:6])) % 10 == int(value[6])


def _is_bic(value: str) -> bool:
    """Check the form of a BIC: ISO 9362, 8 or 11 characters; it has no check digit."""
    return re.fullmatch(r"[A-Z]{6}[0-9A-Z]{2}(?:[0-9A-Z]{3})?", value) is not None


CHECKS: dict[Scheme, Callable[[str], bool]] = {
    Scheme.LEI: _is_lei,
    Scheme.USCC: _is_uscc,
    Scheme.KZ_BIN: _is_kz_bin,
    Scheme.RU_INN: _is_ru_inn,
    Scheme.RU_OGRN: _is_ru_ogrn,
    Scheme.IMO: _is_imo,
    Scheme.BIC: _is_bic,
}
_HINTS: tuple[tuple[re.Pattern[str], Scheme], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), scheme)
    for pattern, scheme in (
        (r"\blei\b|legal entity identifier", Scheme.LEI),
        (r"social credit|uscc|统一社会信用", Scheme.USCC),
        (r"\bb\.?i\.?n\.?\b|\biin\b|бин|иин", Scheme.KZ_BIN),
        (r"\binn\b|инн|tax ?id", Scheme.RU_INN),
        (r"ogrn|огрн", Scheme.RU_OGRN),
        (r"\bimo\b|vessel registration", Scheme.IMO),
        (r"\bbic\b|swift", Scheme.BIC),
        (r"passport|паспорт", Scheme.PASSPORT),
        (r"national|identity|identification|cedula|\bid\b|ssn", Scheme.NATIONAL_ID),
    )
)


def is_valid(scheme: Scheme, value: str) -> bool:
    """Say whether `value` is well formed for `scheme`; schemes without a check accept 5+ chars."""
    check = CHECKS.get(scheme)
    return check(value) if check else len(value) >= 5


def build_identifier(value: str, *, hint: str = "", country: str = "") -> Identifier | None:
    """Return the identifier in `value`, or `None` when nothing of use is left of it.

    `hint` is what the list calls the document. A value that fails its scheme's check digits is kept
    as `OTHER`: lists contain typing errors, and a wrong number must not outweigh a name.
    """
    plain = _ALNUM.sub("", value.upper())
    if len(plain) < 5:
        return None
    if re.fullmatch(r"IMO\d{7}", plain):
        plain = plain[3:]
    for pattern, scheme in _HINTS:
        if pattern.search(hint) and is_valid(scheme, plain):
            return Identifier(scheme, plain, country)
    if not hint:
        for scheme in (Scheme.LEI, Scheme.USCC):
            if is_valid(scheme, plain):
                return Identifier(scheme, plain, country)
    return Identifier(Scheme.OTHER, plain, country)
