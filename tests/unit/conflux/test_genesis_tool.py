"""The files that the harness copies to its nodes."""

import json
from pathlib import Path

import pytest

from sogdia.conflux.genesis_tool import main


def test_keys_of_a_committee(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line of the harness; equal seeds give equal keys, others other ones."""
    secrets = []
    for seed in ("00" * 32, "00" * 32, "11" * 32):
        folder = tmp_path / str(len(secrets))
        folder.mkdir()
        monkeypatch.chdir(folder)
        counts = ["--num-validator=3", "--num-genesis-validator=2"]
        main(["random", *counts, "--chain-id=10", f"--initial-seed={seed}"])
        names = {path.name for path in (folder / "private_keys").iterdir()}
        assert names == {"0", "1", "2", "pow_sk0", "pow_sk1", "pow_sk2"}
        assert len((folder / "public_key").read_text().split()) == 2
        assert len(json.loads((folder / "initial_nodes.json").read_text())["initial_nodes"]) == 2
        secrets.append((folder / "private_keys" / "pow_sk0").read_bytes())
    assert secrets[0] == secrets[1] != secrets[2]
    assert len(secrets[0]) == 32
