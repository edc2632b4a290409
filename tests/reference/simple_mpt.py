"""The simple MPT as a dictionary of nibble paths, built one key at a time: slow and plain."""

from Crypto.Hash import keccak


def keccak256(data: bytes) -> bytes:
    """Return the hash by another library than the ledger's."""
    return keccak.new(digest_bits=256, data=data).digest()


EMPTY = keccak256(b"")


def merkle_root(values: list[bytes]) -> bytes:
    """Return the root over `values`, keyed by their big-endian index."""
    if not values:
        return EMPTY
    width = max(1, -(-(len(values) - 1).bit_length() // 8))
    leaves = {index.to_bytes(width, "big").hex(): value for index, value in enumerate(values)}
    first = {path[0] for path in leaves}
    if first == {"0"}:  # all under the first child: that child is the root
        return _subtree(leaves, 1)
    return _node(leaves, 0)


def _node(leaves: dict[str, bytes], depth: int) -> bytes:
    """Hash the node at `depth` under which all `leaves` lie."""
    value = next((v for path, v in leaves.items() if len(path) == depth), None)
    children = b""
    for nibble in "0123456789abcdef":
        below = {p: v for p, v in leaves.items() if p[depth : depth + 1] == nibble}
        children += _subtree(below, depth + 1) if below else EMPTY
    return keccak256(b"n" + children + (b"" if value is None else b"v" + value))


def _subtree(leaves: dict[str, bytes], depth: int) -> bytes:
    """Hash what hangs under a branch: the shared nibbles from `depth` on, then the node."""
    paths = list(leaves)
    end = depth
    while end < len(paths[0]) and len({path[end] for path in paths}) == 1:
        end += 1
    node = _node(leaves, end)
    if end == depth:
        return node
    padded = ("0" if depth % 2 else "") + paths[0][depth:end]
    padded += "0" * (len(padded) % 2)
    info = 128 + 64 * (depth % 2) + (end - depth) % 63
    return keccak256(bytes((info,)) + bytes.fromhex(padded) + node)
