"""Every number of the JSON-RPC door, in one place, each with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RpcLimits:
    """What one caller may take. Every field is a setting; the defaults suit a public node."""

    # The largest legal transaction is 128 KiB, 256 KiB as hex; a contract's init code with its
    # arguments fits, and a hundred plain transfers are 25 KiB.
    body_bytes: int = 1 << 20
    # A call object with overrides nests 6 deep; the rest is room, and far from the parser's stack.
    json_depth: int = 32
    # 2^256 has 78 decimal digits.
    json_number_digits: int = 80
    batch_calls: int = 100
    response_bytes: int = 10_000_000
    call_time_s: float = 5.0
    # Gas that one simulated call may burn: half a second of plain opcodes on a slow core.
    call_gas: int = 30_000_000
    # Memory of all frames of one simulated call together; its gas alone would buy 100 MB.
    call_memory_bytes: int = 64 << 20
    log_epochs: int = 2_000
    logs: int = 5_000
    log_topics: int = 1_000
    fee_history_epochs: int = 1_024
    connections: int = 100
    subscriptions: int = 32
    # What waits for one connection that does not read: at three epochs a second five minutes, or
    # four megabytes of whatever it asked for.
    queued_messages: int = 1_024
    queued_bytes: int = 4 << 20
    # Filters of all clients together: those who poll leave many behind, each a few hundred bytes.
    filters: int = 1_024
    filter_idle_s: float = 300.0
    # Traces execute an epoch again, one at a time; so many wait.
    traces_waiting: int = 8
    # From the first byte of a request to its last header; a browser on a bad line needs one second.
    header_time_s: float = 5.0
    body_time_s: float = 10.0
    idle_time_s: float = 60.0
    header_bytes: int = 8 << 10
    # Calls a second for one address, with a burst of one second's worth; None for no limit, which
    # suits a node that only this machine reaches.
    calls_per_second: float | None = None
    # Names in the Host header that this node answers to: a web page that rebinds its own name to
    # this machine's address does not know them.
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    # Method names before the underscore that this port answers; "*" for all that the node serves.
    namespaces: tuple[str, ...] = ("eth", "net", "web3", "rpc", "sogdia", "txpool")
    # Web origins that may read answers. Empty: no page may.
    origins: tuple[str, ...] = ()
    # Threads for calls that take longer than a few milliseconds.
    workers: int = 4
