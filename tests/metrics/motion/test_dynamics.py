from __future__ import annotations

import pytest

from lvbench.metrics.motion.dynamics import Dynamics
from lvbench.results.schema import ItemScore


def _derived(share: float) -> float:
    found = Dynamics().derive({"stillness": ItemScore(value=0.0, components={"change": share})})
    assert found.value is not None
    return found.value


def test_it_grows_with_the_change_and_never_ends() -> None:
    values = [_derived(share) for share in (0.0, 0.05, 0.25, 0.9, 1.0)]
    assert values[0] == 0.0
    assert values == sorted(set(values))
    assert values[2] == pytest.approx(0.632, abs=1e-3)
    assert values[-1] < 1.0


def test_it_has_the_reason_of_its_source() -> None:
    short = ItemScore(status="not_applicable", code="too_short", detail="2 samples")
    assert Dynamics().derive({"stillness": short}).code == "too_short"
    assert Dynamics().derive({}).code == "no_source"


def test_the_scale_must_be_positive() -> None:
    with pytest.raises(ValueError, match="ordinary"):
        Dynamics(ordinary=0.0)
