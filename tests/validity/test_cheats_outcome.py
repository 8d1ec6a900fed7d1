"""A gate catches a cheat, or it ranks below its sources, or neither."""

from __future__ import annotations

import pytest

from lvbench.engine.video_pass.tools import Tools, build_tools
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import MetricEntry
from lvbench.results.schema import ItemScore
from lvbench.validity.cheats_outcome import Outcome, outcomes
from lvbench.validity.condition import UNTOUCHED, Condition
from lvbench.validity.table import by_source
from lvbench.validity.trials import Measured, Trial

SOURCES = [f"s{i}" for i in range(10)]


@pytest.fixture(scope="module")
def tools() -> Tools:
    smoke = load_protocol("lvb-smoke")
    names = ("temporal_flicker", "stillness")
    return build_tools(
        smoke.model_copy(
            update={
                "metrics": [MetricEntry(name=name, version=1) for name in names],
                "gates": [gate for gate in smoke.gates if gate.metric == "stillness"],
                "extractors": {"dis": smoke.extractors["dis"]},
            }
        )
    )


def trial(source: str, condition: Condition, flicker: float, stillness: float) -> Trial:
    values = {"temporal_flicker": flicker, "stillness": stillness}
    scores = {k: Measured(identity="", score=ItemScore(value=v)) for k, v in values.items()}
    return Trial(
        source=source, sha256="", kind=condition.kind, name=condition.name, dose=0.0,
        planting="", scores=scores,
    )  # fmt: skip


def outcome(tools: Tools, flicker: float, stillness: float) -> Outcome:
    """Return the outcome of a cheat with these values, of sources that flicker by about 1."""
    cheat = Condition("cheat", "cheat")
    trials = [trial(s, UNTOUCHED, 1 + i / 100, 0.0) for i, s in enumerate(SOURCES)]
    trials += [
        trial(s, cheat, flicker * (1 + i / 90), stillness * (1 + i / 99) * (i > 0))
        for i, s in enumerate(SOURCES)
    ]
    (found,) = outcomes(by_source(trials), tools, passed=lambda _: True)
    return found


def test_a_gate_that_fails_is_named_by_source(tools: Tools) -> None:
    found = outcome(tools, 0.1, 0.9)
    assert found.place == "gate failed"
    assert found.gates["s1"] == ("stillness",)
    assert found.gates["s0"] == ()
    assert not found.caught


@pytest.mark.parametrize(
    ("flicker", "stillness", "place", "caught"),
    [
        (3.0, 0.0, "below", True),
        (0.1, 0.0, "above", False),
        (0.1, 0.04, "tied", False),
    ],
)
def test_a_cheat_without_a_gate_is_ranked(
    tools: Tools, flicker: float, stillness: float, place: str, caught: bool
) -> None:
    found = outcome(tools, flicker, stillness)
    assert (found.place, found.caught) == (place, caught)


def test_scores_that_did_not_pass_do_not_rank(tools: Tools) -> None:
    cheat = Condition("cheat", "cheat")
    trials = [trial(s, UNTOUCHED, 1.0, 0.0) for s in SOURCES]
    trials += [trial(s, cheat, 3.0, 0.0) for s in SOURCES]
    (found,) = outcomes(by_source(trials), tools, passed=lambda key: key == "stillness")
    assert found.place != "below"
