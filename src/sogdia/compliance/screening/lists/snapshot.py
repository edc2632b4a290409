"""A list at one moment: its entries, the digest of what was read, and what could not be read.

L1  A snapshot is whole or does not exist: a file that breaks off loads nothing.
L2  A record that is refused is named with its line and the reason; none is dropped in silence.
L3  Two snapshots of the same bytes have the same version, whoever loaded them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sogdia.compliance.screening.entity import Entity
from sogdia.compliance.screening.errors import ListShrank, WrongList

# A tenth: the largest cut of a consolidated list in one publication since 2010 was under 8 % (the
# Cuba and Zimbabwe removals); a truncated download loses more.
SHRINK_SHARE_MAX = 0.10


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that was refused, or a field of it that was left out. `line` counts from 1."""

    source: str
    line: int
    record: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}, record {self.record}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ListVersion:
    """Which list, and which bytes of it: what a result or a clearance refers to."""

    list_id: str
    digest: str
    taken_on: date

    def __str__(self) -> str:
        return f"{self.list_id}@{self.digest[:12]} ({self.taken_on.isoformat()})"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The entries of one list version, by their id, and the problems met while loading."""

    version: ListVersion
    entries: Mapping[str, Entity]
    problems: tuple[Problem, ...] = ()

    @property
    def list_id(self) -> str:
        """Return the identity of the list, the same for all its versions."""
        return self.version.list_id


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed from one snapshot to the next of the same list."""

    before: ListVersion
    after: ListVersion
    added: tuple[Entity, ...]
    changed: tuple[Entity, ...]
    removed: tuple[str, ...]

    @property
    def to_screen(self) -> tuple[Entity, ...]:
        """Return the entries against which every customer must be screened again."""
        return self.added + self.changed


def digest_of(*contents: bytes) -> str:
    """Return the SHA-256, in hex, of the files of a list in their order, each with its length."""
    state = hashlib.sha256()
    for content in contents:
        state.update(len(content).to_bytes(8, "big"))
        state.update(content)
    return state.hexdigest()


def build_snapshot(
    version: ListVersion,
    entities: Iterable[tuple[int, Entity]],
    problems: list[Problem],
    source: str,
) -> Snapshot:
    """Collect entities, each with its line, into a snapshot; a repeated id is a problem."""
    entries: dict[str, Entity] = {}
    for line, entity in entities:
        if entity.entity_id in entries:
            problems.append(
                Problem(
                    source, line, entity.entity_id, "the id was already used above; kept the first"
                )
            )
            continue
        entries[entity.entity_id] = entity
    return Snapshot(version, entries, tuple(problems))


def compute_delta(before: Snapshot, after: Snapshot) -> Delta:
    """Return what changed between two snapshots.

    Raises:
        WrongList: they are of different lists.
    """
    if before.list_id != after.list_id:
        raise WrongList(before.list_id, after.list_id)
    added = [e for key, e in after.entries.items() if key not in before.entries]
    changed = [
        e for key, e in after.entries.items() if key in before.entries and before.entries[key] != e
    ]
    removed = [key for key in before.entries if key not in after.entries]
    return Delta(before.version, after.version, tuple(added), tuple(changed), tuple(removed))


def validate_successor(
    before: Snapshot,
    after: Snapshot,
    *,
    share_max: float = SHRINK_SHARE_MAX,
    confirmed: bool = False,
) -> None:
    """Refuse a snapshot that lost more than `share_max` of the entries, until it is confirmed.

    Raises:
        WrongList: the snapshots are of different lists.
        ListShrank: too much is gone and `confirmed` is false.
    """
    if before.list_id != after.list_id:
        raise WrongList(before.list_id, after.list_id)
    lost = len(before.entries) - len(after.entries)
    if lost > share_max * len(before.entries) and not confirmed:
        raise ListShrank(after.list_id, len(before.entries), len(after.entries), share_max)
