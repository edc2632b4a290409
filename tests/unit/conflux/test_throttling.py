"""The family's token buckets, at times of our choosing."""

from pathlib import Path

import pytest

from sogdia.conflux.configuration import InvalidConfiguration
from sogdia.conflux.errors import Throttled
from sogdia.conflux.throttling import AGAIN_LATER, TokenBucket, read_buckets, throttle
from sogdia.ledger.rpc.method import Method


def outcome(bucket: TokenBucket, now_s: float) -> str:
    """Return what a call comes to: nothing, or the words of its refusal."""
    try:
        bucket.take(now_s)
    except Throttled as refused:
        assert refused.code == -32072
        return refused.data
    return ""


def test_a_bucket_as_the_family_describes_it(tmp_path: Path) -> None:
    """Two calls, one that is told when to come, one more that is tolerated, then only no."""
    path = tmp_path / "throttling.toml"
    path.write_text('[rpc_local]\na_b="300,200,1,100,1"\nc_d="5,5,2,1,0"\n[rpc]\n')
    buckets = read_buckets(path, "rpc_local", 1_000.0)
    assert read_buckets(path, "rpc", 0.0) == {}
    slow, quick = buckets["a_b"], buckets["c_d"]
    assert [outcome(slow, 1_000.0) for _ in range(5)] == [
        "",
        "",
        "throttled in 100.000s",
        "throttled in 100.000s",
        AGAIN_LATER,
    ]
    assert outcome(slow, 1_100.0) == ""
    assert [outcome(quick, 1_000.0) for _ in range(7)] == [
        *[""] * 5,
        "throttled in 0.500s",
        AGAIN_LATER,
    ]
    assert [outcome(quick, 1_001.0) for _ in range(3)] == ["", "", "throttled in 0.500s"]
    assert [outcome(quick, 9_000.0) for _ in range(6)][-2:] == ["", "throttled in 0.500s"]


def test_only_named_methods_stand_behind_a_bucket() -> None:
    """The others are handed on as they are."""
    times = [0.0]
    methods = [Method.of("a_b", lambda node: node), Method.of("c_d", lambda node: node)]
    bucket = TokenBucket(1, 1.0, 1, 1, 0, 0.0)
    named, other = throttle(methods, {"a_b": bucket}, lambda: times[0])
    assert other is methods[1]
    assert named.handler("x") == "x"
    with pytest.raises(Throttled):
        named.handler("x")
    times[0] = 1.0
    assert named.handler("x") == "x"


@pytest.mark.parametrize("line", ['"1,2,3,4"', '"1,2,x,4,5"', "7", '"1,1,0,1,1"', "="])
def test_a_wrong_line_is_refused(tmp_path: Path, line: str) -> None:
    """With its method, or as what is no TOML at all."""
    path = tmp_path / "throttling.toml"
    path.write_text(f"[rpc]\na_b={line}\n")
    with pytest.raises(InvalidConfiguration, match=r"a_b|throttling_conf"):
        read_buckets(path, "rpc", 0.0)
