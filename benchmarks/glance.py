"""The table of limits of the performance page, filled from the sections below it.

Each row names the section and the row of its table that it reads; a figure that no section has yet
is shown as not measured. `python -m benchmarks` fills it after every run.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Table = dict[str, list[str]]
# A section's rows by their first cell; rows of JSON-RPC by first cell and rival.
Sections = dict[str, Table]


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: what, the words for its limit, the limit, and how to find the figure."""

    what: str
    words: str
    limit: float
    find: Callable[[Sections], list[float]]
    command: str
    is_most: bool = False

    def row(self, sections: Sections) -> str:
        """Return the row; of several figures the worst counts."""
        try:
            found = self.find(sections)
        except KeyError:
            measured, is_met = "not measured", ""
        else:
            worst = max(found) if self.is_most else min(found)
            measured = " and ".join(map(_words, found))
            is_met = "yes" if (worst <= self.limit) == self.is_most or worst == self.limit else "no"
        return f"| {self.what} | {self.words} | {measured} | {is_met} | `{self.command}` |"


def _ratio(*names: str, rival: str = "anvil") -> Callable[[Sections], list[float]]:
    return lambda sections: [_number(sections["rpc"][f"{name}/{rival}"][3]) for name in names]


def _ours(name: str) -> Callable[[Sections], list[float]]:
    return lambda sections: [_number(sections["rpc"][f"{name}/anvil"][0])]


def _figures(section: str, *names: str) -> Callable[[Sections], list[float]]:
    return lambda sections: [_number(sections[section][name][0]) for name in names]


def _both(method: str) -> list[str]:
    return [f"{method}, {count} connections, per second" for count in (8, 64)]


_READS = [_both(method) for method in ("eth_call", "eth_getBalance", "eth_blockNumber")]
_BATCHES = "transfers, batches of 100, per second"
_SINGLES = "transfers, one per request, per second"
_UNPINNED = "20,000 transfers, both cores, not pinned, per second"
_RPC, _ANVIL = "python -m benchmarks rpc", "× anvil"
_BEAT = "block-time 1"

LIMITS = (
    Limit("confirmed transfers, batches of 100", f"3 {_ANVIL}", 3, _ratio(_BATCHES), _RPC),
    Limit(
        "the same, of what one core recovers",
        "0.5",
        0.5,
        _ratio(_BATCHES, rival="recovery alone"),
        _RPC,
    ),
    Limit("confirmed ERC-20 transfers", f"2.5 {_ANVIL}", 2.5, _ratio(f"ERC-20 {_BATCHES}"), _RPC),
    Limit("transfers, one per request", f"15 {_ANVIL}", 15, _ratio(_SINGLES), _RPC),
    Limit("the same", f"1.5 {_ANVIL} `--block-time 1`", 1.5, _ratio(_SINGLES, rival=_BEAT), _RPC),
    Limit(
        "20,000 transfers, two cores, not pinned",
        f"2 {_ANVIL} `--block-time 1`",
        2,
        _ratio(_UNPINNED, rival=_BEAT),
        _RPC,
    ),
    Limit(
        "transfers per CPU second of the node (8,000), of what one core recovers",
        "0.5",
        0.5,
        _ratio("transfers, batches of 100, per CPU second", rival="recovery alone"),
        _RPC,
    ),
    Limit(
        "100,000 senders against 1,000",
        "0.8",
        0.8,
        _figures("accounts", "many_to_few.median"),
        "python -m benchmarks accounts",
    ),
    Limit(
        "a block of 200 whole transactions, 8 and 64 connections",
        f"100 {_ANVIL}",
        100,
        _ratio(*_both("eth_getBlockByNumber")),
        _RPC,
    ),
    Limit("200 logs, the same", f"2 {_ANVIL}", 2, _ratio(*_both("eth_getLogs")), _RPC),
    *(
        Limit(names[0].partition(",")[0], f"0.6 {_ANVIL}", 0.6, _ratio(*names), _RPC)
        for names in _READS
    ),
    Limit(
        "messages/s to 500 subscribers of newHeads",
        "50,000",
        50_000,
        _figures("websocket", "messages_per_second.sogdia"),
        "python -m benchmarks websocket",
    ),
    Limit(
        "whole pipeline, empty blocks/s",
        "3,000",
        3_000,
        _figures("pipeline", "blocks_per_second.interval"),
        "python -m benchmarks pipeline",
    ),
    Limit("start-up, seconds", "at most 1", 1, _ours("start-up, seconds"), _RPC, is_most=True),
    Limit("memory then, MB", "at most 150", 150, _ours("memory then, MB"), _RPC, is_most=True),
    Limit(
        "memory after a million transfers, MiB",
        "at most 500",
        500,
        _figures("growth", "resident_mib.after"),
        "python -m benchmarks growth",
        is_most=True,
    ),
    Limit(
        "disk for each of them, bytes",
        "at most 400",
        400,
        _figures("growth", "disk_bytes_per_transfer.measured"),
        "python -m benchmarks growth",
        is_most=True,
    ),
    Limit(
        "restart with 20,000 blocks and 200,000 transfers, seconds, after a stop and `kill -9`",
        "at most 5",
        5,
        _figures("restart", "after_stop.seconds", "after_kill.seconds"),
        "python -m benchmarks restart",
        is_most=True,
    ),
    Limit(
        "catching up from one peer, transfers per CPU second",
        "5,000",
        5_000,
        _figures("catch_up", "transfers.per_cpu_second.median"),
        "python -m benchmarks catch_up",
    ),
    Limit(
        "the same, empty blocks per CPU second",
        "1,500",
        1_500,
        _figures("catch_up", "empty.per_cpu_second.median"),
        "python -m benchmarks catch_up",
    ),
    Limit(
        "confirmed transfers/s, four nodes on two cores",
        "800",
        800,
        _figures("four_nodes", "confirmed_per_s.median"),
        "python -m benchmarks four_nodes",
    ),
    Limit(
        "memory of a node with 50 peers, MB",
        "at most 300",
        300,
        _figures("peers", "most_mb"),
        "python -m benchmarks peers",
        is_most=True,
    ),
)


def glance(page: str) -> str:
    """Return the table of limits for a page with its sections."""
    sections = read_sections(page)
    lines = ["| what | limit | measured | met | command |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(limit.row(sections) for limit in LIMITS)]) + "\n"


def read_sections(page: str) -> Sections:
    """Return the rows of each marked section's table."""
    found: Sections = {}
    for name, text in re.findall(r"(?s)<!-- (\w+) -->\n(.*?)<!-- /\1 -->", page):
        lines = (line for line in text.splitlines() if line.startswith("| "))
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
        found[name] = {}
        for what, *cells in rows:
            # Of JSON-RPC: ours, the rival's name, its figure, ratio, spread, floor.
            key = f"{what}/{cells[1]}" if name == "rpc" and len(cells) == 6 else what
            found[name][key] = cells
    return found


def _words(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1_000 else f"{figure:.4g}"


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))
