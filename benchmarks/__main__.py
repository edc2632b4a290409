"""Run benchmarks one after another and write what they print into docs/performance.md.

    uv run python -m benchmarks              all of them, as `make bench`
    uv run python -m benchmarks NAME ...     some of them; the other sections stay as they are

Each benchmark is a module that runs alone too. What it prints, a JSON object or a Markdown table,
becomes its section, beside its command, the date and the machine.
"""

import datetime
import importlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.glance import glance

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"

# In the order of the page. `rpc` needs the rivals from npm; it says so when they are not there.
BENCHMARKS = (
    "rpc",
    "submission",
    "accounts",
    "growth",
    "websocket",
    "restart",
    "execution",
    "recovery",
    "mempool",
    "graph",
    "pipeline",
    "commit",
    "startup",
    "catch_up",
    "fixtures",
    "revert",
    "four_nodes",
    "peers",
    "rules",
    "cases_and_travel",
    "simulation",  # an hour of processor time
)


def flatten(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield (dotted name, plain value) of everything in a JSON value; short lists stay whole."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, inner in enumerate(value):
            yield from flatten(inner, f"{path}[{number}]")
    elif isinstance(value, list):
        yield path, " … ".join(_words(item) for item in value)
    else:
        yield path, _words(value)


def _words(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if abs(value) >= 1_000 else f"{value:g}"


def as_markdown(printed: str) -> str:
    """Return a benchmark's output as Markdown: tables as they are, JSON as a table."""
    text = printed.strip()
    if "\n|" in text:  # a table; lines of JSON before it are its rounds
        return "\n".join(
            line for line in text.splitlines() if not line.startswith(("{", "[", "## "))
        )
    rows = [f"| {name} | {value} |" for name, value in flatten(json.loads(text))]
    return "\n".join(["| figure | value |", "|---|---|", *rows])


def section(name: str, printed: str) -> str:
    """Return the section of one benchmark."""
    module = importlib.import_module(f"benchmarks.{name}")
    lines = (module.__doc__ or name).strip().splitlines()
    prose = "\n".join(lines[1:]).strip("\n")
    return (
        f"## {lines[0].rstrip('.')}\n\n{_fenced(prose)}\n\n{as_markdown(printed)}\n\n{machine()}\n"
    )


def _fenced(prose: str) -> str:
    """Turn the indented command of a docstring into a code block."""
    return re.sub(
        r"^((?: {4}.+\n?)+)",
        lambda block: "```sh\n" + re.sub(r"(?m)^ {4}", "", block[1]).rstrip() + "\n```\n",
        prose,
        flags=re.MULTILINE,
    )


def machine() -> str:
    """Return date and machine in a line."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = found[1] if found else platform.machine()
    return f"*{today}, {model}, {os.cpu_count()} cores, Python {platform.python_version()}.*"


def replace_section(page: str, name: str, text: str) -> str:
    """Return `page` with the section of `name` replaced, or added at the end."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    block = f"{begin}\n{text}{end}"
    if begin in page:
        before, _, rest = page.partition(begin)
        return before + block + rest.partition(end)[2]
    return f"{page.rstrip()}\n\n{block}\n"


def main(names: list[str]) -> int:
    """Run, write, and return 1 when a benchmark failed."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        known = ", ".join(BENCHMARKS)
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {known}")
        return 2
    failed = []
    for name in names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}"]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.stdout.strip():
            PAGE.write_text(replace_section(PAGE.read_text(), name, section(name, done.stdout)))
        if done.returncode:
            failed.append(name)
    page = PAGE.read_text()
    PAGE.write_text(replace_section(page, "limits", glance(page)))
    if failed:
        print(f"failed or missed a floor: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
