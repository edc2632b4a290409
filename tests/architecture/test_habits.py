"""The habits of the house that a linter does not know."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import CORE, PACKAGE, ROOT, tracked_files

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "impl", "misc", "stuff"}

# Who may read the clock, the environment or chance: what is below must be handed them.
EDGES = ("cli", "conflux", "console", "ledger/node", "local_network", "testing")

IMPURE = re.compile(
    r"\b(time\.time|time\.time_ns|datetime\.now|datetime\.utcnow|date\.today|os\.environ"
    r"|os\.getenv|random\.random|random\.Random\(\)|os\.urandom|uuid\.uuid4)\b"
)

# Places outside the edges that may, with the reason.
IMPURE_WITH_REASON: dict[str, str] = {}


def test_no_module_has_a_vague_name() -> None:
    """A module that can hold anything will."""
    vague = [str(p) for p in tracked_files("src", "crates", "tests") if p.stem in VAGUE_NAMES]
    assert not vague, vague


def test_nothing_is_left_to_do_in_merged_code() -> None:
    """An open end is an issue, not a comment."""
    marker = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
    left = [
        f"{path}:{number}"
        for path in tracked_files("src/**/*.py", "crates/**/*.rs", "tests/**/*.py", "docs/**/*.md")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if marker.search(line)
    ]
    assert not left, left


def test_time_environment_and_chance_are_handed_in() -> None:
    """A simulation replays a seed only when nothing below the edges looks at the world."""
    impure = []
    for path in tracked_files("src/sogdia/**/*.py"):
        inside = str(path.relative_to("src/sogdia"))
        if inside.startswith(EDGES) or inside in IMPURE_WITH_REASON:
            continue
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            if IMPURE.search(line):
                impure.append(f"{path}:{number}: {line.strip()}")
    assert not impure, "\n".join(impure)


def test_nothing_catches_everything_but_the_supervisor() -> None:
    """A bare `except Exception` hides the defect that it meets first."""
    broad = []
    for path in tracked_files("src/sogdia/**/*.py"):
        if str(path).startswith("src/sogdia/ledger/node/"):
            continue
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if not isinstance(node, ast.ExceptHandler):
                continue
            name = node.type.id if isinstance(node.type, ast.Name) else None
            is_broad = node.type is None or name in {"Exception", "BaseException"}
            if is_broad and not _raises_again(node):
                broad.append(f"{path}:{node.lineno}")
    assert not broad, broad


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_signing_is_imported_without_its_side_effect() -> None:
    """`eth_account` raises the recursion limit of the process; `sogdia.eth_accounts` does not."""
    direct = [
        str(path)
        for path in tracked_files("src/sogdia/**/*.py")
        if path.name != "eth_accounts.py"
        and re.search(r"^\s*(from|import) eth_account\b", (ROOT / path).read_text(), re.MULTILINE)
    ]
    assert not direct, direct


def test_no_import_hides_behind_type_checking() -> None:
    """Such an import points upward, or the layers are wrong."""
    hidden = [
        str(path)
        for path in tracked_files("src/sogdia/**/*.py")
        if "TYPE_CHECKING" in (ROOT / path).read_text()
    ]
    assert not hidden, hidden


def test_public_names_say_what_they_are() -> None:
    """Every public module, class and function has a docstring."""
    silent = []
    for path in tracked_files("src/sogdia/**/*.py"):
        tree = ast.parse((ROOT / path).read_text())
        if tree.body and ast.get_docstring(tree) is None:
            silent.append(str(path))
        silent += [f"{path}:{name}" for name in _undocumented(tree)]
    assert not silent, "\n".join(silent)


def _undocumented(node: ast.Module | ast.ClassDef, prefix: str = "") -> list[str]:
    silent = []
    for child in node.body:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if child.name.startswith("_") or _is_overload(child):
            continue
        if ast.get_docstring(child) is None:
            silent.append(f"{prefix}{child.name}")
        if isinstance(child, ast.ClassDef):
            silent += _undocumented(child, f"{prefix}{child.name}.")
    return silent


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    names = {ast.unparse(decorator) for decorator in node.decorator_list}
    return bool(names & {"overload", "override"})


def test_the_folders_of_the_house_are_where_they_are_said_to_be() -> None:
    """`docs/architecture.md` names every package of the first two levels."""
    words = (ROOT / "docs" / "architecture.md").read_text()
    packages = [
        p.parent
        for p in sorted(PACKAGE.glob("*/__init__.py"))
        + sorted(PACKAGE.glob("ledger/*/__init__.py"))
    ]
    missing = [str(p.relative_to(PACKAGE)) for p in packages if f"{p.name}/" not in words]
    missing += [p.name for p in CORE.iterdir() if p.is_dir() and f"{p.name}/" not in words]
    assert not missing, missing


def test_links_between_documents_lead_somewhere() -> None:
    """Relative links of every Markdown file."""
    broken = []
    for path in tracked_files("*.md", "docs/**/*.md", "examples/**/*.md", "tests/**/*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", (ROOT / path).read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (ROOT / path.parent / Path(target)).exists():
                broken.append(f"{path}: {target}")
    assert not broken, broken
