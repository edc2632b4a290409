"""Before a development node says that it is ready, it executes a transfer: nothing less proves it.

The faucet sends nothing to itself. Its nonce moves; the nine accounts that tools use stay as
they were.
"""

import asyncio

from sogdia.ledger.mining.miner import Miner
from sogdia.ledger.node.errors import SelfTestFailed
from sogdia.ledger.node.parts import Parts
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS, DevelopmentAccount
from sogdia.ledger.primitives.transaction import decode_transaction
from sogdia.ledger.primitives.unsigned import UnsignedTransaction

SELF_TEST_ACCOUNT = next(each for each in DEVELOPMENT_ACCOUNTS if each.role == "faucet")
TRANSFER_GAS = 21_000
SELF_TEST_LIMIT_S = 60.0  # a start takes a second; a machine under load many times that


def sign_transfer(
    account: DevelopmentAccount,
    to: bytes,
    value: int,
    *,
    nonce: int,
    gas_price: int,
    chain_id: int,
) -> bytes:
    """Return the signed bytes of a plain transfer of a development account (EIP-155).

    `value` is in drip, `gas_price` in drip per gas.
    """
    transfer = UnsignedTransaction(chain_id, nonce, TRANSFER_GAS, to, value, gas_price=gas_price)
    return transfer.sign(account.key)


async def run_self_test(parts: Parts, miner: Miner) -> int:
    """Send the transfer, mine if nobody else does, and return the epoch that executed it.

    Raises:
        SelfTestFailed: the pool refused it, or it did not execute in `SELF_TEST_LIMIT_S`.
    """
    address = SELF_TEST_ACCOUNT.address
    tip = parts.consensus.header(parts.consensus.best_block())
    base_price = 0 if tip.base_price is None else tip.base_price[1]
    raw = sign_transfer(
        SELF_TEST_ACCOUNT,
        address,
        0,
        nonce=parts.pool.pending_nonce(address),
        # Twice: the base price may rise by an eighth a block until it is packed.
        gas_price=2 * base_price,
        chain_id=parts.params.chain_id,
    )
    transaction = decode_transaction(raw, parts.params.chain_id)
    (refusal,) = parts.pool.add([transaction])
    if refusal is not None:
        raise SelfTestFailed(detail=str(refusal))
    try:
        async with asyncio.timeout(SELF_TEST_LIMIT_S):
            while (location := parts.executor.locate(transaction.hash)) is None:
                await miner.mine(allow_empty=False)
                await asyncio.sleep(0)
    except TimeoutError:
        detail = f"transaction 0x{transaction.hash.hex()} was not executed"
        raise SelfTestFailed(detail=f"{detail} within {SELF_TEST_LIMIT_S:g} s") from None
    return location.epoch
