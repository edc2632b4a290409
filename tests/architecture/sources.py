"""Where our sources are, and how their pieces are measured."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sogdia"
CORE = ROOT / "crates" / "core" / "src"

RUST_FUNCTION = re.compile(r"^(\s*)(?:pub(?:\([a-z ]+\))? )?(?:const )?(?:unsafe )?fn (\w+)")


def tracked_files(*patterns: str) -> list[Path]:
    """Return the files that git tracks and that match, relative to the root."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(line) for line in listed.splitlines() if (ROOT / line).is_file()]


def python_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (dotted name, lines) of each function in a Python file, nested ones too."""
    tree = ast.parse(path.read_text())

    def visit(node: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (child.end_lineno or child.lineno) - child.lineno + 1
                yield f"{prefix}{child.name}", lines
                yield from visit(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.ClassDef):
                yield from visit(child, f"{prefix}{child.name}.")
            else:
                yield from visit(child, prefix)

    yield from visit(tree, "")


def rust_functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (name, lines) of each function in a file that rustfmt has laid out.

    rustfmt closes a body with a brace at the indentation of its `fn`, so no parser is needed.
    """
    lines = path.read_text().splitlines()
    for start, line in enumerate(lines):
        found = RUST_FUNCTION.match(line)
        if found is None:
            continue
        for end in range(start, len(lines)):
            if lines[end].rstrip().endswith(";") and end == start:
                break
            if re.match(rf"{found[1]}\}}", lines[end]) or (end == start and line.endswith("}")):
                yield found[2], end - start + 1
                break
