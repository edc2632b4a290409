"""How fast rule packs decide, against the condition library's own evaluator; and how they load.

    uv run python -m benchmarks.rules

The matters are the vectors of the packs that ship, decided on one core over all six authorities
at once. The rival is cel-python's interpreter, which parses for us: it evaluates one condition a
time, with the same facts, out of those of the packs that hold only bools, integers and texts. A
decision of ours consults about ten clauses, so a ratio of 1 would already be ten times its speed.
"""

import json
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from sogdia.compliance.rules import Facts, RuleBook, decide, load_shipped
from sogdia.compliance.rules.expressions import Member, Name, walk

ROUNDS = 5
REPEATS = 20
PLAIN = {"bool", "integer", "text"}


def decisions(book: RuleBook, *, with_facts: bool) -> Callable[[], int]:
    """Return a run over every vector; `with_facts` checks the raw facts each time too."""
    vectors = [vector for pack in book.packs for vector in pack.vectors]
    matters = [(Facts.from_mapping(v.facts, book.vocabulary), v.at, v.facts) for v in vectors]

    def run() -> int:
        for _ in range(REPEATS):
            for facts, at, raw in matters:
                decide(book, Facts.from_mapping(raw, book.vocabulary) if with_facts else facts, at)
        return REPEATS * len(matters)

    return run


def rival(book: RuleBook) -> Callable[[], int]:
    """Return a run of cel-python over the plain conditions of the packs."""
    logging.getLogger("celpy").setLevel(logging.WARNING)
    import celpy

    environment = celpy.Environment()
    programs = []
    for pack in book.packs:
        for index, rule in enumerate(pack.rules):
            names = [part for part in walk(rule.when) if isinstance(part, Name)]
            parts = list(walk(rule.when))
            if not names or any(isinstance(p, Member) or p.kind not in PLAIN for p in parts):
                continue
            text = _source(pack.sources["rules.toml"], index)
            facts = celpy.json_to_cel({name.name: _example(name.kind) for name in names})
            programs.append((environment.program(environment.compile(text)), facts))

    def run() -> int:
        for program, facts in programs:
            program.evaluate(facts)
        return len(programs)

    return run


def _source(toml: str, index: int) -> str:
    import tomllib

    return str(tomllib.loads(toml)["rule"][index]["when"])


def _example(kind: str) -> Any:
    return {"bool": True, "integer": 7, "text": "cash"}[kind]


def rate(run: Callable[[], int]) -> float:
    """Return units per CPU second of one run."""
    started = time.process_time()
    count = run()
    return count / (time.process_time() - started)


def load_seconds() -> float:
    """Return the CPU seconds a new process takes to load and check all packs, imports left out."""
    program = (
        "import time; from sogdia.compliance.rules import RuleBook, load_shipped;"
        "started = time.process_time(); RuleBook(load_shipped());"
        "print(time.process_time() - started)"
    )
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def main() -> None:
    """Print medians, spreads and ratios as JSON."""
    book = RuleBook(load_shipped())
    runs = {
        "decisions": decisions(book, with_facts=False),
        "facts_and_decisions": decisions(book, with_facts=True),
        "rival_conditions": rival(book),
    }
    rates: dict[str, list[float]] = {name: [] for name in runs}
    rates["load_seconds"] = []
    for _ in range(ROUNDS):
        for name, run in runs.items():
            rates[name].append(rate(run))
        rates["load_seconds"].append(load_seconds())
    medians = {name: statistics.median(values) for name, values in rates.items()}
    report = {
        "rules": len(book.clauses),
        "vectors": sum(len(pack.vectors) for pack in book.packs),
        "per_cpu_second": {name: round(medians[name]) for name in runs},
        "load_cpu_seconds": round(medians["load_seconds"], 3),
        "spread": {
            name: round((max(v) - min(v)) / statistics.median(v), 2) for name, v in rates.items()
        },
        "decision_to_rival_condition": round(medians["decisions"] / medians["rival_conditions"], 1),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
