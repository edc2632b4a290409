"""What the harness writes for a node, read."""

from pathlib import Path

import pytest

from sogdia.conflux.configuration import Configuration, InvalidConfiguration, read_arguments
from sogdia.ledger.consensus.genesis import build_genesis
from sogdia.ledger.params.networks import HARNESS


def read(tmp_path: Path, text: str, **overrides: str) -> Configuration:
    """Read a file of this text."""
    path = tmp_path / "conflux.conf"
    path.write_text(text)
    return Configuration.read(path, overrides)


def test_quotes_of_every_kind(tmp_path: Path) -> None:
    """Double, single, none; comments and unknown keys do no harm; the command line wins."""
    text = (
        'mode="test"\nlog_file=\'./x.log\'\n# a=1\ntcp_port=11\nunknown=1_000\nlog_level="trace"\n'
    )
    configuration = read(tmp_path, text, tcp_port="12")
    assert configuration.values["mode"] == "test"
    assert configuration.path("log_file", "y") == Path("./x.log")
    assert configuration.path("other", "y") == Path("y")
    assert configuration.port("tcp_port") == 12
    assert configuration.number("unknown") == 1_000
    assert configuration.number("missing") is None
    assert configuration.log_level == "debug"


def test_rules_of_the_network(tmp_path: Path) -> None:
    """Keys change the consensus parameters; without any, they are the harness's own."""
    assert read(tmp_path, "").params().consensus == HARNESS.consensus
    text = "timer_chain_beta=20\ntimer_chain_block_difficulty_ratio=3\nera_epoch_count=100\n"
    params = read(tmp_path, text + "initial_difficulty=1000\nevm_chain_id=11\n").params()
    assert (params.consensus.timer_beta, params.consensus.timer_ratio) == (20, 3)
    assert (params.consensus.era_epoch_count, params.consensus.initial_difficulty) == (100, 1000)
    assert (params.network_id, params.chain_id) == (10, 11)
    assert read(tmp_path, "tx_pool_size=5\n").params().mempool.transactions_max == 5


def test_peers_and_flags(tmp_path: Path) -> None:
    """Who is there to begin with, how many may come, what is on; anything else is refused."""
    text = "enable_discovery=true\nsession_ip_limits='9,0,4,2'\n"
    found = read(tmp_path, text, bootnodes="cfxnode://ab@127.0.0.1:7,cfxnode://cd@10.0.0.1:8")
    assert found.flag("enable_discovery")
    assert not found.flag("missing")
    assert found.session_limits() == [(32, 9), (16, 4), (24, 2)]
    assert found.bootnodes() == ("127.0.0.1:7", "10.0.0.1:8")
    nothing = read(tmp_path, "")
    assert (nothing.session_limits(), nothing.bootnodes()) == ([], ())
    wrong = read(tmp_path, "enable_discovery=7\nsession_ip_limits=1,2\nbootnodes=127.0.0.1:7\n")
    for ask in (lambda: wrong.flag("enable_discovery"), wrong.session_limits, wrong.bootnodes):
        with pytest.raises(InvalidConfiguration):
            ask()


def test_secrets_replace_the_known_accounts(tmp_path: Path) -> None:
    """Each key of a file has 10,000 CFX; without one two keys have 5e33 drip, in each space."""
    assert [drip for _, drip in read(tmp_path, "").params().genesis.balances] == [5 * 10**33] * 4
    (tmp_path / "secrets").write_text("11" * 32 + "\n0x" + "22" * 32 + "\n")
    configuration = read(tmp_path, f'genesis_evm_secrets="{tmp_path / "secrets"}"\n')
    balances = configuration.params().genesis.balances
    assert [drip for _, drip in balances] == [5 * 10**33] * 2 + [10_000 * 10**18] * 2
    assert len({address for address, _ in balances}) == 4


def test_headers_without_a_base_price(tmp_path: Path) -> None:
    """A height that no test reaches turns CIP-1559 off; the usual one leaves it on."""
    assert read(tmp_path, "cip1559_transition_height=1\n").params().consensus == HARNESS.consensus
    params = read(tmp_path, "cip1559_transition_height=99999999\n").params()
    assert not params.consensus.has_base_price
    genesis = build_genesis(params).header
    assert genesis.base_price is None
    assert genesis.custom == ()


@pytest.mark.parametrize("text", ["", "tcp_port=x", "tcp_port=0", "tcp_port=65536"])
def test_a_port_must_be_one(tmp_path: Path, text: str) -> None:
    """The error names the key and what was found."""
    with pytest.raises(InvalidConfiguration, match="tcp_port"):
        read(tmp_path, text).port("tcp_port")


def test_the_command_line() -> None:
    """Options in kebab case, with `=`, with a word, and alone."""
    line = ["--config", "a.conf", "--public-address", "127.0.0.1", "--archive", "--tcp-port=7"]
    path, keys = read_arguments(line)
    assert path == Path("a.conf")
    assert keys == {"public_address": "127.0.0.1", "archive": "true", "tcp_port": "7"}
    for wrong in ([], ["a.conf"]):
        with pytest.raises(InvalidConfiguration):
            read_arguments(wrong)
