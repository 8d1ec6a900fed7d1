"""What a client shows is safe and short; how it calls and retries is shown in test_hosted."""

from __future__ import annotations

import time

import pytest

from lvbench.generators.hosted_client import Client, LateError, Patience, Secret, same_origin

SECRET = Secret("sk-1", "Authorization", "Bearer sk-1")


def client(seconds: float = 60.0, waits: list[float] | None = None) -> Client:
    sleep = time.sleep if waits is None else waits.append
    return Client(SECRET, {}, Patience(seconds, 1.0, 2), sleep)


def test_the_key_is_never_shown() -> None:
    assert client().safe("no Bearer sk-1,\n\n and 'sk-1'") == "no Bearer ***, and '***'"
    assert "sk-1" not in repr(SECRET)
    shown = client().safe(" sk-1 " * 400)
    assert len(shown) < 310
    assert "sk-" not in shown


def test_no_wait_goes_past_the_end() -> None:
    waits: list[float] = []
    waiting = client(5.0, waits)
    waiting.wait(60.0)
    assert waits == [pytest.approx(5.0, abs=0.5)]
    with pytest.raises(LateError):
        client(0.0, waits).wait(1.0)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://a.example/x?y", True),
        ("http://a.example/", False),
        ("https://a.example:8443/", False),
        ("https://b.a.example/", False),
        ("https://a.example@evil.example/", False),
    ],
)
def test_the_service_itself_is_known_by_scheme_and_host(other: str, same: bool) -> None:
    assert same_origin("https://a.example/v1", other) is same
