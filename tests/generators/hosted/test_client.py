"""How a client waits; how it calls and retries is shown in test_hosted."""

from __future__ import annotations

import time

import pytest

from lvbench.generators.hosted.client import Client, LateError, Patience, Secret

SECRET = Secret("sk-1", "Authorization", "Bearer sk-1")


def client(seconds: float = 60.0, waits: list[float] | None = None) -> Client:
    sleep = time.sleep if waits is None else waits.append
    return Client(SECRET, {}, Patience(seconds, 1.0, 2), sleep)


def test_the_key_is_in_no_representation() -> None:
    assert "sk-1" not in repr(SECRET)


def test_no_wait_goes_past_the_end() -> None:
    waits: list[float] = []
    waiting = client(5.0, waits)
    waiting.wait(60.0)
    assert waits == [pytest.approx(5.0, abs=0.5)]
    with pytest.raises(LateError):
        client(0.0, waits).wait(1.0)
