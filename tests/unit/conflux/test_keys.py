"""The key by which the harness knows a node."""

from pathlib import Path

import coincurve

from sogdia.conflux.keys import HarnessKey, address_of_key, core_address_of_key, node_id_in
from sogdia.ledger.node.network_task import AGENT_CHARACTERS_MAX
from sogdia.ledger.params.development import DEVELOPMENT_ACCOUNTS
from sogdia.ledger.primitives.hashing import keccak256

SECRET = bytes(range(1, 33))


def test_the_signature_gives_the_key_that_the_agent_names(tmp_path: Path) -> None:
    """The harness recovers a public key; peers name the same one, in what a hello holds."""
    key = HarnessKey.load_or_create(tmp_path / "folder" / "key", SECRET)
    signature = key.sign(b"\x01\x02")
    assert len(signature) == 65
    assert signature[64] in (0, 1)
    public = coincurve.PublicKey.from_signature_and_message(signature, b"\x01\x02", keccak256)
    assert len(key.agent) <= AGENT_CHARACTERS_MAX
    assert node_id_in(key.agent) == public.format(compressed=False)[1:]


def test_a_key_is_kept(tmp_path: Path) -> None:
    """A restart signs with the same key."""
    first = HarnessKey.load_or_create(tmp_path / "key", SECRET)
    assert HarnessKey.load_or_create(tmp_path / "key", bytes(31) + b"\x01").agent == first.agent


def test_other_agents_name_no_key() -> None:
    """Other programs, and what is no key."""
    for agent in ("Sogdia/v1", "sogdia-conflux", "sogdia-conflux AAAA", "sogdia-conflux ?"):
        assert node_id_in(agent) is None


def test_addresses_of_a_key() -> None:
    """The development accounts' addresses; in Core Space the first four bits say: a user."""
    for account in DEVELOPMENT_ACCOUNTS:
        assert address_of_key(account.key) == account.address
        core = core_address_of_key(account.key)
        assert core[0] == 0x10 | account.address[0] & 0x0F
        assert core[1:] == account.address[1:]
