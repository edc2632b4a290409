"""At start: the graph from its table, as it was when the last block was committed."""

from collections.abc import Iterable

from sogdia.ledger.consensus.pipeline.commit import ERAS, genesis_changes
from sogdia.ledger.consensus.pipeline.rebuild import KeptBlock, rebuild
from sogdia.ledger.consensus.pipeline.state import GraphState
from sogdia.ledger.consensus.pipeline.tree_graph import TreeGraph
from sogdia.ledger.consensus.processes.timer_chain import is_longer_chain
from sogdia.ledger.consensus.stores.blocks import GraphBlock, Stage, Timer
from sogdia.ledger.consensus.stores.graph_rows import GraphRow, decode_row
from sogdia.ledger.params.consensus import ConsensusParams
from sogdia.ledger.primitives.block import Block
from sogdia.ledger.storage.table import Writer
from sogdia.ledger.storage.tables.graph import Graph as GraphTable
from sogdia.ledger.storage.tables.progress import Progress


def open_graph(params: ConsensusParams, store: Writer, genesis: Block) -> TreeGraph:
    """Go on with the graph that `store` holds; begin one with `genesis` in an empty store.

    Raises:
        StorageError: the commit of the genesis failed.
    """
    eras = Progress(store).find(ERAS)
    if eras is not None:
        return TreeGraph.resume(resume(params, GraphTable(store).rows(), eras))
    header = genesis.header
    graph = TreeGraph(params, header.hash, difficulty=header.difficulty, timestamp=header.timestamp)
    store.commit(genesis_changes(genesis, graph.state))
    return graph


def resume(params: ConsensusParams, rows: Iterable[tuple[int, bytes]], eras: bytes) -> GraphState:
    """Return the graph of `rows` (number of arrival, row), in order.

    `eras` is the hash of the era genesis followed by that of the stable genesis.
    """
    blocks: dict[bytes, GraphBlock] = {}
    kept: list[KeptBlock] = []
    tip: Timer | None = None
    for arrival, data in rows:
        row = decode_row(data)
        block = _block(row, arrival, blocks)
        blocks[row.hash] = block
        referees = [blocks[other] for other in row.referees if other in blocks]
        kept.append(KeptBlock(block, referees, row.era_weight, row.era_count))
        if block.stage is Stage.ACTIVE:
            for timer in (block.timer, block.last_timer):
                if timer is not None and is_longer_chain(timer, tip):
                    tip = timer
    return rebuild(
        params,
        kept,
        era_genesis=blocks[eras[:32]],
        stable_genesis=blocks[eras[32:]],
        timer_tip=tip,
    )


def _block(row: GraphRow, arrival: int, blocks: dict[bytes, GraphBlock]) -> GraphBlock:
    block = GraphBlock(
        hash=row.hash,
        parent=blocks.get(row.parent),
        referees=(),
        height=row.height,
        difficulty=row.difficulty,
        timestamp=row.timestamp,
        is_timer=row.is_timer,
        is_heavy=row.is_heavy,
        is_adaptive=row.is_adaptive,
    )
    block.arrival = arrival
    block.stage, block.status = row.stage, row.status
    block.child_difficulty = row.child_difficulty
    block.timer_difficulty = row.timer_difficulty
    block.last_timer = _last_timer(row, blocks)
    if row.is_valid_timer:
        block.timer = Timer(
            block=block,
            parent=block.last_timer,
            number=row.timer_count,
            total=row.timer_difficulty + row.difficulty,
        )
    return block


def _last_timer(row: GraphRow, blocks: dict[bytes, GraphBlock]) -> Timer | None:
    if row.timer_count == 0:
        return None
    block = blocks.get(row.last_timer)
    if block is not None and block.timer is not None:
        return block.timer
    # It lies before the era genesis: only its place and its sum matter.
    return Timer(
        block=None,
        parent=None,
        number=row.timer_count - 1,
        total=row.timer_difficulty,
    )
