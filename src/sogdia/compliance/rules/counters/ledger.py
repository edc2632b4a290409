"""What one party keeps: its share of each sum, and what it answered to each request.

L1  A request is applied once, however often it is sent.
L2  The last request can be undone, so that three parties that stopped at different moments
    come back to one state. Nobody was told its answer: that takes the shares of all three.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
create table if not exists sums (
    counter text, window text, client text, share text not null,
    primary key (counter, window, client)
) without rowid;
create table if not exists requests (
    seq integer primary key, request text not null unique, venue text not null,
    counter text not null, window text not null, client text not null,
    answer text not null, applied text not null, before text not null,
    releases text not null, released text
);
create index if not exists by_client on requests (counter, window, client, venue);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that was applied. `answer` and `applied` are shares of the bit and the amount.

    `releases` names the request that this one took back, if any; `released` the one that took
    this one back.
    """

    seq: int
    request: str
    venue: str
    counter: str
    window: str
    client: str
    answer: int
    applied: int
    releases: str = ""
    released: str | None = None


class Ledger:
    """One party's SQLite file. Integers of the field are kept as text: they exceed 64 bits."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_TABLES)

    def last_seq(self) -> int:
        """Return the number of the last request, 0 before the first."""
        row = self._db.execute("select max(seq) from requests").fetchone()
        return int(row[0] or 0)

    def share(self, counter: str, window: str, client: str) -> int:
        """Return this party's share of a sum; a sum never seen is zero, whose share may be 0."""
        row = self._db.execute(
            "select share from sums where counter = ? and window = ? and client = ?",
            (counter, window, client),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def find(self, request: str) -> Entry | None:
        """Return what was answered to a request, or `None`."""
        row = self._db.execute(
            "select seq, request, venue, counter, window, client, releases, released, answer, "
            "applied "
            "from requests where request = ?",
            (request,),
        ).fetchone()
        if row is None:
            return None
        seq, name, venue, counter, window, client, releases, released, answer, applied = row
        return Entry(
            seq,
            name,
            venue,
            counter,
            window,
            client,
            int(answer),
            int(applied),
            releases,
            released,
        )

    def count(self, venue: str, counter: str, window: str, client: str) -> int:
        """Return how many requests a venue has made about a client in a window."""
        row = self._db.execute(
            "select count(*) from requests "
            "where counter = ? and window = ? and client = ? and venue = ?",
            (counter, window, client, venue),
        ).fetchone()
        return int(row[0])

    def apply(self, entry: Entry, share: int) -> None:
        """Write a request and the new share of its sum, synced, as one transaction."""
        before = self.share(entry.counter, entry.window, entry.client)
        key = (entry.counter, entry.window, entry.client)
        with self._transaction():
            self._db.execute(
                "insert into requests (seq, request, venue, counter, window, client, answer, "
                "applied, before, releases) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    entry.seq,
                    entry.request,
                    entry.venue,
                    *key,
                    str(entry.answer),
                    str(entry.applied),
                    str(before),
                    entry.releases,
                ),
            )
            self._put(key, share)
            if entry.releases:
                self._db.execute(
                    "update requests set released = ? where request = ?",
                    (entry.request, entry.releases),
                )

    def undo_to(self, seq: int) -> None:
        """Take back the last request when it is number `seq + 1`.

        Raises ValueError when more than one would have to go: the files are not of one service.
        """
        last = self.last_seq()
        if last == seq:
            return
        if last != seq + 1:
            raise ValueError(f"this party is at request {last}, another at {seq}: too far apart")
        row = self._db.execute(
            "select request, counter, window, client, before from requests where seq = ?", (last,)
        ).fetchone()
        with self._transaction():
            self._put(row[1:4], int(row[4]))
            self._db.execute("update requests set released = null where released = ?", (row[0],))
            self._db.execute("delete from requests where seq = ?", (last,))

    def forget(self, windows_before: str) -> None:
        """Delete everything of windows that sort before `windows_before`, but the last request.

        The last one stays, since its number is how the parties find back to one state.
        """
        with self._transaction():
            self._db.execute("delete from sums where window < ?", (windows_before,))
            self._db.execute(
                "delete from requests where window < ? and seq < (select max(seq) from requests)",
                (windows_before,),
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _put(self, key: tuple[str, str, str], share: int) -> None:
        self._db.execute(
            "insert into sums values (?, ?, ?, ?) "
            "on conflict (counter, window, client) do update set share = excluded.share",
            (*key, str(share)),
        )

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("begin immediate")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("commit" if kind is None else "rollback")
