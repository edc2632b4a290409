"""An evidence bundle: one case, whole, in a file that can be checked without Sogdia.

A ZIP archive of MANIFEST.json (case, checkpoint, versions, SHA-256 of every file), case.json (the
state), history.jsonl (every event with body and salt), files/ (attachments by their SHA-256),
README.txt and verify.py. The same history gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sogdia.compliance.cases.bundle_check import BundleFault, check_bundle
from sogdia.compliance.cases.case import Case
from sogdia.compliance.cases.desk import Desk, Order
from sogdia.compliance.cases.errors import InvalidBundle
from sogdia.compliance.cases.events import Event

FORMAT = "sogdia/case-bundle/1"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the archive's own times say nothing and must not vary

README = """\
Evidence bundle of case {case}

case.json       what the case is now
history.jsonl   every event, oldest first: who, when (microseconds since 1970, UTC), what
files/          attached files, named by their SHA-256
MANIFEST.json   the SHA-256 of every file here, and how far the whole log reached
verify.py       checks all of it, with Python 3 and nothing else:

    python3 verify.py {name}

The digest that it prints is the digest of MANIFEST.json and stands for the whole bundle. Compare it
with the one that you were given separately. An event without a body was erased after the time for
which the law wants it kept; its digest still chains.
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """A bundle that fits: its case, how many events it has, and its digest."""

    case: str
    events: int
    digest: str


def export_bundle(desk: Desk, order: Order, path: Path, version: str) -> Verified:
    """Write the bundle of a case to a new file at `path` and return what it proves.

    The export itself is an event, written first, so that it is known who took the evidence out.

    Raises:
        UnknownCase, UnknownOfficer, NotPermitted: as the desk says.
        TamperedHistory: the log does not verify; no evidence is made of a broken log.
        FileExistsError: there is a file at `path`.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists: give another name")
    desk.verify()
    desk.record_export(order, path.name)
    events = desk.history(order.case, order.by)
    checkpoint = desk.checkpoint()
    case = desk.case(order.case, order.by)
    files = _files_of(desk, case, events, path.name)
    last = events[-1]
    manifest = {
        "format": FORMAT,
        "version": version,
        "case": case.id,
        "events": len(events),
        "last_event": last.digest,
        "checkpoint": {"position": checkpoint.position, "digest": checkpoint.digest},
        "files": {name: _sha256(content) for name, content in sorted(files.items())},
    }
    files["MANIFEST.json"] = _pretty(manifest)
    with path.open("xb") as target:
        target.write(_zip(files))
    return verify_bundle(path)


def verify_bundle(path: Path, checkpoint: str | None = None) -> Verified:
    """Check the bundle at `path`, as its own verify.py does.

    Raises:
        InvalidBundle: with what does not fit.
        OSError: the file cannot be read.
    """
    try:
        case, events, digest = check_bundle(path, checkpoint)
    except BundleFault as fault:
        raise InvalidBundle(f"{path}: {fault}") from None
    return Verified(case, events, digest)


def _files_of(desk: Desk, case: Case, events: list[Event], name: str) -> dict[str, bytes]:
    history = "".join(
        json.dumps(asdict(event), ensure_ascii=False, sort_keys=True) + "\n" for event in events
    )
    checker = resources.files("sogdia.compliance.cases").joinpath("bundle_check.py")
    files = {
        "README.txt": README.format(case=case.id, name=name).encode(),
        "case.json": _pretty(asdict(case)),
        "history.jsonl": history.encode(),
        "verify.py": checker.read_bytes(),
    }
    for attached in case.files:
        content = desk.file(str(attached["sha256"])) if attached else None
        if content is not None:
            files[f"files/{attached['sha256']}"] = content
    return files


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _pretty(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
