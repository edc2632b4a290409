"""Bodies that only submit transactions: read as the general reader reads them, or left to it."""

import json
from typing import Any

import pytest
from tests.unit.ledger.primitives.signing import CHAIN_ID, dynamic, sign

from sogdia.ledger.primitives.hashing import keccak256
from sogdia.ledger.primitives.transaction import decode_submissions, decode_transactions

RAW = sign()
HEX = "0x" + RAW.hex()


def call(raw: bytes = RAW, call_id: Any = 1, **members: Any) -> dict[str, Any]:
    """Return one call, with other members if given."""
    fields = {"jsonrpc": "2.0", "id": call_id, "method": "eth_sendRawTransaction"}
    return fields | {"params": ["0x" + raw.hex()]} | members


def read(*bodies: bytes, calls_max: int = 100) -> Any:
    return decode_submissions(bodies, CHAIN_ID, 2, calls_max)


@pytest.mark.parametrize("call_id", [0, 1, 10**15 - 1, "a", "", "7d9f-11 {:,}"])
def test_a_call_gives_its_transaction_and_its_answer(call_id: Any) -> None:
    """The answer has the id as it came."""
    ((decoded, answer),) = read(json.dumps(call(call_id=call_id)).encode())
    assert [item.raw for item in decoded] == [RAW]
    assert json.loads(answer) == {
        "jsonrpc": "2.0",
        "id": call_id,
        "result": "0x" + keccak256(RAW).hex(),
    }


def test_members_stand_in_any_order_with_any_space() -> None:
    """As ethers, web3.py and a person write them."""
    members = list(call().items())
    for turned in (members, members[::-1], members[2:] + members[:2]):
        for indent in (None, 2):
            ((decoded, answer),) = read(json.dumps(dict(turned), indent=indent).encode() + b"\r\n")
            assert decoded[0].hash == keccak256(RAW)
            assert answer


def test_bodies_keep_their_order_and_batches_their_brackets() -> None:
    """Enough for several threads, between bodies of another kind."""
    raws = [dynamic(nonce=nonce) for nonce in range(40)]
    batch = json.dumps([call(raw, place) for place, raw in enumerate(raws)]).encode()
    other = json.dumps(call(method="eth_blockNumber", params=[])).encode()
    found = read(batch, other, json.dumps(call()).encode(), json.dumps([call()]).encode())
    assert found[1] is None
    assert [item.raw for item in found[0][0]] == raws
    answers = json.loads(found[0][1])
    assert [(each["id"], each["result"]) for each in answers] == [
        (place, "0x" + keccak256(raw).hex()) for place, raw in enumerate(raws)
    ]
    assert found[2][0] == found[3][0] == decode_transactions([RAW], CHAIN_ID)
    assert b"[" + found[2][1] + b"]" == found[3][1]


def test_a_refusal_stands_in_its_place_and_there_is_no_answer() -> None:
    """What was wrong is the same as alone."""
    broken = RAW[:-1]
    ((decoded, answer),) = read(json.dumps([call(), call(broken)]).encode())
    assert answer is None
    assert decoded[0].raw == RAW
    assert repr(decoded[1]) == repr(decode_transactions([broken], CHAIN_ID)[0])


ODD = {
    "empty": b"",
    "space": b" ",
    "no JSON": b"{",
    "no object": b"7",
    "an empty batch": b"[]",
    "members as an array": json.dumps(list(call().values())).encode(),
    "an array in a batch": json.dumps([list(call().values())]).encode(),
    "something after it": json.dumps(call()).encode() + b"1",
    "a notification": json.dumps({k: v for k, v in call().items() if k != "id"}).encode(),
    "another method": json.dumps(call(method="eth_sendRawTransactionSync")).encode(),
    "another version": json.dumps(call(jsonrpc="1.0")).encode(),
    "another member": json.dumps(call(extra=1)).encode(),
    "a member twice": json.dumps(call()).replace('"id": 1', '"id": 1, "id": 2').encode(),
    "an escape in the method": json.dumps(call()).replace("eth_", "\\u0065th_").encode(),
    "an escape in the id": json.dumps(call(call_id="\n")).encode(),
    "an id beyond ASCII": json.dumps(call(call_id="é"), ensure_ascii=False).encode(),
    "an id with a bracket": json.dumps(call(call_id="[")).encode(),
    "an id that is null": json.dumps(call(call_id=None)).encode(),
    "an id with a fraction": json.dumps(call(call_id=1.5)).encode(),
    "a negative id": json.dumps(call(call_id=-1)).encode(),
    "a long number": json.dumps(call(call_id=10**15)).encode(),
    "a long id": json.dumps(call(call_id="a" * 65)).encode(),
    "no params": json.dumps(call(params=[])).encode(),
    "two params": json.dumps(call(params=[HEX, HEX])).encode(),
    "named params": json.dumps(call(params={"data": HEX})).encode(),
    "a number": json.dumps(call(params=[7])).encode(),
    "no prefix": json.dumps(call(params=[HEX[2:]])).encode(),
    "a second prefix": json.dumps(call(params=["0x" + HEX])).encode(),
    "half a byte": json.dumps(call(params=[HEX[:-1]])).encode(),
    "no hex": json.dumps(call(params=["0xzz"])).encode(),
    "not UTF-8": json.dumps(call(call_id="?")).encode().replace(b"?", b"\xff"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_left_to_the_general_reader(name: str) -> None:
    """Alone and in a batch."""
    assert read(ODD[name]) == [None]
    assert read(b"[" + json.dumps(call()).encode() + b"," + ODD[name] + b"]") == [None]


def test_a_batch_that_is_too_long_is_left_to_the_general_reader() -> None:
    """It says what the limit is."""
    body = json.dumps([call()] * 3).encode()
    assert read(body, calls_max=2) == [None]
    assert read(body, calls_max=3) != [None]
