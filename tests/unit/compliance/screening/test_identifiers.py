"""Check digits are those of the standards; a wrong one is never taken as strong."""

import pytest

from sogdia.compliance.screening.identifiers import Scheme, build_identifier, is_valid

# Published examples: GLEIF's own LEI, Alibaba (China) Co., Kazakhtelecom, Sberbank, Ever Given.
VALID = [
    (Scheme.LEI, "506700GE1G29325QX363"),
    (Scheme.USCC, "91330100799655058B"),
    (Scheme.KZ_BIN, "941240000193"),
    (Scheme.RU_INN, "7707083893"),
    (Scheme.RU_OGRN, "1027700132195"),
    (Scheme.IMO, "9811000"),
    (Scheme.BIC, "DEUTDEFF500"),
]


@pytest.mark.parametrize(("scheme", "value"), VALID)
def test_published_identifiers_are_valid(scheme: Scheme, value: str) -> None:
    assert is_valid(scheme, value)


@pytest.mark.parametrize(("scheme", "value"), [v for v in VALID if v[0] is not Scheme.BIC])
def test_every_change_of_one_digit_is_noticed(scheme: Scheme, value: str) -> None:
    place = 4  # where the IMO number, MOD 10, has the odd weight 3
    wrong = [value[:place] + d + value[place + 1 :] for d in "0123456789" if d != value[place]]
    if scheme is Scheme.RU_OGRN:  # MOD 11 then MOD 10: one digit in ten slips through
        assert sum(is_valid(scheme, w) for w in wrong) <= 1
    else:
        assert not any(is_valid(scheme, w) for w in wrong)


def test_a_number_that_fails_its_check_is_kept_but_not_as_strong() -> None:
    found = build_identifier("7707083894", hint="INN")
    assert found is not None
    assert found.scheme is Scheme.OTHER


def test_numbers_too_short_to_identify_are_nothing() -> None:
    assert build_identifier("1234") is None
