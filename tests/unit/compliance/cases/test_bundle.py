"""The evidence bundle: checked by the library, and by its own script with nothing but Python."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.compliance.cases.office import Office
from tests.unit.compliance.cases.test_history import _sql, as_owner

from sogdia.compliance.cases.bundle import export_bundle, verify_bundle
from sogdia.compliance.cases.case import Outcome
from sogdia.compliance.cases.desk import Order
from sogdia.compliance.cases.errors import InvalidBundle, NotPermitted, TamperedHistory


def closed_case(office: Office) -> str:
    """Return a closed case with a note in Chinese and a file."""
    case = office.case()
    office.desk.note(Order(case, "olga"), "与客户资料不符")
    office.desk.attach(Order(case, "olga"), "passport.pdf", b"%PDF")
    office.desk.propose_closing(Order(case, "olga"), Outcome.FALSE_POSITIVE, "another person")
    office.desk.confirm_closing(Order(case, "wei"))
    office.case("another customer")
    return case


def test_a_bundle_is_checked_without_our_software(office: Office, tmp_path: Path) -> None:
    """Its own verify.py, run by an isolated Python, agrees with the library."""
    path = tmp_path / "case.zip"
    made = export_bundle(office.desk, Order(closed_case(office), "wei"), path, "1.0")
    assert made.events == 6
    with zipfile.ZipFile(path) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
        assert "another customer" not in archive.read("history.jsonl").decode()
    checkpoint = str(office.desk.checkpoint())
    for arguments in ([], [checkpoint]):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", str(path), *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == f"valid: case {made.case}, 6 events, manifest {made.digest}\n"


def test_the_export_is_in_the_history(office: Office, tmp_path: Path) -> None:
    """Who took the evidence out is part of the evidence."""
    case = closed_case(office)
    export_bundle(office.desk, Order(case, "wei"), tmp_path / "case.zip", "1.0")
    last = office.desk.history(case, "wei")[-1]
    assert (last.kind, last.actor, last.body) == ("exported", "wei", {"file": "case.zip"})
    with pytest.raises(NotPermitted):
        export_bundle(office.desk, Order(case, "aidar"), tmp_path / "b.zip", "1.0")
    with pytest.raises(FileExistsError):
        export_bundle(office.desk, Order(case, "wei"), tmp_path / "case.zip", "1.0")


def test_no_evidence_is_made_of_a_broken_log(office: Office, tmp_path: Path) -> None:
    """Tampering anywhere stops the export."""
    case = closed_case(office)
    as_owner(office.engine, _sql("UPDATE case_events SET actor='x' WHERE position=6"))
    with pytest.raises(TamperedHistory):
        export_bundle(office.desk, Order(case, "wei"), tmp_path / "case.zip", "1.0")
    assert not (tmp_path / "case.zip").exists()


Spoil = Callable[[dict[str, bytes]], object]


def _edit(name: str, old: bytes, new: bytes) -> Spoil:
    return lambda files: files.update({name: files[name].replace(old, new)})


def relist(files: dict[str, bytes]) -> None:
    """Make the manifest agree with changed files, as a forger would."""
    manifest = json.loads(files.pop("MANIFEST.json"))
    manifest["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in files.items()}
    files["MANIFEST.json"] = json.dumps(manifest).encode()


def _forge(*spoils: Spoil) -> Spoil:
    def spoil(files: dict[str, bytes]) -> None:
        for step in spoils:
            step(files)
        relist(files)

    return spoil


def drop_last_event(files: dict[str, bytes]) -> None:
    """Cut the history."""
    lines = files["history.jsonl"].splitlines(keepends=True)
    files["history.jsonl"] = b"".join(lines[:-1])


def drop_file(files: dict[str, bytes]) -> None:
    """Leave an attachment out."""
    del files[next(name for name in files if name.startswith("files/"))]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_edit("history.jsonl", b"another person", b"the same man!!"), "not the file"),
        (lambda files: files.pop("case.json"), r"case\.json is missing"),
        (lambda files: files.update({"extra.txt": b""}), r"extra\.txt is not in the manifest"),
        (lambda files: files.pop("MANIFEST.json"), "MANIFEST"),
        (_forge(_edit("history.jsonl", b"another person", b"the same man!!")), "body of event 4"),
        (_forge(_edit("history.jsonl", b'"actor": "wei"', b'"actor": "olga"')), "event 5 differs"),
        (_forge(drop_last_event), "not as long"),
        (_forge(drop_file), "attached or named"),
        (_forge(_edit("history.jsonl", b"{", b"[")), "not an evidence bundle"),
        (lambda files: files.update({"MANIFEST.json": b"[]"}), "not an evidence bundle"),
    ],
)
def test_a_changed_bundle_is_refused(
    office: Office, tmp_path: Path, spoil: Spoil, words: str
) -> None:
    """By accident, and by somebody who makes the manifest fit."""
    path = tmp_path / "case.zip"
    export_bundle(office.desk, Order(closed_case(office), "wei"), path, "1.0")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    spoil(files)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(InvalidBundle, match=words):
        verify_bundle(path)


def test_a_bundle_of_another_log_fails_the_checkpoint(office: Office, tmp_path: Path) -> None:
    """A consistent forgery of everything is still not the log that was anchored."""
    path = tmp_path / "case.zip"
    export_bundle(office.desk, Order(closed_case(office), "wei"), path, "1.0")
    position = office.desk.checkpoint().position
    with pytest.raises(InvalidBundle, match="not of the log"):
        verify_bundle(path, f"{position}:{'0' * 64}")


def test_what_is_no_bundle_is_said_so(tmp_path: Path) -> None:
    """Not a ZIP archive, and one that claims to be huge."""
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK nothing")
    with pytest.raises(InvalidBundle, match="not an evidence bundle"):
        verify_bundle(path)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("bomb", "w", force_zip64=True) as member,
    ):
        for _ in range(513):
            member.write(bytes(1 << 20))
    with pytest.raises(InvalidBundle, match="too many"):
        verify_bundle(path)
