"""Recovery against every secp256k1 signature of Wycheproof."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.scoreboard import record
from tests.vectors.archives import unpack

from sogdia.ledger.primitives.signature import CURVE_ORDER, recover_public_key

ROOT = unpack("wycheproof") / "testvectors_v1"
EXCLUSIONS = tomllib.loads(Path(__file__).with_name("exclusions.toml").read_text())
FILES = sorted(path.name for path in ROOT.glob("ecdsa_secp256k1_*.json"))

HASHES: dict[str, Callable[[bytes], bytes]] = {
    "SHA-256": lambda data: hashlib.sha256(data).digest(),
    "SHA-512": lambda data: hashlib.sha512(data).digest(),
    "SHA3-256": lambda data: hashlib.sha3_256(data).digest(),
    "SHA3-512": lambda data: hashlib.sha3_512(data).digest(),
    "SHAKE128": lambda data: hashlib.shake_128(data).digest(32),
    "SHAKE256": lambda data: hashlib.shake_256(data).digest(64),
}


def read_der(data: bytes) -> tuple[int, int] | None:
    """Return r and s of a strictly encoded signature, None if it is not one."""
    body = _read_element(data, 0x30)
    if body is None or body[1]:
        return None
    first = _read_element(body[0], 0x02)
    second = _read_element(first[1], 0x02) if first else None
    if first is None or second is None or second[1]:
        return None
    r, s = _read_positive(first[0]), _read_positive(second[0])
    return None if r is None or s is None else (r, s)


def _read_element(data: bytes, tag: int) -> tuple[bytes, bytes] | None:
    """Return content and rest of the element of `tag` that `data` begins with."""
    if len(data) < 2 or data[0] != tag or data[1] > 0x7F:  # a signature is shorter than 128 bytes
        return None
    end = 2 + data[1]
    return None if end > len(data) else (data[2:end], data[end:])


def _read_positive(digits: bytes) -> int | None:
    if not digits or digits[0] > 0x7F:
        return None
    if len(digits) > 1 and digits[0] == 0 and digits[1] < 0x80:
        return None
    return int.from_bytes(digits, "big")


def read_p1363(data: bytes) -> tuple[int, int] | None:
    """Return the two halves of exactly 64 bytes."""
    if len(data) != 64:
        return None
    return int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")


def is_valid(name: str, group: dict[str, Any], case: dict[str, Any]) -> bool:
    """Tell whether one parity recovers the group's key."""
    read = read_p1363 if "p1363" in name else read_der
    scalars = read(bytes.fromhex(case["sig"]))
    if scalars is None:
        return False
    r, s = scalars
    if not (0 < r < CURVE_ORDER and 0 < s < CURVE_ORDER):
        return False
    if "bitcoin" in name and s > CURVE_ORDER // 2:
        return False
    digest = HASHES[group["sha"]](bytes.fromhex(case["msg"]))[:32]
    key = bytes.fromhex(group["publicKey"]["uncompressed"])[1:]
    encoded = r.to_bytes(32, "big"), s.to_bytes(32, "big")
    return any(recover_public_key(digest, parity, *encoded) == key for parity in (False, True))


@cache
def load(name: str) -> Any:
    """Return a file's content."""
    return json.loads((ROOT / name).read_text())


def cases(name: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (case id, group, case)."""
    for group in load(name)["testGroups"]:
        for case in group["tests"]:
            yield str(case["tcId"]), group, case


@pytest.mark.parametrize("name", FILES)
def test_signatures_are_valid_or_not_as_the_suite_says(name: str) -> None:
    """All cases of a file but the excluded ones, which must still differ."""
    excluded = set(EXCLUSIONS["cases"].get(name, {}).get("ids", ()))
    run = 0
    for number, group, case in cases(name):
        agrees = is_valid(name, group, case) == (case["result"] == "valid")
        if number in excluded:
            assert not agrees, f"case {number} agrees: take it off the list"
        else:
            assert agrees, (number, case)
        run += 1
    assert run == load(name)["numberOfTests"]
    passed = run - len(excluded)
    record("wycheproof", ran=passed, passed=passed, excluded=len(excluded), part="secp256k1")


def test_no_file_is_forgotten() -> None:
    """Each is run or excluded with a reason."""
    files = {path.name for path in ROOT.glob("*.json")}
    assert files == set(FILES) | set(EXCLUSIONS["files"])
    assert all(reason.strip() for reason in EXCLUSIONS["files"].values())
    assert all(entry["reason"].strip() for entry in EXCLUSIONS["cases"].values())
    assert len(FILES) == 11
