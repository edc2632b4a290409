"""`sogdia travel-rule validate` and `convert`, run as a user runs them."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from tests.unit.compliance.travel_rule.ivms101.payloads import WALLET, plain_2023

from sogdia.cli.main import main


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    """Run the command and return what it printed and its exit code."""
    return CliRunner().invoke(main, ["travel-rule", *arguments], input=stdin)


def written(folder: Path, raw: dict[str, Any]) -> str:
    """Write `raw` to a file and return its name."""
    path = folder / "payload.json"
    path.write_text(json.dumps(raw))
    return str(path)


def test_a_sound_payload_ends_with_zero(tmp_path: Path) -> None:
    """The verdict goes to standard output."""
    result = run("validate", written(tmp_path, plain_2023()))
    assert result.exit_code == 0, result.output
    assert "conforms to IVMS101 2023" in result.stdout


def test_a_broken_constraint_ends_with_four_and_names_path_and_constraint(tmp_path: Path) -> None:
    """Exit code 4 is a refusal by a rule."""
    raw = plain_2023()
    raw["originator"]["originatorPerson"][0]["naturalPerson"]["countryOfResidence"] = "UK"
    result = run("validate", written(tmp_path, raw), "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["violations"] == [
        {
            "path": "originator.originatorPerson[0].naturalPerson.countryOfResidence",
            "constraint": "C3",
            "problem": "is neither an ISO 3166-1 alpha-2 code nor XX",
            "value": "UK",
        }
    ]


def test_the_day_of_judgement_can_be_given(tmp_path: Path) -> None:
    """A birth on 2020-01-01 lies in the future of 2019."""
    raw = plain_2023()
    birth = raw["originator"]["originatorPerson"][0]["naturalPerson"]["dateAndPlaceOfBirth"]
    birth["dateOfBirth"] = "2020-01-01"
    name = written(tmp_path, raw)
    assert run("validate", name, "--as-of", "2019-12-31").exit_code == 4
    assert run("validate", name, "--as-of", "2020-01-02").exit_code == 0


def test_c10_uses_the_list_that_is_given(tmp_path: Path) -> None:
    """GLEIF's columns; a register that is not on the list is refused, a bad list is an error."""
    raw = plain_2023()
    raw["beneficiary"]["beneficiaryPerson"][0]["legalPerson"]["nationalIdentification"] = {
        "nationalIdentifier": "123456789012",
        "nationalIdentifierType": "TXID",
        "registrationAuthority": "RA000427",
    }
    listed = tmp_path / "ra.csv"
    listed.write_text("Registration Authority Code,Country\nRA000427,Kazakhstan\n")
    other = tmp_path / "other.csv"
    other.write_text("Registration Authority Code,Country\nRA000001,Afghanistan\n")
    broken = tmp_path / "broken.csv"
    broken.write_text("Registration Authority Code,Country\nRA1,Nowhere\n")
    name = written(tmp_path, raw)
    assert run("validate", name, "--registration-authorities", str(listed)).exit_code == 0
    assert run("validate", name, "--registration-authorities", str(other)).exit_code == 4
    result = run("validate", name, "--registration-authorities", str(broken))
    assert result.exit_code == 1
    assert "broken.csv:2" in result.stderr


def test_conversion_reads_standard_input_and_goes_both_ways(tmp_path: Path) -> None:
    """2023 to 2020 and back is the document that went in."""
    source = json.dumps(plain_2023()).encode()
    old = run("convert", "-", "--to", "2020", stdin=source)
    assert old.exit_code == 0
    assert json.loads(old.stdout)["originator"]["accountNumber"] == [WALLET]
    target = tmp_path / "new.json"
    new = run("convert", "-", "--to", "2023", "-o", str(target), stdin=old.stdout.encode())
    assert new.exit_code == 0
    assert json.loads(target.read_text()) == plain_2023()


def test_what_cannot_be_read_is_not_converted(tmp_path: Path) -> None:
    """Exit code 4, the reason on standard error, nothing on standard output, no file."""
    target = tmp_path / "never.json"
    result = run("convert", "-", "--to", "2020", "-o", str(target), stdin=b'{"originator": 1}')
    assert result.exit_code == 4
    assert result.stdout == ""
    assert "originator: TYPE" in result.stderr
    assert not target.exists()
