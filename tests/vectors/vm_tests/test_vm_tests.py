"""Ethereum's legacy VM tests, whole."""

from pathlib import Path

import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack
from tests.vectors.vm_tests.runner import cases_of, run_case

SUITE = "ethereum-vm-tests"
FOLDERS = (
    "vmArithmeticTest",
    "vmBitwiseLogicOperation",
    "vmBlockInfoTest",
    "vmEnvironmentalInfo",
    "vmIOandFlowOperations",
    "vmLogTest",
    "vmPerformance",
    "vmPushDupSwapTest",
    "vmRandomTest",
    "vmSha3Test",
    "vmSystemOperations",
    "vmTests",
)


def _root() -> Path:
    return unpack(SUITE) / "Constantinople" / "VMTests"


def test_every_file_is_run() -> None:
    files = {path for path in _root().parents[1].rglob("*") if path.is_file()}
    run = {path for folder in FOLDERS for path in (_root() / folder).glob("*.json")}
    assert {path.name for path in files - run} == {"LICENSE"}
    assert len(run) == 609


@pytest.mark.parametrize("folder", FOLDERS)
def test_vm(folder: str) -> None:
    failures, ran = [], 0
    for path in sorted((_root() / folder).glob("*.json")):
        for case in cases_of(path):
            ran += 1
            try:
                run_case(case)
            except AssertionError as error:
                failures.append(f"{case.name}: {error}")
    record(SUITE, ran=ran, passed=ran - len(failures))
    assert not failures, "\n".join(failures)
