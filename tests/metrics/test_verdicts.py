"""The shipped verdicts are valid, and only those of the current version count."""

from __future__ import annotations

import pytest

from lvbench.metrics import verdicts
from lvbench.metrics.registry import METRICS
from lvbench.metrics.verdicts import Verdict, Verdicts, verdict_of


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "freeze": Verdict(status="passed", version=METRICS.get("freeze").info.version),
        "loop": Verdict(status="passed", version=99),
        "a_plugin": Verdict(status="passed", version=1),
    }
    monkeypatch.setattr(verdicts, "_shipped", lambda: Verdicts(sources=("a",), verdicts=own))


@pytest.mark.usefixtures("shipped")
def test_a_verdict_of_another_version_is_none() -> None:
    assert verdict_of("freeze").status == "passed"
    assert verdict_of("loop").status == "not tried"
    assert verdict_of("loop").reasons == ("version 99 was tried, this is version 1",)
    assert verdict_of("a_plugin").status == "not tried"
    assert verdict_of("freeze.fraction").status == "not tried"


def test_the_shipped_verdicts_are_of_metrics_that_exist() -> None:
    found = verdicts._shipped()
    names = {score.partition("@")[0].partition(".")[0] for score in found.verdicts}
    assert names <= set(METRICS.names())
    assert all(one.reasons for one in found.verdicts.values() if one.status != "passed")
