"""Tokens prove that the caller could read the secret, lately."""

import base64
import json

import pytest

from sogdia.ledger.rpc.token import TOKEN_TIME_S, WrongToken, issue_token, verify_token

SECRET = bytes(range(32))
NOW = 1_800_000_000


def test_a_token_is_a_json_web_token() -> None:
    token = issue_token(SECRET, NOW)
    head, claims, _ = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"iat": NOW}
    verify_token(token, SECRET, NOW)


@pytest.mark.parametrize("late_s", [-TOKEN_TIME_S, 0, TOKEN_TIME_S])
def test_a1_a_token_is_good_for_a_minute(late_s: int) -> None:
    verify_token(issue_token(SECRET, NOW), SECRET, NOW + late_s)


@pytest.mark.parametrize("late_s", [-TOKEN_TIME_S - 1, TOKEN_TIME_S + 1])
def test_a1_a_stale_token_is_refused(late_s: int) -> None:
    with pytest.raises(WrongToken, match=f"made {late_s} s ago, good for 60 s"):
        verify_token(issue_token(SECRET, NOW), SECRET, NOW + late_s)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "three parts"),
        ("a.b", "three parts"),
        ("a.b.c" + "c" * 600, "three parts"),
        ("....", "three parts"),
        ("é.b.c", "no JSON Web Token"),
        ("a.b.c", "no JSON Web Token"),
        (f"{_part({'alg': 'none'})}.{_part({'iat': NOW})}.", "HS256"),
        (f"{_part({'alg': 'HS256'})}.{_part({'iat': NOW})}.", "another secret"),
        (f"{_part({'alg': 'HS256'})}.{_part({'iat': '1'})}.", "no JSON Web Token"),
        (f"{_part({'alg': 'HS256'})}.{_part([])}.", "no JSON Web Token"),
        (issue_token(bytes(32), NOW), "another secret"),
    ],
)
def test_a2_what_proves_nothing_is_refused(token: str, words: str) -> None:
    with pytest.raises(WrongToken, match=words):
        verify_token(token, SECRET, NOW)
