"""How many listed persons are found, how many others are alarmed about, how fast, in what memory.

    make bench-screening SETS=folder        (or: python -m benchmarks.screening --sets folder)

The negatives and the first sets are in the archive `screening-names`. Further sets are files
`NAME.tsv` in a folder of the user's, one pair a line: name asked for, tab, name listed;
`listed.txt` there holds further listed names, one a line. No name of them is part of this
repository; their origins are in docs/screening.md.

Each set is cut in two by a fixed seed. Thresholds, one per script of the name asked for, are chosen
on one half of the negatives so that the shares of FALSE_ALARMS_MAX hold, and everything is judged
on the other halves. With nomenklatura installed, its `logic-v2` scores the same pairs, and the
negatives of a sample against the candidates that our index gives; its one threshold is chosen the
same way.
"""

import argparse
import csv
import gc
import os
import platform
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from tests.vectors.archives import unpack

from sogdia.compliance.screening import Delta, Entity, Kind, ListVersion, Screener, Snapshot
from sogdia.compliance.screening.batch import screen_many
from sogdia.compliance.screening.index import NameIndex
from sogdia.compliance.screening.name import Name, analyse
from sogdia.compliance.screening.person_match import match_names
from sogdia.compliance.screening.script import Script, dominant_script
from sogdia.compliance.screening.thresholds import DEFAULTS

SEED = 20260227
# What a script may alarm about wrongly; together at most 1 % of the negatives as they are mixed.
FALSE_ALARMS_MAX = {
    Script.LATIN: 0.007, Script.ARABIC: 0.04, Script.HANGUL: 0.015, Script.HAN: 0.01,
    Script.CYRILLIC: 0.005, Script.KANA: 0.01, Script.OTHER: 0.005,
}  # fmt: skip
RIVAL_NEGATIVES = 1_000  # of logic-v2: about 0.3 ms a pair and up to 200 candidates a name
LATENCY_NAMES = 3_000
ENTITIES = 100_000
DELTA_ENTRIES = 500
CUSTOMERS = 1_000_000

Pair = tuple[str, str]
T = TypeVar("T")
Rival = Callable[[str, str], float]


@dataclass(frozen=True)
class Judged:
    """One set: how many of its second half were found, ours and the rival's."""

    name: str
    size: int
    found: float
    found_default: float
    found_rival: float | None


def fixtures() -> Path:
    """Return the folder of the archive's CSV files."""
    return unpack("screening-names") / "contrib/candidate_generation_benchmark/fixtures"


def column(file: Path) -> list[str]:
    """Return the full names of one of the archive's files."""
    with file.open(encoding="utf-8", newline="") as handle:
        return [row["full_name"] for row in csv.DictReader(handle)]


def positive_sets(folder: Path | None) -> dict[str, list[Pair]]:
    """Return the pairs (name asked for, name listed) of every set."""
    base = fixtures()
    treated = column(base / "positives_un_treated.csv")
    listed = column(base / "positives_un_untreated.csv")
    congress = column(base / "positives_us_congress_untreated.csv")
    both = list(zip(treated, listed, strict=True))
    sets = {
        "un-treated": both,
        "un-treated, real changes": [(a, b) for a, b in both if a != b],
        "un-untreated": [(b, b) for b in listed],
        "us-congress": [(name, name) for name in congress],
    }
    for file in sorted(folder.glob("*.tsv")) if folder else ():
        lines = file.read_text(encoding="utf-8").splitlines()
        sets[file.stem] = [(a, b) for a, b in (line.split("\t")[:2] for line in lines)]
    return sets


def halves(items: list[T]) -> tuple[list[T], list[T]]:
    """Cut a list in two halves at random, the same in every run."""
    shuffled = items[:]
    random.Random(SEED).shuffle(shuffled)
    middle = len(shuffled) // 2
    return shuffled[:middle], shuffled[middle:]


class Listed:
    """The listed names, indexed."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Analyse and index the distinct texts."""
        self.names: list[Name] = [analyse(text) for text in dict.fromkeys(texts)]
        self.index = NameIndex(self.names)

    def scores(self, text: str) -> Iterator[tuple[str, float]]:
        """Yield each candidate's text with its score."""
        query = analyse(text)
        for candidate in self.index.candidates(query):
            theirs = self.names[candidate.name_id]
            match = match_names(query, theirs, syllables=candidate.syllables)
            yield theirs.text, match.score

    def best(self, text: str) -> float:
        """Return the best score of any listed name."""
        return max((score for _, score in self.scores(text)), default=0.0)


def choose_thresholds(scores: dict[Script, list[float]]) -> dict[Script, float]:
    """Return for each script the least threshold that keeps its false alarms in bounds."""
    chosen = {}
    for script, values in scores.items():
        ranked = sorted(values, reverse=True)
        allowed = int(len(ranked) * FALSE_ALARMS_MAX[script])
        chosen[script] = max(0.6, ranked[allowed] + 1e-6) if ranked else DEFAULTS[script]
    return chosen


def by_script(listed: Listed, negatives: list[str]) -> dict[Script, list[float]]:
    """Return the best score of every negative, by the script of its name."""
    found: dict[Script, list[float]] = {}
    for text in negatives:
        found.setdefault(dominant_script(text), []).append(listed.best(text))
    return found


def find_rival() -> Rival | None:
    """Return logic-v2 as a function of two names, or `None` when it is not installed."""
    try:
        from followthemoney import EntityProxy
        from nomenklatura.matching.logic_v2.model import LogicV2
    except ImportError:
        return None
    config = LogicV2.default_config()

    def entity(key: str, name: str) -> EntityProxy:
        # The library remembers names by entity id: every name needs an id of its own.
        return EntityProxy.from_dict(
            {"id": f"{key}-{name}", "schema": "Person", "properties": {"name": [name]}}
        )

    def score(ours: str, theirs: str) -> float:
        return float(LogicV2.compare(entity("a", ours), entity("b", theirs), config).score)

    return score


def rival_threshold(rival: Rival, listed: Listed, negatives: list[str]) -> float:
    """Return the least score at which logic-v2 alarms about at most 1 % of a sample."""
    best = []
    for text in random.Random(SEED).sample(negatives, min(RIVAL_NEGATIVES, len(negatives))):
        pairs = (rival(text, name) for name, _ in listed.scores(text))
        best.append(max(pairs, default=0.0))
    best.sort(reverse=True)
    return best[int(len(best) * 0.01)] + 1e-6


def judge(
    name: str,
    pairs: list[Pair],
    listed: Listed,
    thresholds: dict[Script, float],
    rival: tuple[Rival, float] | None,
) -> Judged:
    """Return how much of the second half of a set is found: the listed name itself must hit."""
    _, second = halves(pairs)
    found = found_default = found_rival = 0
    for asked, wanted in second:
        text = analyse(wanted).text
        score = max((s for t, s in listed.scores(asked) if t == text), default=0.0)
        script = dominant_script(asked)
        found += score >= thresholds.get(script, DEFAULTS[script])
        found_default += score >= DEFAULTS[script]
        if rival is not None:
            found_rival += rival[0](asked, wanted) >= rival[1]
    size = max(1, len(second))
    share = None if rival is None else found_rival / size
    return Judged(name, len(second), found / size, found_default / size, share)


def measure_quality(folder: Path | None, *, sample: int) -> None:
    """Print recall per set and false alarms per script."""
    sets = positive_sets(folder)
    more = folder / "listed.txt" if folder else None
    extra = more.read_text(encoding="utf-8").splitlines() if more and more.is_file() else []
    listed = Listed([b for pairs in sets.values() for _, b in pairs] + extra)
    base = fixtures()
    negatives = column(base / "negatives_global.csv") + column(base / "negatives_us.csv")
    negatives = random.Random(SEED).sample(negatives, min(sample, len(negatives)))
    first, second = halves(negatives)
    thresholds = choose_thresholds(by_script(listed, first))
    judged = by_script(listed, second)
    rival = find_rival()
    bound = None if rival is None else (rival, rival_threshold(rival, listed, first))
    print(f"\n{len(listed.names):,} listed names, {len(negatives):,} negatives\n")
    print("| set | names judged | found | at the shipped thresholds | logic-v2 |")
    print("|---|--:|--:|--:|--:|")
    for name, pairs in sets.items():
        row = judge(name, pairs, listed, thresholds, bound)
        other = "not installed" if row.found_rival is None else f"{row.found_rival:.3f}"
        print(f"| {name} | {row.size} | {row.found:.3f} | {row.found_default:.3f} | {other} |")
    print("\n| script | negatives judged | threshold | false alarms | at the shipped threshold |")
    print("|---|--:|--:|--:|--:|")
    alarms = shipped = 0
    for script, scores in sorted(judged.items()):
        limit = thresholds.get(script, DEFAULTS[script])
        wrong, wrong_shipped = (sum(s >= t for s in scores) for t in (limit, DEFAULTS[script]))
        alarms, shipped = alarms + wrong, shipped + wrong_shipped
        shares = f"{wrong / len(scores):.3%} | {wrong_shipped / len(scores):.3%}"
        print(f"| {script} | {len(scores)} | {limit:.3f} | {shares} |")
    total = sum(map(len, judged.values()))
    print(f"| all | {total} | | {alarms / total:.3%} | {shipped / total:.3%} |")
    if bound is not None:
        print(f"\nlogic-v2: threshold {bound[1]:.3f} from {RIVAL_NEGATIVES:,} negatives (1 %)")


def invented_entities(count: int) -> list[Entity]:
    """Return entities whose names exchange the family names of the negatives, within a script."""
    base = fixtures()
    words = [
        text.split(" ")
        for text in column(base / "negatives_global.csv") + column(base / "negatives_us.csv")
    ]
    groups: dict[Script, list[list[str]]] = {}
    for parts in words:
        if len(parts) > 1:
            groups.setdefault(dominant_script(" ".join(parts)), []).append(parts)
    rng = random.Random(SEED)
    texts = []
    for group in groups.values():
        last = [parts[-1] for parts in group]
        rng.shuffle(last)
        texts += [" ".join([*p[:-1], name]) for p, name in zip(group, last, strict=True)]
    rng.shuffle(texts)
    return [Entity(f"e{i}", Kind.PERSON, (text,)) for i, text in enumerate(texts[:count])]


def measure_speed() -> None:
    """Print the latency of one name against 100,000 entities on one core, and the memory."""
    begin = time.process_time()
    entities = {e.entity_id: e for e in invented_entities(ENTITIES)}
    version = ListVersion("invented", "0", date(2026, 1, 1))
    screener = Screener([Snapshot(version, entities)])
    built = time.process_time() - begin
    gc.collect()
    gc.freeze()  # the collector would walk millions of immutable objects in the middle of a query
    base = fixtures()
    names = random.Random(SEED + 1).sample(column(base / "negatives_global.csv"), LATENCY_NAMES)
    names += column(base / "positives_un_treated.csv")
    for text in names[:300]:
        screener.screen(Entity("c", Kind.PERSON, (text,)))
    wall, cpu = [], []
    for text in names[300:]:
        started, worked = time.perf_counter(), time.thread_time()
        screener.screen(Entity("c", Kind.PERSON, (text,)))
        wall.append((time.perf_counter() - started) * 1e3)
        cpu.append((time.thread_time() - worked) * 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{len(entities):,} entities: built in {built:.1f} s of CPU, peak memory {peak:.0f} MB")
    print("| one name, ms | median | 99th percentile | worst |")
    print("|---|--:|--:|--:|")
    for label, values in (("CPU of one core", cpu), ("wall clock", wall)):
        high = statistics.quantiles(values, n=100)[98]
        print(f"| {label} | {statistics.median(values):.2f} | {high:.1f} | {max(values):.1f} |")


def measure_delta(customers: int) -> None:
    """Print how long a million customers take against a delta of 500 entries."""
    entries = tuple(invented_entities(DELTA_ENTRIES))
    version = ListVersion("invented", "1", date(2026, 1, 2))
    screener = Screener.for_delta(Delta(version, version, entries, (), ()))
    base = fixtures()
    texts = column(base / "negatives_global.csv") + column(base / "negatives_us.csv")
    rng = random.Random(SEED + 2)
    given = [text.rsplit(" ", 1)[0] for text in texts]
    rng.shuffle(given)
    last = [text.rsplit(" ", 1)[-1] for text in texts]

    def name(i: int) -> str:
        # Another given name in every round: no customer is met twice.
        return f"{given[(i * 7 + i // len(last)) % len(given)]} {last[i % len(last)]}"

    people = (Entity(str(i), Kind.PERSON, (name(i),)) for i in range(customers))
    cores = os.cpu_count() or 1
    begin, before = time.perf_counter(), _cpu_seconds()
    done = sum(1 for _ in screen_many(screener, people, processes=cores))
    took, worked = time.perf_counter() - begin, _cpu_seconds() - before
    print(
        f"\n{done:,} customers against a delta of {DELTA_ENTRIES} entries on {cores} cores: "
        f"{took:.0f} s, {worked:.0f} s of CPU"
    )


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of its workers that have ended."""
    own, workers = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.user + own.system + workers.ru_utime + workers.ru_stime


def main() -> None:
    """Run what was asked for; by default everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    sets = os.environ.get("SETS")
    parser.add_argument("--sets", type=Path, default=Path(sets) if sets else None)
    parser.add_argument("--only", choices=("quality", "speed", "delta"))
    parser.add_argument("--negatives", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    options = parser.parse_args()
    moment = datetime.now(UTC).date().isoformat()
    print(
        f"{moment}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    print("command: python -m benchmarks.screening " + " ".join(sys.argv[1:]))
    if options.only in (None, "quality"):
        measure_quality(options.sets, sample=options.negatives)
    if options.only in (None, "speed"):
        measure_speed()
    if options.only in (None, "delta"):
        measure_delta(options.customers)


if __name__ == "__main__":
    main()
