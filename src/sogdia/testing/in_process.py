"""A development node inside the test's own process, on an event loop in a thread.

It is the whole node, port and store included; only the process is missing. It starts in a third of
the time, a debugger reaches it, and what it logs stands among what the test printed.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sogdia.testing.node import STOP_S_MAX, DevelopmentNode, NodeFailed


@contextmanager
def run_in_process(folder: Path, **settings: Any) -> Iterator[DevelopmentNode]:
    """Run a node over `folder` until the block ends; `settings` name theirs with `__` for the dot.

    Raises:
        NodeFailed: it did not start, or does not stop.
    """
    # Imported here: who only wants a process pays nothing for the node's parts.
    from sogdia.ledger.node.config import DEVELOPMENT_PROFILE, load_config
    from sogdia.ledger.node.node import Node
    from sogdia.ledger.node.supervisor import Supervisor

    flags = {name.replace("__", "."): value for name, value in settings.items()}
    place = {"node.data_dir": folder / "data", "rpc.port": 0}
    # Nothing of the machine's own settings, and not among its running nodes.
    environment = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    folder.mkdir(parents=True, exist_ok=True)
    config = load_config(place | flags, environment, directory=folder, profile=DEVELOPMENT_PROFILE)
    supervisor = Supervisor(lambda own: Node(config, environment, fresh=False, supervisor=own))
    ready: Future[str] = Future()

    def live() -> None:
        try:
            asyncio.run(supervisor.run(lambda started: ready.set_result(started.rpc)))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=live, name="node", daemon=True)
    thread.start()
    try:
        node = DevelopmentNode(ready.result())
    except Exception as error:
        raise NodeFailed(f"the node did not start: {error}") from error
    try:
        yield node
    finally:
        node.close()
        supervisor.end()
        thread.join(STOP_S_MAX)
        if thread.is_alive():
            raise NodeFailed(f"the node has not stopped in {STOP_S_MAX} s")
