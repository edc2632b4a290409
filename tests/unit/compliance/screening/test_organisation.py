"""Organisations match without their legal form, by translated words, and never by form alone."""

import pytest

from sogdia.compliance.screening.organisation import analyse_organisation
from sogdia.compliance.screening.person_match import match_names

SAME = [
    ("Siemens Aktiengesellschaft", "Siemens AG"),
    ("ООО Ромашка Трейдинг", "Romashka Treyding LLC"),
    ("ТОО «Алатау Логистик»", "Alatau Logistics LLP"),
    ("Банк Меллат", "Bank Mellat"),
    ("深圳市华远贸易有限公司", "Shenzhenshi Huayuan Trading Co., Ltd."),
    ("华远银行", "Huayuan Bank"),
    ("Общество с ограниченной ответственностью «Вектор»", "Vektor OOO"),
]
OTHER = [
    ("Deutsche Bank AG", "Siemens AG"),
    ("ООО Ромашка", "ООО Василёк"),
    ("Huayuan Bank", "Mellat Bank"),
    ("北京华远贸易有限公司", "上海大成贸易有限公司"),
]


@pytest.mark.parametrize(("ours", "theirs"), SAME)
def test_one_organisation_scores_high(ours: str, theirs: str) -> None:
    match = match_names(analyse_organisation(ours), analyse_organisation(theirs))
    assert match.score >= 0.85, match.path


@pytest.mark.parametrize(("ours", "theirs"), OTHER)
def test_two_organisations_score_low(ours: str, theirs: str) -> None:
    match = match_names(analyse_organisation(ours), analyse_organisation(theirs))
    assert match.score < 0.75, match.path
