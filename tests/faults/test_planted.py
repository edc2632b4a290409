"""The registry of planted defects is whole."""

from importlib import import_module
from pathlib import Path

from tests.faults.planted import PLANTED

FOLDERS = [Path(__file__).parent, Path(__file__).parents[1] / "fuzz"]


def test_every_planted_defect_has_its_test() -> None:
    """By name."""
    for module, defects in PLANTED.items():
        for test in defects.values():
            assert callable(getattr(import_module(module), test)), f"{module}.{test}"


def test_no_oracle_is_without_a_planted_defect() -> None:
    """Each test module here and of the fuzzing."""
    modules = {
        f"tests.{folder.name}.{path.stem}"
        for folder in FOLDERS
        for path in folder.glob("test_*.py")
    }
    assert modules - {__name__} <= PLANTED.keys()
