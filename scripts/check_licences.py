"""Hold the licence of everything that ships against an allow list.

Rust: what `cargo metadata` says of the crates that the core is built from. Python: what the
installed metadata says of the packages that `sogdia` and its extras require. Tools and tests are
not looked at.
Exits with 1 and names each package whose licence is not on the list.
"""

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

POLICY = Path(__file__).with_name("licences.toml")


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Evaluate an SPDX expression: `OR` needs one side, `AND` needs both."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def parse_or(position: int) -> tuple[bool, int]:
        value, position = parse_and(position)
        while position < len(tokens) and tokens[position].upper() == "OR":
            right, position = parse_and(position + 1)
            value = value or right
        return value, position

    def parse_and(position: int) -> tuple[bool, int]:
        value, position = parse_atom(position)
        while position < len(tokens) and tokens[position].upper() == "AND":
            right, position = parse_atom(position + 1)
            value = value and right
        return value, position

    def parse_atom(position: int) -> tuple[bool, int]:
        if tokens[position] == "(":
            value, position = parse_or(position + 1)
            return value, position + 1
        name = tokens[position]
        if position + 2 < len(tokens) and tokens[position + 1].upper() == "WITH":
            return f"{name} WITH {tokens[position + 2]}" in allowed, position + 3
        return name in allowed, position + 1

    return bool(tokens) and parse_or(0)[0]


def rust_licences() -> Iterator[tuple[str, str]]:
    """Yield (crate and version, licence expression) of every crate that is built into the core."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]
    host = ["--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command + host, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    reached: set[str] = set()
    waiting = list(metadata["workspace_members"])
    while waiting:
        identity = waiting.pop()
        if identity in reached:
            continue
        reached.add(identity)
        for dependency in nodes[identity]["deps"]:
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    for identity in sorted(reached):
        package = packages[identity]
        yield f"{package['name']} {package['version']}", package["license"] or ""


def python_licences() -> Iterator[tuple[str, str]]:
    """Yield (package and version, licence as its metadata words it) of what the wheel requires."""
    root = importlib.metadata.distribution("sogdia")
    extras = root.metadata.get_all("Provides-Extra") or []
    reached: set[tuple[str, str]] = set()
    waiting = [("sogdia", extra) for extra in ["", *extras]]
    names: set[str] = set()
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in reached:
            continue
        reached.add((name, extra))
        names.add(name)
        for line in importlib.metadata.distribution(name).requires or []:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            target = canonicalize_name(requirement.name)
            waiting += [(target, wanted) for wanted in ["", *requirement.extras]]
    for name in sorted(names - {"sogdia"}):
        distribution = importlib.metadata.distribution(name)
        yield f"{name} {distribution.version}", _python_licence(distribution)


def _python_licence(distribution: importlib.metadata.Distribution) -> str:
    expression = distribution.metadata.get("License-Expression")
    if expression:
        return expression
    classifiers = distribution.metadata.get_all("Classifier") or []
    words = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License ::")]
    return " / ".join(words) or (distribution.metadata.get("License") or "").strip().split("\n")[0]


def main() -> int:
    """Check both worlds; print what is refused."""
    policy = tomllib.loads(POLICY.read_text())
    allowed = set(policy["allowed"])
    meaning = {entry["words"]: entry["means"] for entry in policy["wordings"]}
    reviewed = {(entry["package"], entry["licence"]) for entry in policy["reviewed"]}
    refused = [
        f"  Rust    {name}: {licence or 'no licence'}"
        for name, licence in rust_licences()
        if not is_allowed(licence, allowed)
    ]
    packages = list(python_licences())
    for name, licence in packages:
        package = name.split()[0]
        # a choice of several, each in prose or in SPDX: one that is allowed is enough
        choices = [meaning.get(words.strip(), words.strip()) for words in licence.split(" / ")]
        if any(is_allowed(choice, allowed) for choice in choices):
            continue
        if (package, licence) not in reviewed:
            refused.append(f"  Python  {name}: {licence or 'no licence in its metadata'}")
    if refused:
        print("Licences that may not ship (see scripts/licences.toml):", *refused, sep="\n")
        return 1
    print(f"licences: {len(packages)} Python packages and every crate are allowed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
