"""`sogdia travel-rule keys | authority-key | license | address`: who is who."""

import datetime
import json
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def keys(*, file: Path) -> None:
    """Make an institution's keys, write them to FILE (mode 0600), print the public halves."""
    from sogdia.compliance.travel_rule.institutions.keys import (
        new_institution_keys,
        public_jwk,
        save_institution_keys,
    )

    fresh = new_institution_keys()
    try:
        save_institution_keys(file, fresh)
    except FileExistsError:
        raise click.ClickException(f"{file} exists: keys are never overwritten") from None
    public = {"signing_key": public_jwk(fresh.signing), "sealing_key": public_jwk(fresh.sealing)}
    click.echo(json.dumps(public, indent=2))


@click.command(name="authority-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def authority_key(*, file: Path) -> None:
    """Make an authority's signing key, write it to FILE (mode 0600), print the public half."""
    from sogdia.compliance.travel_rule.institutions.keys import (
        new_authority_key,
        public_jwk,
        save_private,
    )

    key = new_authority_key()
    try:
        save_private(file, key.as_dict(private=True))
    except FileExistsError:
        raise click.ClickException(f"{file} exists: keys are never overwritten") from None
    click.echo(json.dumps(public_jwk(key), indent=2))


@click.command()
@click.option("--authority-key", "key_file", type=click.Path(path_type=Path), required=True)
@click.option("--public", type=click.Path(path_type=Path), required=True, help="Output of `keys`.")
@click.option("--institution", required=True, help="LEI, or STATE:number.")
@click.option("--name", required=True)
@click.option("--state", required=True, help="ISO 3166-1 alpha-2.")
@click.option("--licence", required=True, help="The licence's number.")
@click.option("--origin", required=True, help="https://host[:port], where it is reached.")
@click.option("--serial", type=click.IntRange(min=0), required=True, help="Grows with each entry.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
@click.option(
    "--status", type=click.Choice(["licensed", "suspended", "withdrawn"]), default="licensed"
)
def license(*, key_file: Path, public: Path, days: int, **named: str) -> None:
    """Sign an entry of the licence register, as an authority, and print it."""
    from sogdia.compliance.travel_rule.institutions.keys import (
        InvalidKey,
        import_signing_key,
        load_private,
    )
    from sogdia.compliance.travel_rule.institutions.licence import (
        LicenceEntry,
        Unauthenticated,
        refuse_stale,
        sign_entry,
    )

    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    try:
        key = import_signing_key(load_private(key_file))
        halves = json.loads(public.read_text(encoding="utf-8"))
        entry = LicenceEntry(
            **{**named, "serial": int(named["serial"])},  # type: ignore[arg-type]
            signing_key=halves["signing_key"],
            sealing_key=halves["sealing_key"],
            issued_at=now,
            expires_at=now + datetime.timedelta(days=days),
        )
        if entry.status == "licensed":
            refuse_stale(entry, now)
    except (InvalidKey, Unauthenticated, OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(sign_entry(entry, key))


@click.command()
@click.argument("url")
def address(*, url: str) -> None:
    """Print the travel address of the inbox at the HTTPS URL, or the URL of a travel address."""
    from sogdia.compliance.travel_rule.institutions.travel_address import (
        InvalidTravelAddress,
        decode_travel_address,
        encode_travel_address,
    )

    try:
        is_url = url.startswith("https://")
        click.echo(encode_travel_address(url) if is_url else decode_travel_address(url))
    except InvalidTravelAddress as error:
        raise click.ClickException(str(error)) from None
