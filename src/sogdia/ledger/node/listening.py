"""Whether an address can be listened on, and the words when it cannot."""

import errno
import socket

from sogdia.ledger.node.errors import CannotListen, NodeError, PortInUse, UnknownHost


def probe_port(host: str, port: int) -> None:
    """Refuse a port in use before anything is opened or discarded.

    Raises:
        PortInUse, CannotListen, UnknownHost: as `listen_error` tells them apart.
    """
    if port == 0:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What a server before us left in TIME_WAIT does not count, as it does not for asyncio.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise listen_error(error, host, port) from error


def listen_error(error: OSError, host: str, port: int, table: str = "rpc") -> NodeError:
    """Return what to say where listening ended with `error`; the settings `table` name where."""
    if error.errno == errno.EADDRINUSE:
        return PortInUse(host=host, port=port, table=table)
    detail = error.strerror or str(error)
    if isinstance(error, socket.gaierror):
        return UnknownHost(host=host, detail=detail, table=table)
    return CannotListen(host=host, port=port, detail=detail, table=table)
