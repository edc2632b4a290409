"""Evidence: a bundle re-runs to the same bytes, here and in another process, or says why not."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sogdia.compliance.rules import EvidenceError, Facts, RuleBook, load_shipped
from sogdia.compliance.rules.evidence import replay, write_bundle

PACKS = load_shipped()
BOOK = RuleBook(PACKS)


def bundle(*, embed: bool = False) -> bytes:
    """Return the evidence of a purchase in the Centre."""
    vector = next(
        v for p in PACKS if p.name == "kz-aifc/collected" for v in p.vectors
        if v.name == "one cent more"
    )  # fmt: skip
    facts = Facts.from_mapping(vector.facts, BOOK.vocabulary)
    return write_bundle(BOOK, facts, vector.at, library="0.1.0", language="kk", embed=embed)


def test_a_bundle_runs_again_to_the_same_bytes() -> None:
    """With the packs at hand, and with those inside it."""
    assert replay(bundle(), PACKS).is_same
    assert replay(bundle(embed=True)).is_same


def test_every_vector_that_ships_makes_evidence_that_replays() -> None:
    """Moments, amounts, histories and rates all survive being written down."""
    for pack in PACKS:
        for vector in pack.vectors[::3]:
            facts = Facts.from_mapping(vector.facts, BOOK.vocabulary)
            data = write_bundle(BOOK, facts, vector.at, vector.known_at, library="0.1.0")
            assert replay(data, PACKS).is_same, vector.name


def test_another_process_gets_the_same_bytes(tmp_path: Path) -> None:
    """Another hash seed, another working directory, no packs but those inside."""
    (tmp_path / "bundle.json").write_bytes(bundle(embed=True))
    program = (
        "from pathlib import Path; from sogdia.compliance.rules.evidence import replay;"
        "r = replay(Path('bundle.json').read_bytes()); print(r.is_same, len(r.bundle))"
    )
    for seed in ("1", "2"):
        result = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed, "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout.split() == ["True", str(len(bundle(embed=True)))]


def test_a_decision_that_was_edited_is_found_out() -> None:
    """The difference is named."""
    data: dict[str, Any] = json.loads(bundle())
    data["decision"]["action"] = "allow"
    result = replay(json.dumps(data).encode(), PACKS)
    assert not result.is_same
    assert result.differences == ("decision",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "other/1"}, "is not 'sogdia-rules-evidence/1'"),
        ({"vocabulary": "00"}, "was decided with vocabulary"),
        ({"packs": [{"name": "cn/1999", "serial": 1, "digest": "00"}]}, "cn/1999 is not at hand"),
        ({"packs": [{"name": "cn/2013", "serial": 2, "digest": "00"}]}, "has digest"),
        ({"at": "yesterday"}, "damaged"),
        ({"facts": {"activity": "fly"}}, "damaged"),
        ({"language": "fr"}, "language"),
        ({"unrecognised": 7}, "damaged"),
        ({"more": 1}, "adds more"),
    ],
)
def test_a_damaged_bundle_is_refused(change: dict[str, Any], says: str) -> None:
    """By one error, with what is wrong."""
    with pytest.raises(EvidenceError) as caught:
        replay(json.dumps({**json.loads(bundle()), **change}).encode(), PACKS)
    assert says in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a": 1.5}'])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    """Empty, cut off, not an object, not UTF-8, a float."""
    with pytest.raises(EvidenceError):
        replay(data, PACKS)


def test_what_a_deployment_admitted_later_is_part_of_the_evidence() -> None:
    """B3 holds on the other machine too."""
    early = [pack for pack in PACKS if pack.name != "cn/2026"]
    late = next(pack for pack in PACKS if pack.name == "cn/2026")
    book = RuleBook(early).publish(late, datetime.fromisoformat("2026-05-01T00:00:00+08:00"))
    facts = Facts.from_mapping(
        {"activity": "mint", "assets": ["stablecoin"], "persons": [], "residence": [], "venue": [],
         "licence": [], "issuer": [], "controller": [], "peg": ["CNH"], "consent": False,
         "listed": False}, book.vocabulary)  # fmt: skip
    at = datetime.fromisoformat("2026-03-01T00:00:00+08:00")
    data = write_bundle(book, facts, at, library="0.1.0")
    assert json.loads(data)["decision"]["action"] == "no-authority"
    assert replay(data, PACKS).is_same
