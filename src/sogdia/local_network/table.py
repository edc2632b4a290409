"""A network as a table for a person, as lines where there is no terminal."""

from collections.abc import Mapping

from rich.table import Table

from sogdia.local_network.observe import NetworkView, NodeView

COLUMNS = ("node", "work", "RPC", "state", "height", "confirmed", "pivot", "peers", "blocks/s")
HASH_DIGITS = 8


def cells(node: NodeView, risks: Mapping[str, str | None]) -> list[str]:
    """Return the words of one node's row, in the order of `COLUMNS`, then risk and alerts."""
    rate = None if node.blocks_per_s is None else f"{node.blocks_per_s:.1f}"
    pivot = None if node.pivot is None else node.pivot[2 : 2 + HASH_DIGITS]
    values = (node.height, node.confirmed, pivot, node.peers, rate, risks.get(node.name))
    return [
        node.name,
        f"{100 * node.share:.3g} %",
        node.rpc,
        node.state,
        *("–" if value is None else str(value) for value in values),
        " ".join(node.alerts),
    ]


def as_table(view: NetworkView, risks: Mapping[str, str | None]) -> Table:
    """Return the table; its title says whether the nodes agree."""
    table = Table(title=headline(view), title_justify="left", pad_edge=False, box=None)
    for column in (*COLUMNS, "risk of probe", "alerts"):
        table.add_column(column, no_wrap=True)
    for node in view.nodes:
        table.add_row(*cells(node, risks), style="yellow" if node.alerts else None)
    return table


def headline(view: NetworkView) -> str:
    """Return one line on the whole network."""
    if view.height is None:
        return f"{view.name}: no node answers"
    word = "agree" if view.agrees else "DISAGREE"
    return f"{view.name}: nodes {word} at epoch {view.height}"


def as_lines(view: NetworkView, risks: Mapping[str, str | None]) -> list[str]:
    """Return a line for the network and one for each node."""
    names = (*COLUMNS[3:], "risk", "alerts")
    lines = [headline(view)]
    for node in view.nodes:
        name, work, rpc, *rest = cells(node, risks)
        facts = [f"{word} {value}" for word, value in zip(names, rest, strict=True) if value]
        lines.append(f"{name} {work} {rpc} " + " ".join(facts))
    return lines
