"""The chain's clock when the machine's falls (Y3)."""

from sogdia.ledger.node.chain_clock import ChainClock


def test_a_development_chains_clock_never_falls() -> None:
    """It stands for a moment and goes on as fast as the machine's, however often that falls."""
    machine = [1_000]
    clock = ChainClock(lambda: machine[0])
    shown = []
    for machine[0] in (1_000, 4_600, 1_000, 1_005, 900, 910):
        shown.append(clock())
    assert shown == [1_000, 4_600, 4_600, 4_605, 4_605, 4_615]
    clock.set_ahead(-3_000)
    assert clock() == 1_615, "its user may set it back"


def test_a_networks_clock_is_the_machines() -> None:
    """Put right, it is right."""
    machine = [4_600]
    clock = ChainClock(lambda: machine[0], is_steady=False)
    assert clock() == 4_600
    machine[0] = 1_000
    assert clock() == 1_000
