"""What strangers' bytes reach, and the only errors that each may answer with."""

import asyncio
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sogdia.ledger.network.errors import NetworkError
from sogdia.ledger.network.framing import StreamConnection
from sogdia.ledger.network.messages import decode as decode_message
from sogdia.ledger.network.peer_file import DamagedPeerFile, load_peers
from sogdia.ledger.network.record import PeerRecord
from sogdia.ledger.network.transport import Address
from sogdia.ledger.node.config import load_config
from sogdia.ledger.node.errors import ConfigError
from sogdia.ledger.node.upkeep.block_archive import read_frames, read_head
from sogdia.ledger.node.upkeep.errors import ArchiveError
from sogdia.ledger.params.networks import DEVELOPMENT
from sogdia.ledger.primitives.block import Block, decode_body, split_block
from sogdia.ledger.primitives.errors import InvalidBlock, InvalidTransaction, StorageError
from sogdia.ledger.primitives.header import Header
from sogdia.ledger.primitives.transaction import decode_transaction
from sogdia.ledger.rpc.dev.state_file import BadStateFile, merge_rows, read_state, read_whole
from sogdia.ledger.rpc.errors import ParseError
from sogdia.ledger.rpc.limits import RpcLimits
from sogdia.ledger.rpc.token import WrongToken, verify_token
from sogdia.ledger.rpc.wire import decode_body as decode_rpc
from sogdia.ledger.storage.identity import FILE_NAME, Identity, verify_identity

CHAIN_ID = DEVELOPMENT.chain_id
IDENTITY = Identity(DEVELOPMENT.name, CHAIN_ID, bytes(32))


@dataclass(frozen=True, slots=True)
class Target:
    """`run` takes bytes and a folder of its own; it returns, or raises one of `refusals`."""

    run: Callable[[bytes, Path], object]
    refusals: tuple[type[Exception], ...]


class _Sink:
    """A writer that nothing is written to."""

    def close(self) -> None:
        """End."""


def _frames(data: bytes, _: Path) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        peer = Address("127.0.0.1", 1)
        connection = StreamConnection(reader, _Sink(), bytes(32), peer)  # type: ignore[arg-type]
        while True:
            decode_message(await connection.receive(timeout_s=5))

    asyncio.run(read())


def _archive(data: bytes, folder: Path) -> None:
    stream = io.BytesIO(data)
    read_head(stream, folder)
    for _ in read_frames(stream, folder):
        pass


def _config(data: bytes, folder: Path) -> None:
    path = folder / "node.toml"
    path.write_bytes(data)
    load_config({}, {}, directory=folder, file=path)


def _peer_file(data: bytes, folder: Path) -> None:
    path = folder / "peers.json"
    path.write_bytes(data)
    load_peers(path)


def _identity(data: bytes, folder: Path) -> None:
    (folder / FILE_NAME).write_bytes(data)
    verify_identity(folder, IDENTITY)


def zip_state(lines: bytes) -> bytes:
    """Return the file of these lines: changes in the file itself end at its checksum."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(lines) + packer.flush()


def _block(data: bytes, _: object) -> None:
    header, body = split_block(data)  # as sync reads it, then as an import does
    whole = Block.decode(data, CHAIN_ID)
    assert Block.of_body(Header.decode(header), body, CHAIN_ID) == whole


def _state(data: bytes) -> None:
    read_whole(data)
    rows = read_state([data])
    next(rows)
    merge_rows(rows)


TARGETS: dict[str, Target] = {
    "archive": Target(_archive, (ArchiveError,)),
    "block": Target(_block, (InvalidBlock,)),
    "body": Target(lambda data, _: decode_body(data, CHAIN_ID), (InvalidBlock,)),
    "config": Target(_config, (ConfigError,)),
    "frames": Target(_frames, (NetworkError,)),
    "header": Target(lambda data, _: Header.decode(data), (InvalidBlock,)),
    "identity": Target(_identity, (StorageError,)),
    "message": Target(lambda data, _: decode_message(data), (NetworkError,)),
    "peer_file": Target(_peer_file, (DamagedPeerFile,)),
    "peer_record": Target(lambda data, _: PeerRecord.decode(data), (NetworkError,)),
    "rpc": Target(lambda data, _: decode_rpc(data, RpcLimits()), (ParseError,)),
    "state_file": Target(lambda data, _: _state(data), (BadStateFile,)),
    "state_lines": Target(lambda data, _: _state(zip_state(data)), (BadStateFile,)),
    "token": Target(
        lambda data, _: verify_token(data.decode("latin-1"), bytes(32), 0), (WrongToken,)
    ),
    "transaction": Target(
        lambda data, _: decode_transaction(data, CHAIN_ID), (InvalidTransaction,)
    ),
}
