"""The judge judges: recorded answers pass, planted defects do not."""

import json
import tomllib
from pathlib import Path

import pytest
from tests.vectors.execution_apis.schemas import (
    WrongShape,
    exchanges,
    methods,
    recorded,
    validate_answer,
)

EXCLUDED: dict[str, str] = tomllib.loads((Path(__file__).parent / "exclusions.toml").read_text())[
    "shape"
]


def name_of(path: Path) -> str:
    """Return how exclusions name a recorded file."""
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", recorded(), ids=name_of)
def test_recorded_answers_have_the_promised_shape(path: Path) -> None:
    try:
        for request, answer in exchanges(path):
            asked = json.loads(request)
            validate_answer(asked["method"], asked.get("params"), json.loads(answer))
    except WrongShape:
        assert name_of(path) in EXCLUDED
    else:
        assert name_of(path) not in EXCLUDED, "it passes now: remove the exclusion"


def test_every_exclusion_names_a_recorded_file() -> None:
    assert EXCLUDED.keys() <= {name_of(path) for path in recorded()}


def test_the_methods_are_all_read() -> None:
    assert len(methods()) > 45


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("eth_chainId", "0x01"),
        ("eth_chainId", 1),
        ("eth_blockNumber", None),
        ("eth_getBalance", "0x"),
        ("eth_getCode", "0xabG"),
        ("eth_getTransactionReceipt", {}),
        ("eth_getBlockByNumber", {"hash": "0x"}),
        ("eth_getLogs", [{"removed": 1}]),
    ],
)
def test_a_wrong_result_is_seen(method: str, result: object) -> None:
    with pytest.raises(WrongShape):
        validate_answer(method, [], {"jsonrpc": "2.0", "id": 1, "result": result})


@pytest.mark.parametrize(
    "answer",
    [
        {"id": 1, "result": "0x1"},
        {"jsonrpc": "2.0", "result": "0x1"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "result": "0x1", "error": {"code": 1, "message": "x"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": "1", "message": "x"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": ""}},
    ],
)
def test_a_wrong_envelope_is_seen(answer: dict[str, object]) -> None:
    with pytest.raises(WrongShape):
        validate_answer("eth_chainId", [], answer)
