"""H3: no tipping-off. What a customer sees is the same with and without a case."""

import ast
import inspect
import json
from pathlib import Path

import pytest
from tests.unit.compliance.cases.office import Office

from sogdia.compliance.cases import customer
from sogdia.compliance.cases.case import Outcome
from sogdia.compliance.cases.customer import (
    STATUS_OF,
    TEXTS,
    CustomerStatus,
    Movement,
    UnknownLanguage,
    customer_message,
    customer_status,
)
from sogdia.compliance.cases.desk import Order

LANGUAGES = ("en", "zh", "ru", "kk")
# movements between which a customer must not be able to tell
INDISTINGUISHABLE = [
    (Movement.UNDER_REVIEW, Movement.QUEUED),
    (Movement.HELD, Movement.SUBMITTED),
    (Movement.FROZEN, Movement.QUEUED),
    (Movement.AWAITING_COUNTERPARTY, Movement.UNDER_REVIEW),
    (Movement.RETURNED, Movement.FAILED),
    (Movement.REJECTED, Movement.CANCELLED),
]
TELLTALE = [
    *("review", "complian", "suspici", "freez", "frozen", "hold", "held", "sanction", "alert"),
    *("investigat", "report", "合规", "审查", "可疑", "冻结", "制裁", "调查", "провер", "подозр"),
    *("заморож", "санкц", "расслед", "тексер", "күдік", "бұғат"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("real", "harmless"), INDISTINGUISHABLE)
def test_a_compliance_reason_reads_as_a_technical_one(
    real: Movement, harmless: Movement, language: str
) -> None:
    """Byte for byte, in every language."""
    shown = [json.dumps(customer_message(m, language)) for m in (real, harmless)]
    assert shown[0] == shown[1]


def test_every_movement_has_a_status_and_every_status_every_language() -> None:
    """Nothing falls through to an error page, which would tell as well."""
    assert set(STATUS_OF) == set(Movement)
    assert set(TEXTS) == set(CustomerStatus)
    assert all(set(texts) == set(LANGUAGES) for texts in TEXTS.values())
    for movement in Movement:
        assert customer_status(movement) in CustomerStatus.__members__.values()


@pytest.mark.parametrize("word", TELLTALE)
def test_no_text_holds_a_telltale_word(word: str) -> None:
    """In four languages."""
    assert all(word not in text.lower() for texts in TEXTS.values() for text in texts.values())


def test_every_in_progress_reason_is_shared_by_a_harmless_one() -> None:
    """A status that only compliance produces would be a signal by itself."""
    compliance = {Movement.UNDER_REVIEW, Movement.HELD, Movement.FROZEN, Movement.RETURNED}
    for status in {STATUS_OF[m] for m in compliance}:
        assert {m for m in Movement if STATUS_OF[m] is status} - compliance


def test_what_customers_see_is_computed_without_the_desk() -> None:
    """The module imports nothing of cases, so no case can show through."""
    tree = ast.parse(Path(inspect.getfile(customer)).read_text())
    names = [
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert set(names) == {"collections.abc", "enum"}


def test_the_message_does_not_change_while_a_case_is_opened_and_closed(office: Office) -> None:
    """A transfer in the queue, looked at every step of a case about its sender."""
    seen = {json.dumps(customer_message(Movement.QUEUED, "ru"))}
    case = office.case("C-77")
    seen.add(json.dumps(customer_message(Movement.UNDER_REVIEW, "ru")))
    office.desk.propose_closing(Order(case, "olga"), Outcome.REPORTED, "STR 2026-118")
    office.desk.confirm_closing(Order(case, "wei"))
    seen.add(json.dumps(customer_message(Movement.QUEUED, "ru")))
    assert len(seen) == 1


def test_an_unknown_language_is_refused() -> None:
    """With the list of those there are."""
    with pytest.raises(UnknownLanguage, match="en, kk, ru, zh"):
        customer_message(Movement.QUEUED, "fr")
