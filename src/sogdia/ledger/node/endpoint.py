"""How to reach the nodes of this machine: one small file each, in the runtime directory."""

from pathlib import Path

import msgspec


class Endpoint(msgspec.Struct, frozen=True):
    """What a running node says of itself."""

    process: int
    rpc: str
    network: str
    chain_id: int
    data_dir: str
    # The guarded socket, if there is one; its secret lies beside it.
    guarded: str | None = None


def publish(directory: Path, endpoint: Endpoint) -> Path:
    """Write the file of `endpoint`; return its path, for whoever removes it."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"{endpoint.process}.json"
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(endpoint))
    draft.rename(path)
    return path


def running(directory: Path) -> list[Endpoint]:
    """Return the nodes that run; remove the files of those that were killed."""
    found = []
    try:
        paths = sorted(directory.glob("*.json"))
    except PermissionError:  # another user's
        return []
    for path in paths:
        try:
            endpoint = msgspec.json.decode(path.read_bytes(), type=Endpoint)
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
            continue  # removed meanwhile, or not ours
        if _is_alive(endpoint.process):
            found.append(endpoint)
        else:
            for left in (path, path.with_suffix(".sock"), path.with_suffix(".secret")):
                left.unlink(missing_ok=True)
    return found


def _is_alive(process: int) -> bool:
    """Tell whether it runs; one that ended and that nobody reaped, as in a container, does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.split()[0] not in "ZX"
