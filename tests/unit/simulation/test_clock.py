"""Virtual time."""

from sogdia.simulation.clock import Timeline


def test_events_happen_in_time_and_equal_times_in_the_order_of_asking() -> None:
    """Also what an event asks for on the way; what is in the past happens now."""
    timeline, seen = Timeline(), list[tuple[str, int]]()

    def note(name: str) -> None:
        seen.append((name, timeline.now))
        if name == "b":
            timeline.at(3, note, "late")
            timeline.after(0, note, "at once")

    for time, name in ((20, "d"), (10, "b"), (10, "c"), (5, "a"), (30, "never")):
        timeline.at(time, note, name)
    timeline.run_until(25)
    expected = [("a", 5), ("b", 10), ("c", 10), ("late", 10), ("at once", 10), ("d", 20)]
    assert seen == expected
    assert timeline.now == 25
