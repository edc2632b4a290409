"""`pos-genesis-tool`: the files that the harness copies to each node before it starts one.

The reference client's tool makes the keys of a finality committee. Our nodes have none yet, so the
committee's keys are random bytes of the right size; what the harness itself reads of them, the
secp256k1 keys `pow_sk…`, are keys.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from coincurve import PrivateKey

PUBLIC_KEYS_MAX = 1_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files to the working directory."""
    options = _parser().parse_args(arguments)
    seed = bytes.fromhex(options.initial_seed)
    if options.command == "frompub":
        given = [line for line in options.pkfile.read_text().splitlines() if line.strip()]
        write_committee(Path.cwd(), given[:PUBLIC_KEYS_MAX], seed)
        return
    if not 0 <= options.num_genesis_validator <= options.num_validator:
        sys.exit("pos-genesis-tool: --num-genesis-validator must not exceed --num-validator")
    publics = write_keys(Path.cwd() / "private_keys", options.num_validator, seed)
    write_committee(Path.cwd(), publics[: options.num_genesis_validator], seed)


def write_keys(folder: Path, count: int, seed: bytes) -> list[str]:
    """Write the keys of `count` nodes; return their public keys in hex. Equal seeds, equal keys."""
    folder.mkdir(parents=True, exist_ok=True)
    publics = []
    for number in range(count):
        secret = hashlib.sha256(seed + b"pow" + number.to_bytes(4, "big")).digest()
        vote = hashlib.sha256(seed + b"pos" + number.to_bytes(4, "big")).digest()
        (folder / f"pow_sk{number}").write_bytes(secret)
        (folder / str(number)).write_bytes(vote)
        publics.append(PrivateKey(secret).public_key.format().hex())
    return publics


def write_committee(folder: Path, publics: Sequence[str], seed: bytes) -> None:
    """Write who is in the first committee, and the list of public keys."""
    (folder / "public_key").write_text("".join(f"{public}\n" for public in publics))
    committee = {"initial_nodes": list(publics), "initial_seed": seed.hex()}
    (folder / "initial_nodes.json").write_text(json.dumps(committee, indent=2) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pos-genesis-tool", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    random = commands.add_parser("random", help="make keys")
    random.add_argument("--num-validator", type=int, required=True)
    random.add_argument("--num-genesis-validator", type=int, required=True)
    random.add_argument("--chain-id", type=int)
    from_public = commands.add_parser("frompub", help="take public keys from a file")
    from_public.add_argument("pkfile", type=Path)
    for command in (random, from_public):
        command.add_argument("--initial-seed", default="00" * 32)
    return parser
