"""Build snapshots and customers for the tests of screening."""

from collections.abc import Iterable
from datetime import date

from sogdia.compliance.screening import Entity, Kind, ListVersion, Snapshot

DAY = date(2026, 3, 1)


def person(key: str, *names: str, **facts: object) -> Entity:
    """Return a person with the given names and facts."""
    return Entity(key, Kind.PERSON, names, **facts)  # type: ignore[arg-type]


def snapshot(list_id: str, entities: Iterable[Entity], *, digest: str = "d1") -> Snapshot:
    """Return a snapshot of `entities`."""
    return Snapshot(ListVersion(list_id, digest, DAY), {e.entity_id: e for e in entities})
