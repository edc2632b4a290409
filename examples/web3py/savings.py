"""Deploy a contract with web3.py, save money in it, take it out, and see a refusal explained."""

import json
import os
from pathlib import Path

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractCustomError
from web3.middleware import SignAndSendRawMiddlewareBuilder

URL = os.environ.get("SOGDIA_RPC", "http://127.0.0.1:8545")
# The first development account. Its key is public: never use it where money has value.
KEY = os.environ.get(
    "SOGDIA_KEY", "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
)
# Made from Savings.sol by ../ethers/artifact.mjs, since Python has no compiler of its own.
NOT_ENOUGH_SAVED = "NotEnoughSaved(uint256,uint256)"
ARTIFACT = json.loads((Path(__file__).parent / "Savings.json").read_text())


def main() -> None:
    """Run the example against the node at `URL`."""
    w3 = Web3(Web3.HTTPProvider(URL))
    saver = w3.eth.account.from_key(KEY)
    w3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(saver), layer=0)
    w3.eth.default_account = saver.address
    print(f"chain {w3.eth.chain_id}, block {w3.eth.block_number}")

    factory = w3.eth.contract(abi=ARTIFACT["abi"], bytecode=ARTIFACT["bytecode"])
    deployed = w3.eth.wait_for_transaction_receipt(factory.constructor().transact())
    savings = w3.eth.contract(address=deployed["contractAddress"], abi=ARTIFACT["abi"])
    print(f"Savings at {savings.address}")

    sent = savings.functions.save().transact({"value": w3.to_wei(1.5, "ether")})
    receipt = w3.eth.wait_for_transaction_receipt(sent)
    assert receipt["status"] == 1
    print(f"saved 1.5 in block {receipt['blockNumber']}, gas {receipt['gasUsed']}")

    try:
        savings.functions.withdraw(w3.to_wei(2, "ether")).call()
    except ContractCustomError as refusal:
        assert str(refusal.data).startswith(w3.keccak(text=NOT_ENOUGH_SAVED)[:4].to_0x_hex())
        saved, asked = w3.codec.decode(["uint256", "uint256"], HexBytes(refusal.data)[4:])
        print(f"refused: saved {w3.from_wei(saved, 'ether')}, asked {w3.from_wei(asked, 'ether')}")
    else:
        raise AssertionError("withdrawing more than was saved must be refused")

    sent = savings.functions.withdraw(w3.to_wei(0.5, "ether")).transact()
    w3.eth.wait_for_transaction_receipt(sent)
    left = savings.functions.savedBy(saver.address).call()
    print(f"left {w3.from_wei(left, 'ether')}")

    events = savings.events.Saved().get_logs(from_block=receipt["blockNumber"])
    print(f"events {', '.join(event['event'] for event in events)}")


if __name__ == "__main__":
    main()
