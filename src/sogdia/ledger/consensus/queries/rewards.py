"""What the blocks of an epoch earn, before fees."""

from sogdia.ledger.consensus.api import BlockStatus, RewardInput
from sogdia.ledger.consensus.errors import StateNotExecuted
from sogdia.ledger.consensus.pipeline.header.isolation import measure_work
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.anticone_penalty import anticone_weights
from sogdia.ledger.consensus.processes.epochs import plan_epoch
from sogdia.ledger.consensus.processes.rewards import Merit, compute_reward
from sogdia.ledger.consensus.queries.state_votes import StateVotes
from sogdia.ledger.consensus.stores.chain_store import HeaderReader


def reward_inputs(
    tree: TreeGraph, headers: HeaderReader, votes: StateVotes, *, epoch: int, base_reward: int
) -> tuple[RewardInput, ...]:
    """Return what the executed blocks of `epoch` earn, in order.

    Raises:
        StateNotExecuted: whether they voted rightly on the state is not known yet.
    """
    state = tree.state
    members, _ = plan_epoch(epoch, state.graph, state.params)
    weights = anticone_weights(epoch, members, state.graph, state.params)
    difficulty = tree.pivot_at(epoch).difficulty
    inputs = []
    for index, anticone_weight in zip(members, weights, strict=True):
        block = state.blocks.at(index)
        vote = votes.votes_rightly(block)
        if vote is None:
            raise StateNotExecuted(number=epoch)
        header = headers.header(block.hash)
        # The work was checked against the block's own difficulty when it was accepted.
        has_work = block.difficulty >= difficulty
        merit = Merit(
            is_valid=block.status is BlockStatus.VALID,
            votes_rightly=vote,
            anticone_weight=anticone_weight,
            quality=block.difficulty if has_work else measure_work(header),
        )
        reward, shares_fees = compute_reward(
            merit, base_reward, epoch_difficulty=difficulty, params=state.params
        )
        inputs.append(RewardInput(block.hash, header.author, anticone_weight, reward, shares_fees))
    return tuple(inputs)
