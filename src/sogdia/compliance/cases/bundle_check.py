"""Check an evidence bundle of a case with nothing but Python's standard library.

This file is part of the bundle. Run it:  python3 verify.py BUNDLE.zip [POSITION:DIGEST]

It checks that every file has the SHA-256 that MANIFEST.json states and that no file is extra; that
every body and every event of the history has the digest it claims; that each event follows the one
before it in the case; that the attached files are those that the history names. With a checkpoint
(POSITION:DIGEST) that was kept elsewhere it also checks that the bundle was made on that log.

It cannot check who wrote the bundle. For that, compare the printed digest of the manifest with the
one that you were given by another way, or that was anchored on a ledger.
"""

import hashlib
import json
import sys
import zipfile
from typing import Any

Files = dict[str, bytes]
Json = dict[str, Any]

GENESIS = "0" * 64
FILES_MAX = 10_000  # a case has tens
BYTES_MAX = 512 * 1024 * 1024  # unpacked, in all: a bundle that claims more is not opened
COVERED = (
    "position",
    "case",
    "sequence",
    "at_us",
    "actor",
    "kind",
    "erases",
    "body_digest",
    "previous",
    "previous_in_case",
)


class BundleFault(Exception):
    """What does not fit."""


def canonical(value: Any) -> bytes:
    """Return JSON with sorted keys, without spaces, in UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def body_digest(event: Json) -> str:
    """Return the SHA-256 of an event's salt and body."""
    return sha256(bytes.fromhex(event["salt"]) + canonical(event["body"]))


def read_files(path: Any) -> Files:
    """Return the files of the ZIP archive at `path` by name."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        if len(entries) > FILES_MAX or total > BYTES_MAX:
            raise BundleFault(f"it has {len(entries)} files of {total} bytes, too many")
        names = [entry.filename for entry in entries]
        if len(set(names)) != len(names):
            raise BundleFault("a file is there twice")
        return {name: archive.read(name) for name in names}


def check_manifest(files: Files) -> Json:
    """Return the manifest after checking every file against it."""
    if "MANIFEST.json" not in files:
        raise BundleFault("MANIFEST.json is missing")
    manifest: Json = json.loads(files["MANIFEST.json"])
    listed = manifest["files"]
    for name, digest in sorted(listed.items()):
        if name not in files:
            raise BundleFault(f"{name} is missing")
        if sha256(files[name]) != digest:
            raise BundleFault(f"{name} is not the file that the manifest lists")
    extra = sorted(set(files) - set(listed) - {"MANIFEST.json"})
    if extra:
        raise BundleFault(f"{extra[0]} is not in the manifest")
    return manifest


def check_history(files: Files, manifest: Json) -> list[Json]:
    """Check the chain of the case and return its events."""
    lines = files["history.jsonl"].decode("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    previous, erased = GENESIS, {event["erases"] for event in events if event["erases"]}
    for number, event in enumerate(events, 1):
        where = f"event {number}"
        covered = {name: event[name] for name in COVERED}
        covered["domain"] = "sogdia/cases/1"
        if event["case"] != manifest["case"] or event["sequence"] != number:
            raise BundleFault(f"{where} is not the next one of the case")
        if event["previous_in_case"] != previous:
            raise BundleFault(f"{where} does not follow the one before it")
        if sha256(canonical(covered)) != event["digest"]:
            raise BundleFault(f"{where} differs from its digest")
        if event["body"] is None:
            if event["position"] not in erased:
                raise BundleFault(f"{where} has no body and nothing says why")
        elif body_digest(event) != event["body_digest"]:
            raise BundleFault(f"the body of {where} differs from its digest")
        previous = event["digest"]
    if not events or len(events) != manifest["events"] or previous != manifest["last_event"]:
        raise BundleFault("the history is not as long as the manifest says")
    return events


def check_attachments(files: Files, events: list[Json]) -> None:
    """Check that the attached files are those that the history names."""
    attached = [event["body"] for event in events if event["kind"] == "file"]
    named = {body["sha256"] for body in attached if body is not None}
    held = {name.split("/", 1)[1] for name in files if name.startswith("files/")}
    for digest in sorted(named ^ held):
        raise BundleFault(f"the file {digest} is attached or named, not both")
    for digest in sorted(held):
        if sha256(files["files/" + digest]) != digest:
            raise BundleFault(f"the attached file {digest} is another")


def check_checkpoint(manifest: Json, events: list[Json], checkpoint: str) -> None:
    """Check that the log of the bundle goes through a checkpoint that was kept elsewhere."""
    position, _, digest = checkpoint.partition(":")
    known = {event["position"]: event["digest"] for event in events}
    stated = manifest["checkpoint"]
    known[stated["position"]] = stated["digest"]
    if int(position) not in known:
        raise BundleFault(f"the checkpoint {position} is at no event of this bundle")
    if known[int(position)] != digest:
        raise BundleFault("the bundle is not of the log that the checkpoint was taken of")


def check_bundle(path: Any, checkpoint: str | None = None) -> tuple[str, int, str]:
    """Check the bundle at `path`; return its case, its number of events and its digest."""
    try:
        files = read_files(path)
        manifest = check_manifest(files)
        events = check_history(files, manifest)
        check_attachments(files, events)
        if checkpoint is not None:
            check_checkpoint(manifest, events, checkpoint)
        return manifest["case"], len(events), sha256(files["MANIFEST.json"])
    except (zipfile.BadZipFile, LookupError, TypeError, ValueError, RecursionError) as error:
        raise BundleFault("it is not an evidence bundle: " + repr(error)) from None


if __name__ == "__main__":
    try:
        CASE, EVENTS, DIGEST = check_bundle(*sys.argv[1:3])
    except (BundleFault, OSError) as fault:
        sys.exit(f"NOT VALID: {fault}")
    print(f"valid: case {CASE}, {EVENTS} events, manifest {DIGEST}")
