"""What an application needs to believe an answer of `eth_getProof` without believing the node.

    answer = w3.provider.make_request("eth_getProof", [address, slots, "latest"])["result"]
    address, account, values = verify_answer(answer, state_root)

The state root must come from elsewhere: `deferredStateRoot` of a header five epochs later, which
the work on top of it confirms, or `stateRoot` of `eth_getBlockByNumber` from a trusted node.
The format is described in docs/json-rpc.md and docs/adr/0052.
"""

from sogdia.ledger.execution.proof_encoding import verify_answer
from sogdia.ledger.execution.proofs import InvalidProof, ProvedAccount

__all__ = ["InvalidProof", "ProvedAccount", "verify_answer"]
