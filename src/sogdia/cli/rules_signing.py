"""`sogdia rules sign` and `verify`: m of n keys of an authority over one pack."""

import json
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sogdia.cli.exits import Exit
from sogdia.cli.moments import Moment

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(name="sign")
@click.argument("pack", type=FOLDER)
@click.option("--key", type=FILE, required=True, help="Encrypted keystore, or a file with the key.")
@click.option("--password-file", type=FILE, help="The keystore's password; asked for otherwise.")
@click.option("--chain-id", type=int, required=True, help="The chain it is published on.")
@click.option("--registry", required=True, help="The registry contract's checksum address.")
@click.option("--expires", type=Moment(), required=True, help="Valid until this moment.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The envelope; when it exists, this signature joins those in it.",
)
def sign_command(
    *,
    pack: Path,
    key: Path,
    password_file: Path | None,
    chain_id: int,
    registry: str,
    expires: datetime,
    output: Path,
) -> None:
    """Sign PACK for a registry (EIP-712). Run it once for each key; the signatures gather.

    Ends with 0, or 1 when the pack is refused, the key has signed already, or the envelope at
    --output is for another pack, chain, registry or expiry.
    """
    from sogdia.compliance.rules.errors import RulesError
    from sogdia.compliance.rules.facts import read_json
    from sogdia.compliance.rules.loading import load_pack
    from sogdia.compliance.rules.signing import Registry, SignedPack, prepare, sign

    secret = _read_key(key, password_file)
    try:
        envelope = prepare(load_pack(pack), Registry(chain_id, registry), expires)
        if output.exists():
            earlier = SignedPack.from_json(read_json(output.read_bytes()))
            if earlier.to_json() | {"signatures": []} != envelope.to_json():
                raise click.ClickException(f"{output} was signed for something else; name another")
            envelope = earlier
        envelope = sign(envelope, secret)
    except RulesError as error:
        raise click.ClickException(str(error)) from None
    text = json.dumps(envelope.to_json(), indent=2) + "\n"
    output.write_text(text, "utf-8")
    click.echo(text, nl=False)


@click.command(name="verify")
@click.argument("envelope", type=FILE)
@click.option("--pack", type=FOLDER, required=True, help="The pack that was signed.")
@click.option("--keys", type=FILE, required=True, help="TOML: authority, threshold, [[key]].")
@click.option("--chain-id", type=int, required=True)
@click.option("--registry", required=True)
@click.option("--current-serial", type=int, default=0, help="What the registry holds already.")
@click.option("--at", type=Moment(), help="The moment to verify for. Default: now.")
def verify_command(
    *,
    envelope: Path,
    pack: Path,
    keys: Path,
    chain_id: int,
    registry: str,
    current_serial: int,
    at: datetime | None,
) -> None:
    """Check the signatures in ENVELOPE over a pack.

    KEYS is TOML such as: authority = "ch", threshold = 2, and for each key [[key]] with address
    and, once it is retired, retired = 2026-01-01T00:00:00Z. Ends with 0, or 4 when refused.
    """
    from sogdia.compliance.rules.errors import RulesError
    from sogdia.compliance.rules.facts import read_json
    from sogdia.compliance.rules.loading import load_pack
    from sogdia.compliance.rules.signing import Registry, SignatureError, SignedPack, verify

    now = at or datetime.now(UTC)
    try:
        signed = SignedPack.from_json(read_json(envelope.read_bytes()))
        ring = _read_ring(keys)
        loaded = load_pack(pack)
        signers = verify(
            signed, loaded, ring, Registry(chain_id, registry), now, current_serial=current_serial
        )
    except SignatureError as error:
        click.echo(f"refused: {type(error).__name__}: {error}", err=True)
        sys.exit(Exit.REFUSED)
    except RulesError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        json.dumps(
            {"pack": loaded.name, "digest": "0x" + loaded.digest.hex(), "signers": list(signers)}
        )
    )


def _read_key(file: Path, password_file: Path | None) -> bytes:
    from sogdia.eth_accounts import Account

    text = file.read_text("utf-8").strip()
    try:
        if not text.startswith("{"):
            return bytes.fromhex(text.removeprefix("0x"))
        password = (
            click.prompt("password", hide_input=True, err=True)
            if password_file is None
            else password_file.read_text("utf-8").rstrip("\n")
        )
        return bytes(Account.decrypt(text, password))
    except ValueError:
        # Never repeat what the file held: it may be the key with one wrong digit.
        raise click.ClickException(
            f"{file} holds no usable key, or the password is wrong"
        ) from None


def _read_ring(file: Path) -> Any:
    from sogdia.compliance.rules.signing import AuthorityKey, KeyRing

    try:
        data = tomllib.loads(file.read_text("utf-8"))
        keys = tuple(AuthorityKey(row["address"], row.get("retired")) for row in data["key"])
        if any(k.retired is not None and k.retired.tzinfo is None for k in keys):
            raise click.ClickException(f"{file}: a retirement has no zone")
        return KeyRing(data["authority"], data["threshold"], keys)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(f"{file}: not a list of keys: {error!r}") from None
