"""Every signed transaction of the suite, in every fork it is stated for."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack

from sogdia.ledger.primitives.errors import InvalidTransaction
from sogdia.ledger.primitives.transaction import (
    Transaction,
    decode_transaction,
    validate_limits,
)

CHAIN_ID = 1
REFUSED_COUNT = 2_059  # (transaction, fork) pairs that the suite says must be refused
# The forks whose intrinsic gas is the ledger's: EIP-3860 was the last change of the schedule.
OUR_SCHEDULE = {"Shanghai", "Cancun"}
EXCLUSIONS = tomllib.loads(Path(__file__).with_name("exclusions.toml").read_text())

# The suite's exceptions and the errors that may answer them: each broken rule is its own.
ANSWERS = {
    "ADDRESS_TOO_LONG": {"WrongLength"},
    "ADDRESS_TOO_SHORT": {"WrongLength"},
    "EC_RECOVERY_FAIL": {"UnrecoverableSignature", "SignatureOutOfRange"},
    "GASLIMIT_OVERFLOW": {"GasLimitOverflow", "IntegerTooLarge", "NonMinimalInteger"},
    "GASLIMIT_PRICE_PRODUCT_OVERFLOW": {"FeeOverflow", "IntegerTooLarge"},
    "GASPRICE_OVERFLOW": {"IntegerTooLarge", "FeeOverflow"},
    "INITCODE_SIZE_EXCEEDED": {"InitcodeTooLarge"},
    "INTRINSIC_GAS_TOO_LOW": {"IntrinsicGasTooLow"},
    "INVALID_CHAINID": {"WrongChainId", "InvalidSignatureV"},
    "INVALID_SIGNATURE_VRS": {
        "HighS",
        "SignatureOutOfRange",
        "UnrecoverableSignature",
        "InvalidSignatureV",
        "IntegerTooLarge",
        "WrongChainId",
    },
    "NONCE_OVERFLOW": {"NonceOverflow", "IntegerTooLarge"},
    "NONCE_TOO_BIG": {"NonceOverflow"},
    "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2": {"TipAboveCap"},
    "PRIORITY_OVERFLOW": {"IntegerTooLarge"},
    "RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_LONG": {"WrongLength"},
    "RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_SHORT": {"WrongLength"},
    "RLP_INVALID_ACCESS_LIST_STORAGE_TOO_LONG": {"WrongLength"},
    "RLP_INVALID_ACCESS_LIST_STORAGE_TOO_SHORT": {"WrongLength"},
    "RLP_LEADING_ZEROS_BASEFEE": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_GASLIMIT": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_GASPRICE": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_NONCE": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_PRIORITY_FEE": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_R": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_S": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_V": {"NonMinimalInteger"},
    "RLP_LEADING_ZEROS_VALUE": {"NonMinimalInteger"},
    "VALUE_OVERFLOW": {"IntegerTooLarge"},
}


@cache
def cases() -> dict[str, dict[str, Any]]:
    """Return file -> its one test."""
    root = unpack("ethereum-unit-vectors") / "TransactionTests"
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(root.glob("*/*.json")):
        (case,) = json.loads(path.read_text()).values()
        found[str(path.relative_to(root))] = case
    return found


def verdict(case: dict[str, Any]) -> Transaction | InvalidTransaction:
    """Return what our rules make of a case."""
    try:
        transaction = decode_transaction(bytes.fromhex(case["txbytes"][2:]), CHAIN_ID)
        validate_limits(transaction)
    except InvalidTransaction as refusal:
        return refusal
    return transaction


def rule_of(refusal: InvalidTransaction) -> str:
    """Return the name of the rule that was broken."""
    return type(getattr(refusal, "reason", refusal)).__name__


def agrees(expected: dict[str, str], ours: Transaction | InvalidTransaction) -> bool:
    """Tell whether both refuse, or both accept."""
    return ("exception" in expected) == isinstance(ours, InvalidTransaction)


def excluded_forks(name: str) -> set[str]:
    """Return the forks of a file whose answer is not ours."""
    return set(EXCLUSIONS["transactions"].get(name, {}).get("forks", ()))


@pytest.mark.parametrize("name", cases())
def test_a_transaction_is_taken_or_refused_as_the_suite_says(name: str) -> None:
    """With hash, sender and intrinsic gas of the accepted ones, and the rule of the others."""
    case = cases()[name]
    ours = verdict(case)
    ran = 0
    for fork, expected in case["result"].items():
        if fork in excluded_forks(name):
            continue
        ran += 1
        assert agrees(expected, ours), (fork, expected, ours)
        if isinstance(ours, InvalidTransaction):
            if fork == "Cancun":
                code = expected["exception"].removeprefix("TransactionException.")
                assert rule_of(ours) in ANSWERS[code], (code, ours)
            continue
        assert ours.hash.hex() == expected["hash"][2:]
        assert ours.sender.hex() == expected["sender"][2:]
        assert ours.raw.hex() == case["txbytes"][2:]
        if fork in OUR_SCHEDULE:
            assert ours.intrinsic_gas == int(expected["intrinsicGas"], 16)
    record(
        "ethereum-unit-vectors",
        ran=ran,
        passed=ran,
        excluded=len(case["result"]) - ran,
        part="transactions, by fork",
    )


def test_all_that_must_be_refused_is_counted() -> None:
    """Of 2,059 pairs, those of forks with looser or narrower rules are named, the rest refused."""
    refused = excluded = 0
    for name, case in cases().items():
        ours = verdict(case)
        for fork, expected in case["result"].items():
            if "exception" not in expected:
                continue
            if isinstance(ours, InvalidTransaction):
                refused += 1
            else:
                assert fork in excluded_forks(name)
                excluded += 1
    assert (refused + excluded, excluded) == (REFUSED_COUNT, 62)


def test_every_exclusion_is_still_needed() -> None:
    """One that agrees by now must go, or it would hide the next disagreement."""
    for name, exclusion in EXCLUSIONS["transactions"].items():
        assert exclusion["reason"].strip()
        case = cases()[name]
        for fork in exclusion["forks"]:
            assert not agrees(case["result"][fork], verdict(case)), f"{name} agrees in {fork}"
