"""`kill -9` at random instants under load loses nothing that was acknowledged."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "kill_nine.py"


def load_script() -> ModuleType:
    """Return the script as a module; it is a command, not a part of the package."""
    specification = importlib.util.spec_from_file_location("kill_nine", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["kill_nine"] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.timeout(14_400)  # a round takes two seconds of processor, and waits for its turn
@pytest.mark.parametrize(
    "rounds", [pytest.param(50), pytest.param(1_000, marks=[pytest.mark.full])]
)
def test_nothing_acknowledged_is_lost(tmp_path: Path, rounds: int) -> None:
    """The seed is printed; the script takes it with --seed."""
    seed = random.randrange(2**32)
    print(f"scripts/kill_nine.py --rounds {rounds} --seed {seed}")
    report = load_script().kill_nine(tmp_path, rounds=rounds, seed=seed)
    assert report["acknowledged"] > 0


@pytest.mark.parametrize("whole", [True, False])
def test_a_loss_is_noticed(tmp_path: Path, whole: bool) -> None:
    """The planted defect: an acknowledgement that no node ever gave."""
    script = load_script()
    chain = script.Chain(tmp_path, 1)
    chain.start()
    try:
        chain.senders[0].acknowledged[0] = "0x" + "11" * 32
        with pytest.raises(script.Losses, match="1 acknowledged transactions are gone"):
            chain.verify(whole=whole)
        chain.senders[0].acknowledged.clear()
        chain.senders[0].next_nonce = 7
        with pytest.raises(script.Losses, match="is at nonce 0, and 7 was next"):
            chain.verify(whole=whole)
    finally:
        chain.kill()
