"""Settings: which source wins, what is refused, and in which words."""

import os
import pwd
from pathlib import Path

import pytest

from sogdia.ledger.consensus.genesis import build_genesis
from sogdia.ledger.node import paths
from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, Config, load_config
from sogdia.ledger.node.errors import (
    DevelopmentAlone,
    InvalidSetting,
    NoSelfTestHere,
    UnknownSetting,
    UnreadableConfig,
)
from sogdia.ledger.node.parts import network_params
from sogdia.ledger.node.settings import SETTINGS


def load(
    tmp_path: Path,
    *,
    flags: dict[str, object] | None = None,
    environment: dict[str, str] | None = None,
    local: str = "",
    user: str = "",
    profile: dict[str, object] | None = None,
) -> Config:
    (tmp_path / "sogdia.toml").write_text(local)
    home = tmp_path / "home" / ".config" / "sogdia"
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(user)
    return load_config(
        flags or {},
        {"HOME": str(tmp_path / "home"), **(environment or {})},
        directory=tmp_path,
        profile=profile,
    )


def test_flag_then_environment_then_local_then_user_then_command_then_default(
    tmp_path: Path,
) -> None:
    """Take the winner away one by one, and the next one wins."""
    sources = {
        "flags": {"rpc.port": 1},
        "environment": {"SOGDIA_RPC_PORT": "2"},
        "local": "[rpc]\nport = 3",
        "user": "[rpc]\nport = 4",
        "profile": {"rpc.port": 5},
    }
    origins = []
    for want in (1, 2, 3, 4, 5):
        config = load(tmp_path, **sources)  # type: ignore[arg-type]
        assert config["rpc.port"] == want
        origins.append(config.origin("rpc.port"))
        del sources[next(iter(sources))]
    config = load(tmp_path)
    assert (config["rpc.port"], config.origin("rpc.port")) == (8545, "default")
    assert origins == [
        "command line",
        "environment SOGDIA_RPC_PORT",
        str(tmp_path / "sogdia.toml"),
        str(tmp_path / "home/.config/sogdia/config.toml"),
        "command",
    ]


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[rpc]\nprot = 1", "rpc.port"),
        ("[mining]\nport = 1", "network.port"),
        ("port = 1", "network.port"),
        ("[zzz]\nqqq = 1", None),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(
    tmp_path: Path, text: str, nearest: str | None
) -> None:
    """A misspelt limit is no limit."""
    with pytest.raises(UnknownSetting, match="there is no setting") as refused:
        load(tmp_path, local=text)
    assert refused.value.nearest == nearest
    assert str(tmp_path) in str(refused.value)


def test_a_table_in_the_place_of_a_value_is_refused(tmp_path: Path) -> None:
    """TOML allows it; the setting does not."""
    with pytest.raises(InvalidSetting, match="a whole number"):
        load(tmp_path, local="[rpc.port]\nx = 1")


def test_an_unknown_variable_of_our_sections_is_an_error(tmp_path: Path) -> None:
    """Variables of other programs of the project are left alone."""
    with pytest.raises(UnknownSetting, match="did you mean SOGDIA_RPC_PORT"):
        load(tmp_path, environment={"SOGDIA_RPC_PROT": "1"})
    load(tmp_path, environment={"SOGDIA_VECTORS": "/x", "PATH": "/bin"})


@pytest.mark.parametrize(
    ("name", "bad", "want"),
    [
        ("rpc.port", 65_536, "from 0 to 65535"),
        ("rpc.port", True, "a whole number"),
        ("rpc.port", "8545", "a whole number"),
        ("mining.mode", "always", "one of instant, interval, work, off"),
        ("mining.block_time_s", 0, "a number from 0.05"),
        ("mining.author", "0x12", "40 hex digits"),
        ("rpc.hosts", "localhost", "a list of texts"),
        ("node.self_test", "yes", "true or false"),
        ("node.data_dir", 5, "a path"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(
    tmp_path: Path, name: str, bad: object, want: str
) -> None:
    """With the value, and what the setting takes."""
    with pytest.raises(InvalidSetting, match=want) as refused:
        load(tmp_path, flags={name: bad})
    assert refused.value.value == bad


def test_the_environment_is_text(tmp_path: Path) -> None:
    """Numbers, lists, flags and paths are read from it."""
    config = load(
        tmp_path,
        environment={
            "SOGDIA_RPC_PORT": "0x10",
            "SOGDIA_RPC_HOSTS": "a, b",
            "SOGDIA_NODE_SELF_TEST": "true",
            "SOGDIA_MINING_BLOCK_TIME_S": "0.5",
            "SOGDIA_RPC_CALLS_PER_SECOND": "0",
            "SOGDIA_NODE_DATA_DIR": "~/x",
        },
    )
    assert config["rpc.port"] == 16
    assert config["rpc.hosts"] == ("a", "b")
    assert config["node.self_test"] is True
    assert config["mining.block_time_s"] == 0.5
    assert config["rpc.calls_per_second"] is None
    assert config["node.data_dir"] == Path("~/x").expanduser()
    for variable, text in (("SOGDIA_RPC_PORT", "x"), ("SOGDIA_NODE_SELF_TEST", "maybe")):
        with pytest.raises(InvalidSetting, match="environment"):
            load(tmp_path, environment={variable: text})


def test_a_file_that_is_not_toml_or_not_there_is_named(tmp_path: Path) -> None:
    """A file that was asked for must be there; the others may be missing."""
    with pytest.raises(UnreadableConfig, match=r"sogdia\.toml"):
        load(tmp_path, local="[rpc")
    with pytest.raises(UnreadableConfig, match="no such file"):
        load_config({}, {}, directory=tmp_path, file=tmp_path / "absent.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(UnreadableConfig):
        load_config({}, {}, directory=tmp_path, file=tmp_path / "bytes.toml")


def test_a_given_file_replaces_the_others(tmp_path: Path) -> None:
    """A service depends on one file."""
    (tmp_path / "sogdia.toml").write_text("[rpc]\nport = 3")
    (tmp_path / "given.toml").write_text("[log]\nlevel = 'debug'")
    config = load_config({}, {}, directory=tmp_path, file=tmp_path / "given.toml")
    assert (config["rpc.port"], config["log.level"]) == (8545, "debug")


def test_every_setting_has_a_default_that_it_takes(tmp_path: Path) -> None:
    """And so has the development profile."""
    for setting in SETTINGS.values():
        assert setting.kind.parse(setting.default) == setting.default, setting.name
        assert setting.meaning
    for name, value in DEVELOPMENT_PROFILE.items():
        assert SETTINGS[name].kind.parse(value) == value, name
    limits = load(tmp_path, flags={"rpc.logs": 7}).rpc_limits()
    assert (limits.logs, limits.batch_calls) == (7, 100)


def test_rules_of_a_local_network_tell_it_apart(tmp_path: Path) -> None:
    """Another difficulty is another first block and another id in handshakes."""
    shipped = network_params(load(tmp_path, local='[node]\nnetwork = "local"'))
    text = '[node]\nnetwork = "local"\n[local]\ndifficulty_period = 20\nespace_period = 1'
    changed = network_params(load(tmp_path, local=text))
    again = network_params(load(tmp_path, local=text))
    assert changed == again
    assert changed.network_id != shipped.network_id
    assert (changed.consensus.difficulty_period, changed.consensus.espace_height_period) == (20, 1)
    assert build_genesis(changed).hash != build_genesis(shipped).hash


@pytest.mark.parametrize(
    ("network", "period", "words"),
    [("development", 20, "the development network"), ("local", 7, "does not divide")],
)
def test_rules_that_cannot_be_are_refused(
    tmp_path: Path, network: str, period: int, words: str
) -> None:
    """On other networks, and against each other."""
    text = f'[node]\nnetwork = "{network}"\n[local]\ndifficulty_period = {period}'
    with pytest.raises(InvalidSetting, match=words):
        network_params(load(tmp_path, local=text))


@pytest.mark.parametrize("flag", [{"network.enabled": True}, {"network.peers": ("127.0.0.1:1",)}])
def test_a_development_ledger_takes_no_peers(tmp_path: Path, flag: dict[str, object]) -> None:
    """Its state is edited by hand; another network may have them."""
    with pytest.raises(DevelopmentAlone, match=r"command line: .*node\.network"):
        load(tmp_path, flags=flag)
    load(tmp_path, flags={**flag, "node.network": "local"})


def test_another_network_is_refused_a_self_test_at_once(tmp_path: Path) -> None:
    """A lone miner there takes longer than the self-test waits; without one the node starts."""
    network = {"SOGDIA_NODE_NETWORK": "local"}
    with pytest.raises(NoSelfTestHere, match=r"SOGDIA_NODE_NETWORK: .*sogdia node"):
        load(tmp_path, environment=network, profile=dict(DEVELOPMENT_PROFILE))
    load(tmp_path, environment=network)
    network["SOGDIA_NODE_SELF_TEST"] = "false"
    load(tmp_path, environment=network, profile=dict(DEVELOPMENT_PROFILE))


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "here"}])
def test_without_a_home_folders_are_those_of_the_user(home: dict[str, str]) -> None:
    """As in a service or a container; a relative one would depend on where a command was typed."""
    own = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert paths.data_dir(home, "development") == own / ".local/share/sogdia/development"
    assert paths.config_file(home) == own / ".config/sogdia/config.toml"


@pytest.mark.parametrize("wrong", ["localhost", "1.2.3.4", "1.2.3.4:x", "node.example:32323"])
def test_an_address_of_a_peer_is_judged_where_it_is_said(tmp_path: Path, wrong: str) -> None:
    for name, value in (("peers", f"['{wrong}']"), ("public_address", f"'{wrong}'")):
        with pytest.raises(InvalidSetting) as refused:
            load(tmp_path, local=f"[network]\n{name} = {value}")
        words = str(refused.value)
        assert words.startswith(str(tmp_path / "sogdia.toml")), words
        assert wrong in words
        assert "192.0.2.1:32323" in words


def test_what_else_a_setting_takes_is_said(tmp_path: Path) -> None:
    for text, wanted in (
        ("[history]\nepochs = 'all'", "'archive' for all"),
        ("[mining]\nhash_rate = -1", "0 for none"),
    ):
        with pytest.raises(InvalidSetting, match=wanted):
            load(tmp_path, local=text)


def test_a_users_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    """Where `sudo` keeps another user's HOME. A loop of links is refused to root as well."""
    folder = tmp_path / "home/.config/sogdia"
    folder.mkdir(parents=True)
    (folder / "config.toml").symlink_to(folder / "config.toml")
    environment = {"HOME": str(tmp_path / "home")}
    with pytest.raises(UnreadableConfig, match=r"config\.toml: "):
        load_config({}, environment, directory=tmp_path)
