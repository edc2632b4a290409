"""Write a decision down so that anybody can run it again to the same bytes.

A bundle is one JSON object in canonical form (RFC 8785): the facts as given, the digest of every
pack that was loaded, the moments, and the decision. With the packs' sources inside it needs
nothing but this library; without them, the packs must be at hand and have the same digests.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785

from sogdia.compliance.rules.deciding import decide
from sogdia.compliance.rules.errors import EvidenceError, FactError
from sogdia.compliance.rules.facts import Facts, parse_moment, read_json
from sogdia.compliance.rules.loading import load_sources
from sogdia.compliance.rules.pack import LANGUAGES, Pack
from sogdia.compliance.rules.rulebook import RuleBook
from sogdia.compliance.rules.source import Source
from sogdia.compliance.rules.vocabulary import extended, shipped_words

FORMAT = "sogdia-rules-evidence/1"
_FIELDS = frozenset(
    {
        "format",
        "library",
        "vocabulary",
        "additions",
        "language",
        "at",
        "known_at",
        "admitted",
        "unrecognised",
        "packs",
        "sources",
        "facts",
        "decision",
    }
)


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of running a bundle again. `differences` names the parts that differ."""

    is_same: bool
    bundle: bytes
    differences: tuple[str, ...]
    library: str


def vocabulary_digest() -> str:
    """Return the SHA-256 of the shipped vocabulary, as hex: words are part of what was decided."""
    return hashlib.sha256(shipped_words()).hexdigest()


def write_bundle(
    book: RuleBook,
    facts: Facts,
    at: datetime,
    known_at: datetime | None = None,
    *,
    library: str,
    language: str = "en",
    embed: bool = False,
) -> bytes:
    """Decide, and return the evidence of it. `embed` puts the packs' sources inside.

    `library` is the version to record. Raises FactError, and EvidenceError when packs to embed
    were not loaded from a folder.
    """
    decision = decide(book, facts, at, known_at)
    bundle: dict[str, Any] = {
        "format": FORMAT,
        "library": library,
        "vocabulary": vocabulary_digest(),
        "additions": list(book.vocabulary.additions),
        "language": language,
        "at": decision.at.isoformat(),
        "known_at": decision.known_at.isoformat(),
        "admitted": {name: moment.isoformat() for name, moment in book.admitted.items()},
        "unrecognised": sorted(list(tie) for tie in book.unrecognised),
        "packs": [
            {"name": pack.name, "serial": pack.serial, "digest": pack.digest.hex()}
            for pack in book.packs
        ],
        "sources": {pack.name: _sources(pack) for pack in book.packs} if embed else {},
        "facts": facts.to_json(),
        "decision": decision.to_json(language),
    }
    return rfc8785.dumps(bundle)


def replay(data: bytes, packs: Iterable[Pack] = ()) -> Replay:
    """Run a bundle again, with the packs inside it or with `packs`.

    Raises EvidenceError when the bundle is damaged, or a pack is absent or has another digest.
    """
    bundle = _read(data)
    if bundle["vocabulary"] != vocabulary_digest():
        raise EvidenceError(
            f"the bundle was decided with vocabulary {bundle['vocabulary']}, this library has "
            f"{vocabulary_digest()}; use version {bundle['library']}"
        )
    try:
        found = _packs_of(bundle, packs)
        book = RuleBook(
            found,
            unrecognised=[(authority, kind) for authority, kind in bundle["unrecognised"]],
            admitted={
                name: parse_moment("admitted", moment)
                for name, moment in bundle["admitted"].items()
            },
        )
        again = write_bundle(
            book,
            Facts.from_mapping(bundle["facts"], book.vocabulary),
            parse_moment("at", bundle["at"]),
            parse_moment("known_at", bundle["known_at"]),
            library=bundle["library"],
            language=bundle["language"],
            embed=bool(bundle["sources"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"the bundle is damaged: {error}") from None
    fresh = read_json(again)
    differences = tuple(sorted(name for name in _FIELDS if fresh[name] != bundle[name]))
    return Replay(again == data.strip(), again, differences, bundle["library"])


def _read(data: bytes) -> dict[str, Any]:
    try:
        bundle = read_json(data)
    except FactError as error:
        raise EvidenceError(f"the bundle is damaged: {error.problem}") from None
    if bundle.get("format") != FORMAT:
        raise EvidenceError(f"format {bundle.get('format')!r:.60} is not {FORMAT!r}")
    if set(bundle) != _FIELDS:
        odd = sorted(set(bundle) ^ _FIELDS)
        raise EvidenceError(f"the bundle lacks or adds {', '.join(odd)}")
    if bundle["language"] not in LANGUAGES:
        raise EvidenceError(f"language {bundle['language']!r:.20} is not known")
    return bundle


def _packs_of(bundle: Mapping[str, Any], packs: Iterable[Pack]) -> list[Pack]:
    inside: Mapping[str, Mapping[str, str]] = bundle["sources"]
    if inside:
        words = extended(bundle["additions"])
        packs = [
            load_sources(
                [Source.parse(Path(name) / file, text) for file, text in files.items()], words
            )
            for name, files in inside.items()
        ]
    at_hand = {pack.name: pack for pack in packs}
    found: list[Pack] = []
    for row in bundle["packs"]:
        pack = at_hand.get(row["name"])
        if pack is None:
            raise EvidenceError(f"pack {row['name']} is not at hand; give the folder that holds it")
        if pack.digest.hex() != row["digest"]:
            raise EvidenceError(
                f"pack {pack.name} at hand has digest {pack.digest.hex()}, the decision was made "
                f"with {row['digest']}"
            )
        found.append(pack)
    return found


def _sources(pack: Pack) -> dict[str, str]:
    if not pack.sources:
        raise EvidenceError(f"pack {pack.name} carries no sources to embed")
    return dict(pack.sources)
