"""`sogdia rules`: data on standard output, the exit code says how it ended."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from eth_account import Account
from tests.unit.compliance.rules.builders import NOWHERE, rule, write_pack

from sogdia.cli import main

AT = "2024-06-01T12:00:00+00:00"
REGISTRY = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


def run(*arguments: object, stdin: str | None = None) -> Result:
    """Run `sogdia rules` with the arguments."""
    return CliRunner().invoke(main, ["rules", *map(str, arguments)], input=stdin)


def facts(**changes: Any) -> str:
    """Return a statement of facts as JSON."""
    base = {"activity": "buy", "residence": ["CH"], "persons": [], "assets": [], **NOWHERE}
    return json.dumps({**base, **changes})


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack that halts the listed and allows the rest."""
    text = rule("A", "allow") + rule("H", when='"listed"')
    return write_pack(tmp_path / "packs" / "1", text)


def test_check_ends_with_0_for_a_good_pack_and_names_its_digest(pack: Path) -> None:
    """The human form and the JSON form say the same."""
    result = run("check", pack)
    assert result.exit_code == 0, result.output
    assert "ch/1" in result.stdout
    assert "0 blocked" in result.stdout
    told = json.loads(run("check", pack, "--json").stdout)
    assert told["exits"]["blocked"] == told["unreachable"] == told["failures"] == []
    assert told["packs"][0]["digest"][:16] in result.stdout


def test_check_ends_with_1_for_a_bad_pack_and_says_where(pack: Path) -> None:
    """File, line and rule on standard error; nothing on standard output."""
    (pack / "rules.toml").write_text(rule("A", when='"1 / 0 > 1"'))
    result = run("check", pack)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"{pack}/rules.toml:5: rule A: the condition divides by" in result.stderr


def test_check_ends_with_1_for_a_failed_vector_and_an_unreachable_rule(pack: Path) -> None:
    """Both are listed."""
    (pack / "vectors.toml").write_text(
        '[defaults]\nresidence = ["CH"]\n\n[[vector]]\nname = "wrong"\n'
        f'at = {AT}\nfacts = {{ activity = "buy" }}\nexpect = {{ action = "freeze" }}\n'
    )
    with (pack / "rules.toml").open("a") as stream:
        stream.write(rule("N", when='"listed && !listed"'))
    result = run("check", pack)
    assert result.exit_code == 1
    assert "vectors.toml:4: vector 'wrong': action is 'hold', expected 'freeze'" in result.stdout
    assert "unreachable: ch/1/N" in result.stdout


def test_decide_ends_with_4_when_a_rule_refuses(pack: Path) -> None:
    """And with 0 when it may proceed; facts come from a file or standard input."""
    allowed = run("decide", "-", "--packs", pack, "--at", AT, stdin=facts(listed=False))
    assert (allowed.exit_code, allowed.stdout.split(":")[0]) == (0, "allow")
    refused = run("decide", "-", "--packs", pack, "--at", AT, "--json", stdin=facts(listed=True))
    assert refused.exit_code == 4
    told = json.loads(refused.stdout)
    assert told["action"] == "halt-entry"
    assert told["rules"][1]["citation"]["instrument"] == "An Act"
    held = run("decide", "-", "--packs", pack, "--at", AT, stdin=facts())
    assert held.exit_code == 4
    assert "missing: listed" in held.stdout


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (["--at", "2024-06-01"], facts(), 2, "has no zone"),
        (["--at", "soon"], facts(), 2, "is not a date and time"),
        (["--lang", "fr"], facts(), 2, "'fr' is not one of"),
        (["--at", AT], "{", 1, "is not JSON"),
        (["--at", AT], facts(residence=["XX"]), 1, "'XX' is not a state"),
        (["--at", AT, "--unrecognised", "cn"], facts(), 1, "is not AUTHORITY:TIE"),
    ],
)
def test_bad_input_to_decide_is_refused_in_one_line(
    pack: Path, arguments: list[str], stdin: str, code: int, says: str
) -> None:
    """Wrong usage is 2, bad facts are 1; neither prints a trace."""
    result = run("decide", "-", "--packs", pack, *arguments, stdin=stdin)
    assert result.exit_code == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_evidence_is_written_and_replayed(pack: Path, tmp_path: Path) -> None:
    """Same bytes end with 0, an edited bundle with 1 and the part that differs."""
    bundle = tmp_path / "bundle.json"
    run("decide", "-", "--packs", pack, "--at", AT, "--evidence", bundle, stdin=facts(listed=True))
    assert run("replay", bundle, "--packs", pack).exit_code == 0
    bundle.write_text(bundle.read_text().replace('"halt-entry"', '"allow"'))
    result = run("replay", bundle, "--packs", pack, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["differences"] == ["decision"]
    assert run("replay", bundle).exit_code == 1, "the pack is not among those that ship"


def test_diff_lists_what_changes_with_an_example(pack: Path, tmp_path: Path) -> None:
    """A version is taken with the earlier ones that lie beside it."""
    more = '[[supersedes]]\nversion = "1"\nclauses = ["H"]\n'
    later = write_pack(
        tmp_path / "packs" / "2", rule("H2", "hold", when='"listed"'), version="2", serial=2,
        effective="2024-01-01T00:00:00+00:00", more=more,
    )  # fmt: skip
    result = run("diff", pack, later)
    assert result.exit_code == 0, result.output
    assert "added: ch/H2" in result.stdout
    assert "buy: halt-entry (H) → hold (H2) in" in result.stdout
    assert '"listed": true' in result.stdout
    told = json.loads(run("diff", pack, later, "--json").stdout)
    assert told["removed"] == ["ch/H"]
    assert "0 of 0 cells change" in run("diff", pack, pack).stdout


def test_two_keys_sign_one_envelope_which_then_verifies(pack: Path, tmp_path: Path) -> None:
    """Signatures gather in the file; each refusal ends with 4 and its own name."""
    envelope, ring = tmp_path / "signed.json", tmp_path / "keys.toml"
    accounts = [Account.from_key(bytes([n]) * 32) for n in (1, 2)]
    (tmp_path / "k0").write_text(accounts[0].key.hex())
    (tmp_path / "k1").write_text(json.dumps(Account.encrypt(accounts[1].key, "pw", kdf="pbkdf2",
                                                            iterations=1000)))  # fmt: skip
    (tmp_path / "pw").write_text("pw\n")
    where = ("--chain-id", 71, "--registry", REGISTRY)
    sign = ("sign", pack, *where, "--expires", "2027-01-01T00:00:00+00:00", "-o", envelope)
    assert run(*sign, "--key", tmp_path / "k0").exit_code == 0
    second = (*sign, "--key", tmp_path / "k1", "--password-file", tmp_path / "pw")
    assert run(*second).exit_code == 0
    assert "has already signed" in run(*second).stderr
    ring.write_text(
        'authority = "ch"\nthreshold = 2\n'
        + "".join(f'[[key]]\naddress = "{a.address}"\n' for a in accounts)
    )
    verify = ("verify", envelope, "--pack", pack, "--keys", ring, "--at", AT)
    good = run(*verify, *where)
    assert good.exit_code == 0, good.output
    assert len(json.loads(good.stdout)["signers"]) == 2
    for arguments, name in (
        (("--chain-id", 1, "--registry", REGISTRY), "WrongChain"),
        ((*where, "--current-serial", 1), "LowerVersion"),
        ((*where, "--at", "2028-01-01T00:00:00Z"), "SignatureExpired"),
    ):
        refused = run(*verify, *arguments)
        assert refused.exit_code == 4
        assert name in refused.stderr


def test_a_key_file_that_holds_no_key_is_never_repeated(pack: Path, tmp_path: Path) -> None:
    """One wrong digit must not put the rest of the key on a screen."""
    (tmp_path / "k").write_text("0x" + "1" * 63 + "g")
    result = run(
        "sign", pack, "--key", tmp_path / "k", "--chain-id", 71, "--registry", REGISTRY,
        "--expires", "2027-01-01T00:00:00+00:00", "-o", tmp_path / "out",
    )  # fmt: skip
    assert result.exit_code == 1
    assert "1111" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_blinder_key_is_never_overwritten(tmp_path: Path) -> None:
    """Losing it would give every client a second limit."""
    file = tmp_path / "key"
    first = run("counters", "new-key", file)
    assert first.exit_code == 0
    assert len(first.stdout.strip()) == 64
    assert file.stat().st_mode & 0o077 == 0
    assert run("counters", "new-key", file).exit_code == 1
