"""`sogdia doctor`: what is wrong on this machine, and what to do about it.

D1  Nothing is changed: no folder is made, no node is started, no lock is kept.
D2  A warning may stay; a problem makes the command end with the code that a node would end with.
"""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from sogdia.cli.exits import Exit
from sogdia.cli.findings import Finding, Level


@click.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="Settings of a node.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Look at this data directory.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Look at this JSON-RPC port.")
@click.option("--rpc", "url", help="Ask the node at this address instead of those running here.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(
    *, file: Path | None, data_dir: Path | None, port: int | None, url: str | None, as_json: bool
) -> None:
    """Look over this machine and the nodes on it; say what is wrong and what to do.

    Without --config it looks at what `sogdia up` would use here.
    """
    findings = [_python(), _native()]
    if findings[-1].level is not Level.PROBLEM:
        flags = {"node.data_dir": data_dir, "rpc.port": port}
        given = {name: value for name, value in flags.items() if value is not None}
        findings += _all(given, file, url)
    if as_json:
        rows = [{**asdict(each), "level": each.level.value} for each in findings]
        click.echo(json.dumps({"sound": not _problems(findings), "findings": rows}))
    else:
        for each in findings:
            click.echo("\n".join(each.lines()))
    if _problems(findings):
        raise SystemExit(_problems(findings)[0].code)


def _problems(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.level is Level.PROBLEM]


def _python() -> Finding:
    build = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", Level.OK, build)


def _native() -> Finding:
    try:
        from sogdia.ledger.primitives.build import build_info
    except ImportError as error:
        return Finding(
            "native module",
            Level.PROBLEM,
            f"does not load: {error}",
            "Install sogdia again, for this Python and this kind of machine.",
            Exit.FAILED,
        )
    info = build_info()
    found = f"{info['version']} ({info['commit']}, {info['profile']} build)"
    if info["profile"] != "release":
        todo = "Build with --release before you measure anything: this one is many times slower."
        return Finding("native module", Level.WARNING, found, todo)
    return Finding("native module", Level.OK, found)


def _all(flags: Mapping[str, object], file: Path | None, url: str | None) -> list[Finding]:
    # Imported here: where the native module does not load, these do not either.
    from sogdia.cli import doctor_machine, doctor_nodes
    from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
    from sogdia.ledger.node.endpoint import running
    from sogdia.ledger.node.errors import ConfigError
    from sogdia.ledger.node.paths import runtime_dir

    nodes = running(runtime_dir(os.environ))
    seen = doctor_nodes.look_at_all(nodes, url)
    profile = None if file is not None else DEVELOPMENT_PROFILE
    try:
        config = load_config(flags, os.environ, directory=Path.cwd(), file=file, profile=profile)
    except ConfigError as error:
        wrong = Finding("settings", Level.PROBLEM, str(error), code=Exit.USAGE)
        return [wrong, doctor_machine.clock(), *seen]
    said = sorted({origin for each in config.values if (origin := config.origin(each)) not in
                   ("default", "command")})  # fmt: skip
    settings = f"from {', '.join(said)}" if said else "all by default"
    return [
        Finding("settings", Level.OK, settings),
        *doctor_machine.look_at_all(config, os.environ, nodes),
        *seen,
    ]
