"""The floors of the public name sets hold at the thresholds that are shipped.

One list holds all listed persons of the archive; a positive must hit its own entry, and of the
negatives at most one in a hundred may hit any, and of each script at most its own share.
"""

import csv
import random
from pathlib import Path

import pytest
from tests.scoreboard import record
from tests.seed import SEED
from tests.unit.compliance.screening.builders import DAY
from tests.vectors.archives import unpack

from sogdia.compliance.screening import Entity, Hits, Kind, ListVersion, Screener, Snapshot
from sogdia.compliance.screening.script import Script, dominant_script

FALSE_ALARMS_MAX = 0.01
FALSE_ALARMS_MAX_OF = {
    Script.LATIN: 0.009,
    Script.ARABIC: 0.05,
    Script.HANGUL: 0.02,
    Script.HAN: 0.01,
    Script.CYRILLIC: 0.005,
}
SAMPLE = 4_000
LISTED = ("positives_un_untreated.csv", "positives_us_congress_untreated.csv")
NEGATIVES = ("negatives_global.csv", "negatives_us.csv")
TREATED = "positives_un_treated.csv"


def folder() -> Path:
    return unpack("screening-names") / "contrib/candidate_generation_benchmark/fixtures"


def names(file: str) -> list[str]:
    with (folder() / file).open(encoding="utf-8", newline="") as handle:
        return [row["full_name"] for row in csv.DictReader(handle)]


@pytest.fixture(scope="module")
def screener() -> Screener:
    entries = {
        f"{file}:{row}": Entity(f"{file}:{row}", Kind.PERSON, (name,))
        for file in LISTED
        for row, name in enumerate(names(file))
    }
    return Screener([Snapshot(ListVersion("archive", "0", DAY), entries)])


def hits(screener: Screener, name: str) -> set[str]:
    """Return the ids of the entries that hit."""
    answer = screener.screen(Entity("asked", Kind.PERSON, (name,)))
    return {hit.listed.entity_id for hit in answer.hits} if isinstance(answer, Hits) else set()


def test_every_file_of_the_archive_is_used() -> None:
    assert {path.name for path in folder().glob("*.csv")} == {*LISTED, *NEGATIVES, TREATED}


@pytest.mark.parametrize("file", LISTED)
def test_every_listed_person_finds_himself(screener: Screener, file: str) -> None:
    rows = names(file)
    missed = [n for row, n in enumerate(rows) if f"{file}:{row}" not in hits(screener, n)]
    record("screening-names", part=file, ran=len(rows), passed=len(rows) - len(missed))
    assert missed == []


def test_altered_names_find_their_originals(screener: Screener) -> None:
    """Floors: .97 of all rows, .92 of those that really differ."""
    originals, rows = names(LISTED[0]), names(TREATED)
    found = [f"{LISTED[0]}:{row}" in hits(screener, name) for row, name in enumerate(rows)]
    differ = [f for f, a, b in zip(found, rows, originals, strict=True) if a != b]
    record("screening-names", part=TREATED, ran=len(rows), passed=sum(found))
    assert sum(found) / len(found) >= 0.97
    assert sum(differ) / len(differ) >= 0.92


def false_alarms(screener: Screener, asked: list[str]) -> int:
    return sum(bool(hits(screener, name)) for name in asked)


def test_a_sample_of_negatives_seldom_hits(screener: Screener) -> None:
    print(f"seed {SEED}")
    everyone = [name for file in NEGATIVES for name in names(file)]
    # Three standard errors above the floor: a sample may not fail what the whole passes.
    slack = 3 * (FALSE_ALARMS_MAX * (1 - FALSE_ALARMS_MAX) / SAMPLE) ** 0.5
    sample = random.Random(SEED).sample(everyone, SAMPLE)
    assert false_alarms(screener, sample) / SAMPLE <= FALSE_ALARMS_MAX + slack


@pytest.mark.full
def test_all_negatives_seldom_hit(screener: Screener) -> None:
    by_script: dict[Script, list[str]] = {}
    for name in (name for file in NEGATIVES for name in names(file)):
        by_script.setdefault(dominant_script(name), []).append(name)
    wrong = {script: false_alarms(screener, asked) for script, asked in by_script.items()}
    total = sum(map(len, by_script.values()))
    record("screening-names", part="negatives", ran=total, passed=total - sum(wrong.values()))
    for script, most in FALSE_ALARMS_MAX_OF.items():
        assert wrong[script] / len(by_script[script]) <= most, script
    assert sum(wrong.values()) / total <= FALSE_ALARMS_MAX
