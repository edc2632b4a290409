"""Travel rule and cases: each against its limit in the same process.

    uv run python -m benchmarks.cases_and_travel

IVMS101: reading and judging a payload, against parsing its JSON and nothing else. Envelopes:
sealing and opening, against the bare operations of the cryptography library underneath (two key
agreements, a signature, a verification). Cases: notes appended one by one, each synced, against
one row inserted into one SQLite table and synced, on the same disk. Median of five rounds with the
range, for each second of wall time.
"""

import datetime
import json
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from examples.compliance.make_customers import PAYLOAD

from sogdia.compliance.cases.alerts import Alert
from sogdia.compliance.cases.case import Role
from sogdia.compliance.cases.desk import Desk, Order
from sogdia.compliance.database import open_database
from sogdia.compliance.travel_rule.envelope import Addressing, Recipient, open_envelope, seal
from sogdia.compliance.travel_rule.institutions.address_book import counterparty_of
from sogdia.compliance.travel_rule.institutions.keys import new_institution_keys, public_jwk
from sogdia.compliance.travel_rule.institutions.licence import LicenceEntry
from sogdia.compliance.travel_rule.ivms101.constraints import Reference
from sogdia.compliance.travel_rule.ivms101.reading import read_document
from sogdia.compliance.travel_rule.ivms101.validation import validate

ROUNDS = 5
NOW = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)

Work = Callable[[], int]


def ivms101() -> tuple[Work, Work]:
    """Return reading and judging a payload, and parsing its JSON."""
    data, reference = json.dumps(PAYLOAD, ensure_ascii=False).encode(), Reference(NOW.date())

    def ours() -> int:
        for _ in range(500):
            assert validate(read_document(data), reference).is_valid
        return 500

    def limit() -> int:
        for _ in range(5000):
            json.loads(data)
        return 5000

    return ours, limit


def envelopes() -> tuple[Work, Work]:
    """Return sealing and opening an envelope, and the bare cryptography of both."""
    keys = new_institution_keys()
    entry = LicenceEntry(
        institution="A",
        name="A",
        state="KZ",
        licence="1",
        status="licensed",
        origin="https://a.example",
        signing_key=public_jwk(keys.signing),
        sealing_key=public_jwk(keys.sealing),
        serial=1,
        issued_at=NOW,
        expires_at=NOW + datetime.timedelta(days=90),
    )
    party = counterparty_of(entry)
    recipient = Recipient("A", keys, lambda _: party, lambda *_: False)
    signing, agreeing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()

    def ours() -> int:
        for _ in range(100):
            addressing = Addressing(uuid.uuid4(), uuid.uuid4(), "inquiry", "A", NOW)
            open_envelope(seal(PAYLOAD, party, addressing, keys), recipient, NOW)
        return 100

    def limit() -> int:
        for _ in range(300):
            agreeing.exchange(X25519PrivateKey.generate().public_key())
            agreeing.exchange(agreeing.public_key())
            signing.public_key().verify(signing.sign(b"x" * 4000), b"x" * 4000)
        return 300

    return ours, limit


def case_log(folder: Path) -> tuple[Work, Work]:
    """Return appending notes to a case, and inserting rows into a bare table."""
    desk = Desk(open_database(str(folder / "cases.db")), lambda: NOW, os.urandom)
    desk.enrol("hana", Role.HEAD, "hana")
    case = desk.take_alert(Alert(subject="C-1", source="s", reason="r"), "hana")
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(x TEXT)")

    def ours() -> int:
        for number in range(100):
            desk.note(Order(case, "hana"), f"note {number}")
        return 100

    def limit() -> int:
        for _ in range(300):
            bare.execute("INSERT INTO t VALUES (?)", ("x" * 300,))
        return 300

    return ours, limit


def rate(work: Work) -> float:
    """Return operations for each second of wall time."""
    start = time.perf_counter()
    return work() / (time.perf_counter() - start)


def main() -> None:
    """Print a row for each pair: our rate, its range, and its share of the limit."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        pairs = {
            "IVMS101 payload read and judged / JSON parsed": ivms101(),
            "envelope sealed and opened / bare cryptography": envelopes(),
            "case note appended and synced / bare row synced": case_log(Path(name)),
        }
        print("| operation / its limit | ours | of the limit |\n|---|---|---|")
        for what, (ours, limit) in pairs.items():
            found = [(rate(ours), rate(limit)) for _ in range(ROUNDS)]
            mine = sorted(r for r, _ in found)
            share = statistics.median(r / bare for r, bare in found)
            middle = statistics.median(mine)
            print(f"| {what} | {middle:,.0f}/s ({mine[0]:,.0f}–{mine[-1]:,.0f}) | {share:.3f} |")


if __name__ == "__main__":
    main()
