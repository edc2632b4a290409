"""The rules of the boundary between Python and the core (docs/architecture.md, "The boundary")."""

import ast
import re
import tomllib

from tests.architecture.sources import CORE, PACKAGE, ROOT, tracked_files

STUB = PACKAGE / "_core.pyi"
TWINS = ROOT / "tests" / "architecture" / "twins.toml"

# The only packages that may import the native module: each wraps what it uses.
WRAPPERS = (
    "sogdia/ledger/primitives/",
    "sogdia/ledger/storage/",
    "sogdia/ledger/consensus/",
    "sogdia/ledger/execution/",
)


def exports() -> dict[str, ast.FunctionDef | ast.ClassDef]:
    """Return the public names of the stub, which `stubtest` holds against the binary."""
    tree = ast.parse(STUB.read_text())
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }


def imported_core_names() -> dict[str, set[str]]:
    """Return name -> files of our sources that import it from the native module."""
    users: dict[str, set[str]] = {}
    for path in tracked_files("src/sogdia/**/*.py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "sogdia._core":
                for alias in node.names:
                    users.setdefault(alias.name, set()).add(str(path))
            elif isinstance(node, ast.ImportFrom) and _takes_the_module(node):
                for name in re.findall(r"\b_core\.(\w+)", (ROOT / path).read_text()):
                    users.setdefault(name, set()).add(str(path))
    return users


def _takes_the_module(node: ast.ImportFrom) -> bool:
    return node.module == "sogdia" and any(alias.name == "_core" for alias in node.names)


def test_only_the_wrapping_packages_import_the_core() -> None:
    """Everything else sees typed values."""
    intruders = {
        path
        for paths in imported_core_names().values()
        for path in paths
        if not path.removeprefix("src/").startswith(WRAPPERS)
    }
    assert not intruders, intruders


def test_every_export_has_a_wrapper() -> None:
    """What nobody imports has no business being exported."""
    unused = set(exports()) - set(imported_core_names()) - set(_named_only_in_annotations())
    assert not unused, unused


def _named_only_in_annotations() -> set[str]:
    """Classes that cross as results: the stub's other signatures mention them."""
    text = STUB.read_text()
    return {name for name in exports() if len(re.findall(rf"\b{name}\b", text)) > 1}


def test_every_export_says_what_it_does() -> None:
    """Functions, classes and their methods."""
    silent = []
    for name, node in exports().items():
        if ast.get_docstring(node) is None:
            silent.append(name)
        if isinstance(node, ast.ClassDef):
            silent += [
                f"{name}.{member.name}"
                for member in node.body
                if isinstance(member, ast.FunctionDef)
                and not member.name.startswith("_")
                and ast.get_docstring(member) is None
                and not any(ast.unparse(d) == "overload" for d in member.decorator_list)
            ]
    assert not silent, silent


def test_every_export_has_a_twin_or_an_oracle() -> None:
    """`twins.toml` names, for each export, the test that knows the truth by another way."""
    twins: dict[str, str] = tomllib.loads(TWINS.read_text())["twins"]
    assert set(exports()) == set(twins), set(exports()) ^ set(twins)
    missing = [f"{name}: {path}" for name, path in twins.items() if not (ROOT / path).exists()]
    assert not missing, missing


def test_classes_of_the_core_are_frozen() -> None:
    """A mutable class can be seen half-changed by another thread."""
    mutable = [
        f"{path.relative_to(CORE)}: {attribute}"
        for path in CORE.rglob("*.rs")
        for attribute in re.findall(r"#\[pyclass[^\]]*\]", path.read_text())
        if "frozen" not in attribute
    ]
    assert not mutable, mutable


def test_bindings_enter_the_core_by_one_door() -> None:
    """Only `enter.rs` releases the GIL or catches a panic."""
    by_hand = [
        str(path.relative_to(CORE))
        for path in CORE.rglob("*.rs")
        if path.name != "enter.rs" and re.search(r"\.detach\(|catch_unwind", path.read_text())
    ]
    assert not by_hand, by_hand


def test_only_the_executor_imports_the_virtual_machine() -> None:
    """A new major comes about every five weeks: what follows it is one folder (`evm/mod.rs`)."""
    intruders = [
        str(path.relative_to(CORE))
        for path in CORE.rglob("*.rs")
        if path.relative_to(CORE).parts[0] != "evm"
        and re.search(r"^\s*(pub )?use revm|\brevm(_inspectors)?::", path.read_text(), re.M)
    ]
    assert not intruders, intruders


def test_the_core_has_no_floats_and_no_unordered_iteration_in_what_is_hashed() -> None:
    """Two machines must agree on every bit: no float type below the bindings."""
    floats = [
        f"{path.relative_to(CORE)}:{number}"
        for path in CORE.rglob("*.rs")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bf(32|64)\b", line.split("//")[0])
    ]
    assert not floats, floats
