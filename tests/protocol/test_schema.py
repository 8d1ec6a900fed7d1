"""A protocol's parts are checked against each other, and cannot be changed once read."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from lvbench.protocol.schema import Protocol

SMALLEST: dict[str, Any] = {
    "name": "mine",
    "version": 1,
    "segment_seconds": 0.5,
    "metrics": [{"name": "freeze", "version": 1}],
}


def test_what_is_left_out_has_these_values() -> None:
    protocol = Protocol.model_validate(SMALLEST)
    assert not protocol.draft
    assert protocol.decoder == "pyav"
    assert protocol.gates == []
    assert (protocol.interval.resamples, protocol.interval.seed) == (1000, 0)
    assert protocol.prompts is None


def test_a_metric_listed_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="metrics listed twice: freeze"):
        Protocol.model_validate(SMALLEST | {"metrics": SMALLEST["metrics"] * 2})


def test_a_gate_on_a_metric_that_does_not_run_is_refused() -> None:
    gate = {"metric": "loop", "value": 0.1, "share": 0.1}
    with pytest.raises(ValidationError, match="loop"):
        Protocol.model_validate(SMALLEST | {"gates": [gate]})


def test_a_protocol_without_metrics_is_refused() -> None:
    with pytest.raises(ValidationError):
        Protocol.model_validate(SMALLEST | {"metrics": []})


def test_a_protocol_cannot_be_changed() -> None:
    protocol = Protocol.model_validate(SMALLEST)
    with pytest.raises(ValidationError):
        protocol.version = 2  # type: ignore[misc]
