"""`kill -9` in the middle of writing: what was acknowledged is there, and the chain is whole."""

import signal
import subprocess
import sys

from tests.unit.compliance.cases.office import Office

from sogdia.compliance.cases.desk import Order

KILLS = 3
ACKNOWLEDGED_MIN = 20  # notes before each kill: enough to land inside a commit sooner or later

WRITER = """
import datetime, os, sys
from sogdia.compliance.cases.desk import Desk, Order
from sogdia.compliance.database import open_database
desk = Desk(open_database(sys.argv[1]), lambda: datetime.datetime.now(datetime.UTC), os.urandom)
number = 0
while True:
    print(desk.note(Order(sys.argv[2], "olga"), f"note {number}").digest, flush=True)
    number += 1
"""


def test_kill_9_loses_nothing_that_was_acknowledged(office: Office) -> None:
    """A writer is killed three times; every digest that it printed is in the verified history."""
    case = office.case()
    url = office.engine.url.render_as_string(hide_password=False)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, case], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(ACKNOWLEDGED_MIN):
            acknowledged.add(writer.stdout.readline().strip())
        writer.send_signal(signal.SIGKILL)
        acknowledged.update(line.strip() for line in writer.stdout if line.endswith("\n"))
        writer.wait()
        writer.stdout.close()
        office.desk.verify()
    assert len(acknowledged) >= KILLS * ACKNOWLEDGED_MIN
    digests = {event.digest for event in office.desk.history(case, "olga")}
    assert acknowledged <= digests
    office.desk.note(Order(case, "olga"), "and on it goes")
    office.desk.verify()
