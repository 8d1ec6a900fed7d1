"""A gate catches a cheat, or it ranks below its sources, or neither."""

from __future__ import annotations

import pytest

from lvbench.engine.video_pass.tools import Tools, build_tools
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import MetricEntry
from lvbench.results.schema import ItemScore
from lvbench.validity.cheats_outcome import HONEST, RIVALS, Outcome, Standing, outcomes, standings
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
    assert ("temporal_flicker" in found.worse) == (flicker > 1)


def test_scores_that_did_not_pass_do_not_rank(tools: Tools) -> None:
    cheat = Condition("cheat", "cheat")
    trials = [trial(s, UNTOUCHED, 1.0, 0.0) for s in SOURCES]
    trials += [trial(s, cheat, 3.0, 0.0) for s in SOURCES]
    (found,) = outcomes(by_source(trials), tools, passed=lambda key: key == "stillness")
    assert found.place != "below"


def boards(
    tools: Tools, flickers: dict[str, float], sources: list[str] = SOURCES
) -> dict[str, Standing]:
    """Return the boards, by the cheat left out, of sources that flicker by about 1.

    A cheat flickers four times as much as its source where `flickers` does not say otherwise; the
    still ones are caught by the gate.
    """
    trials = [trial(s, UNTOUCHED, 1 + i / 100, 0.0) for i, s in enumerate(sources)]
    for name in RIVALS:
        cheat, still = Condition("cheat", name), 0.9 * name.startswith("still")
        trials += [
            trial(s, cheat, flickers.get(name, 4.0) * (1 + i / 90), still)
            for i, s in enumerate(sources)
        ]
    found = standings(by_source(trials), tools, passed=lambda _: True)
    return {one.left_out: one for one in found}


def test_honest_is_alone_on_top_with_and_without_each_other(tools: Tools) -> None:
    found = boards(tools, {"sprite": 2.0})
    assert list(found) == ["", *RIVALS]
    assert all(one.honest_alone for one in found.values())
    assert found[""].groups[:2] == ((HONEST,), ("sprite",))
    assert set(found[""].gate_failed) == {"still_grain_3", "still_zoom", "still_shake"}


@pytest.mark.parametrize("flicker", [0.1, 0.995])
def test_a_cheat_at_or_above_the_sources_is_seen_on_every_board_with_it(
    tools: Tools, flicker: float
) -> None:
    found = boards(tools, {"slides": flicker})
    assert [name for name, one in found.items() if one.honest_alone] == ["slides"]


def test_few_sources_or_a_cheat_that_was_not_tried_give_no_order(tools: Tools) -> None:
    found = boards(tools, {}, SOURCES[:7])
    assert found[""].groups == ()
    assert HONEST in found[""].unranked
    assert not found[""].honest_alone
    trials = [trial(s, UNTOUCHED, 1.0, 0.0) for s in SOURCES]
    assert standings(by_source(trials), tools, passed=lambda _: True) == []
