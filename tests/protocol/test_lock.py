"""A run folder belongs to one identity: another is refused, with the differing keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lvbench.errors import ConfigError
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import LOCK_FILE, claim, differing_keys, lock_text


def identity(**more: Any) -> Identity:
    protocol = {"name": "mine", "version": 1, "segment_seconds": 0.5} | more
    return Identity(protocol, {"freeze": {"version": 1}}, {"dis": {"batch": 16}}, "pyav-1")


def test_the_lock_holds_the_hash_and_all_that_is_hashed() -> None:
    held = yaml.safe_load(lock_text(identity()))
    assert held == {"hash": identity().hash, **identity().content()}


def test_the_same_identity_may_claim_again(tmp_path: Path) -> None:
    claim(tmp_path, identity())
    before = (tmp_path / LOCK_FILE).read_bytes()
    claim(tmp_path, identity())
    assert (tmp_path / LOCK_FILE).read_bytes() == before


def test_another_identity_is_refused_with_the_differing_keys(tmp_path: Path) -> None:
    claim(tmp_path, identity())
    with pytest.raises(ConfigError) as caught:
        claim(tmp_path, identity(segment_seconds=1.0, seed=1))
    error = caught.value
    assert error.found.endswith("differing: protocol.seed, protocol.segment_seconds")
    assert identity().hash[:12] in error.found
    assert error.code == "run_of_other_protocol"
    assert "--out" in error.fix


@pytest.mark.parametrize("content", ["", "- 1", "a: [", "hash: 123", "\x00"])
def test_a_broken_lock_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / LOCK_FILE).write_text(content)
    with pytest.raises(ConfigError) as caught:
        claim(tmp_path, identity())
    assert caught.value.code == "run_of_other_protocol"


@pytest.mark.parametrize(
    ("one", "other", "keys"),
    [
        ({"hash": 1, "a": 1}, {"hash": 2, "a": 1}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a.c"]),
        ({"a": {"hash": 1}}, {"a": {"hash": 2}}, ["a.hash"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, ["a"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": {"x": 1}}, {"a": 5}, ["a"]),
    ],
)
def test_differing_keys(one: object, other: object, keys: list[str]) -> None:
    assert differing_keys(one, other) == keys
