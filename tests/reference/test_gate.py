"""What is said of the weights that ship was measured on these weights."""

from __future__ import annotations

import json

import pytest

from lvbench.errors import WeightsError
from lvbench.reference.gate import GATE, LEAST, MOST, gate_status, passed
from lvbench.reference.weights import shipped, weights_of

GOOD = MOST | LEAST


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_gate_was_measured_on_the_weights_that_ship(name: str) -> None:
    found = weights_of(name)
    measured = json.loads(found.path.with_name(GATE).read_text("utf-8"))
    assert measured["weights"] == found.sha256
    levels = {int(level): told for level, told in measured["levels"].items()}
    assert measured["passed"] == passed(levels)
    assert gate_status(name).startswith(f"weights {found.sha256[:12]}, {name}: the gate is passed ")


def test_a_level_is_passed_with_those_below_it() -> None:
    bad = GOOD | {"identity after frames": 0.79}
    assert passed({0: GOOD, 1: GOOD, 2: bad, 3: GOOD}) == 1
    assert passed({0: bad, 1: GOOD}) is None


@pytest.mark.parametrize("name", sorted(MOST))
def test_each_number_can_fail_a_level(name: str) -> None:
    assert passed({0: GOOD | {name: MOST[name] + 0.01}}) is None


def test_what_does_not_ship_has_no_standing() -> None:
    with pytest.raises(WeightsError, match="no weights are shipped for it"):
        gate_status("base")
