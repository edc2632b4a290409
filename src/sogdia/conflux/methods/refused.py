"""The family's methods that tests call and this node does not have: each says why.

A caller then reads what is missing, where "no such method" would look like a misspelt name.
"""

from typing import Any

from sogdia.conflux.backend import HarnessBackend
from sogdia.conflux.errors import NotBuilt
from sogdia.ledger.rpc.method import Method

NO_CONTRACTS = "Core Space has transfers and no contracts on this node"
NO_COMMITTEE = "no finality committee signs on this node"
NO_TRACES = "transfers of Core Space are not traced"
NO_FILTERS = "only eSpace has filters on this node; cfx_subscribe tells of blocks and epochs"
NO_FAULTS = "this node breaks nothing on request"
NO_TABLE = "peers are not kept in the family's tables of trusted and untrusted nodes"
NO_ECONOMY = "Core Space has no staking, collateral or votes on this node"

REASONS = {
    "cfx_call": NO_CONTRACTS,
    "cfx_getLogs": NO_CONTRACTS,
    "cfx_getStorageRoot": NO_CONTRACTS,
    "cfx_feeHistory": "ask eth_feeHistory: prices are those of eSpace",
    "cfx_getInterestRate": NO_ECONOMY,
    "cfx_getAccumulateInterestRate": NO_ECONOMY,
    "cfx_getPoSEconomics": NO_ECONOMY,
    "cfx_getSupplyInfo": NO_ECONOMY,
    "cfx_getCollateralInfo": NO_ECONOMY,
    "cfx_getFeeBurnt": NO_ECONOMY,
    "cfx_getParamsFromVote": NO_ECONOMY,
    "cfx_getPoSRewardByEpoch": NO_COMMITTEE,
    "cfx_newFilter": NO_FILTERS,
    "cfx_newBlockFilter": NO_FILTERS,
    "cfx_newPendingTransactionFilter": NO_FILTERS,
    "cfx_getFilterChanges": NO_FILTERS,
    "cfx_getFilterLogs": NO_FILTERS,
    "cfx_uninstallFilter": NO_FILTERS,
    "cfx_subscribe": "subscriptions need a WebSocket: jsonrpc_ws_port has one",
    "cfx_unsubscribe": "subscriptions need a WebSocket: jsonrpc_ws_port has one",
    "cfx_sendTransaction": "this node keeps nobody's keys: sign, then cfx_sendRawTransaction",
    "cfx_accounts": "this node keeps nobody's keys",
    "trace_block": NO_TRACES,
    "trace_epoch": NO_TRACES,
    "trace_filter": NO_TRACES,
    "trace_transaction": NO_TRACES,
    "debug_getNetNode": NO_TABLE,
    "debug_consensusGraphState": "consensus keeps other books than the family's clients",
    "debug_syncGraphState": "sync keeps other books than the family's clients",
    "test_sendUsableGenesisAccounts": "this node makes no transactions of its own",
    "test_saveNodeDb": "a node saves its peers each minute, and when it stops",
    "test_setDbCrash": NO_FAULTS,
    **dict.fromkeys(
        (
            "pos_getStatus",
            "pos_getAccount",
            "pos_getAccountByPowAddress",
            "pos_getBlockByHash",
            "pos_getBlockByNumber",
            "pos_getCommittee",
            "pos_getConsensusBlocks",
            "pos_getEpochState",
            "pos_getLedgerInfoByEpoch",
            "pos_getLedgerInfoByEpochAndRound",
            "pos_getRewardsByEpoch",
            "test_posRegister",
            "test_posStart",
            "test_posStartVoting",
            "test_posStopVoting",
            "test_posVotingStatus",
            "test_posStopElection",
            "test_posTriggerTimeout",
            "test_posForceSignPivotDecision",
            "test_posForceVoteProposal",
            "test_posGetChosenProposal",
        ),
        NO_COMMITTEE,
    ),
}


class _Refused(Method):
    """A method that is refused whatever it is called with."""

    def read(self, params: Any) -> list[Any]:
        """Return no arguments."""
        del params
        return []


def _refuse(name: str, reason: str) -> Method:
    def handler(node: HarnessBackend) -> None:
        del node
        raise NotBuilt(name, reason)

    return _Refused(name, handler, (), f"Refused: {reason}.")


METHODS = tuple(_refuse(name, reason) for name, reason in REASONS.items())
