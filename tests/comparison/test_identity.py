"""Two runs are compared in the scores that were measured alike, and in no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lvbench.comparison.comment import comparison_markdown
from lvbench.comparison.compare import compare
from lvbench.comparison.html import comparison_page
from lvbench.comparison.identity import in_words
from lvbench.comparison.record import comparison_record
from lvbench.comparison.terminal import comparison_terminal
from lvbench.engine.video_pass.tools import build_tools
from lvbench.errors import ComparabilityError, ConfigError
from lvbench.protocol.identity import Identity
from lvbench.protocol.lock import lock_text
from lvbench.protocol.schema import Protocol

PROTOCOL = {
    "name": "lvb-smoke",
    "version": 1,
    "segment_seconds": 0.5,
    "metrics": [
        {"name": name, "version": 1}
        for name in ("exposure_drift", "colour_drift", "sharpness_drift", "temporal_flicker",
                     "flow_smoothness", "motion_magnitude", "freeze", "loop", "seam",
                     "shot_cuts", "diversity", "fvd")
    ],
}  # fmt: skip
REAL, OTHER = "a" * 64, "b" * 64
SET = {
    "ci_low": 1.0, "ci_high": 3.0, "ci_method": "jackknife", "n_expected": 14, "n_scored": 14,
    "n_failed": 0, "higher_is_better": False, "unit": "",
}  # fmt: skip
ABSENT = SET | {"ci_low": None, "ci_high": None, "n_expected": 0, "n_scored": 0}

Make = Callable[..., Path]


def identity(edit: Callable[[dict[str, Any]], None] | None = None, **parts: Any) -> Identity:
    content = json.loads(json.dumps(PROTOCOL))
    if edit is not None:
        edit(content)
    return replace(build_tools(Protocol.model_validate(content)).identity, **parts)


@pytest.fixture
def make(factory: ModuleType, tmp_path: Path) -> Make:
    """Return a function that writes a run with a lock, with and without a value of its fvd."""

    def made(name: str, own: Identity, *, fvd: dict[str, Any] | None = None) -> Path:
        folder = factory.make_run(
            tmp_path / name, videos=14, thumbnails=False, protocol_hash=own.hash
        )
        factory.add_score(folder, "diversity", value=2.0, **SET)
        factory.add_score(folder, "fvd", **(fvd or SET | {"value": 2.0}))
        (folder / "protocol.lock.yaml").write_text(lock_text(own), "utf-8")
        return Path(folder)

    return made


@pytest.mark.parametrize(("one", "other"), [(None, REAL), (REAL, None), (REAL, OTHER)])
def test_with_other_real_sets_only_what_reads_one_is_left_out(
    make: Make, one: str | None, other: str | None
) -> None:
    none = ABSENT | {"status": "not_applicable", "code": "no_real_set"}
    base, head = (
        make(name, identity(real=real), fvd=None if real else none)
        for name, real in (("base", one), ("head", other))
    )
    found = compare(base, head)
    assert found.not_compared == {"fvd": "other real set"}
    assert found.mismatched == ()
    compared = {difference.key for difference in found.compared}
    assert {"exposure_drift", "temporal_flicker", "diversity"} <= compared
    assert "fvd" not in compared | {lost.key for lost in found.lost}
    # A rule that fails on headlines cannot pass one that it could not look at.
    assert found.not_compared_level == found.level == "warn"
    assert compare(base, head, fail_on=["exposure_drift"]).level == "pass"
    line = "Not compared: fvd: other real set"
    assert line in comparison_terminal(found, colour=False)
    assert line in comparison_markdown(found)
    assert line in comparison_page(found)
    assert comparison_record(found)["not_compared"] == {"fvd": "other real set"}
    with pytest.raises(ConfigError, match="other real set") as caught:
        compare(base, head, fail_on=["fvd"])
    assert caught.value.code == "not_comparable"


def test_a_network_that_one_lab_lacks_costs_the_scores_that_read_it(make: Make) -> None:
    extractors = identity().extractors
    here = {name: {**spec, "weights": REAL} for name, spec in extractors.items()}
    missing = ABSENT | {"status": "unavailable", "code": "weights_missing"}
    has = make("has", identity(extractors=here))
    lacks = make("lacks", identity(extractors={**here, "i3d": extractors["i3d"]}), fvd=missing)
    lost = compare(has, lacks)
    assert lost.not_compared == {}
    assert [(one.key, one.level) for one in lost.lost] == [("fvd", "warn")]
    assert {"exposure_drift", "diversity"} <= {d.key for d in lost.compared}
    gained = compare(lacks, has)
    assert gained.not_compared == {"fvd": "weights of i3d missing in one run"}
    assert {"exposure_drift", "diversity"} <= {d.key for d in gained.compared}


def test_another_length_of_segments_or_parameter_leaves_the_rest(make: Make) -> None:
    base = make("base", identity())
    segments = compare(base, make("segments", identity(lambda p: p.update(segment_seconds=1.0))))
    assert {"fvd", "diversity"} == {d.key for d in segments.compared}
    assert set(segments.not_compared.values()) == {"other segment length"}
    assert len(in_words(segments.not_compared)) == 1

    def edit(protocol: dict[str, Any]) -> None:
        protocol["metrics"][2]["parameters"] = {"floor": 0.02}

    one = compare(base, make("one", identity(edit)))
    assert {key.partition(".")[0] for key in one.not_compared} == {"sharpness_drift"}
    assert in_words(one.not_compared) == ["sharpness_drift: other parameter floor"]
    assert {"exposure_drift", "fvd", "diversity"} <= {d.key for d in one.compared}


def test_where_nothing_was_measured_alike_it_is_refused_unless_allowed(make: Make) -> None:
    base, head = make("base", identity()), make("head", identity(decoder="another"))
    with pytest.raises(ComparabilityError, match="decoder") as caught:
        compare(base, head)
    assert caught.value.code == "not_comparable"
    allowed = compare(base, head, allow_mismatch=True)
    assert allowed.mismatched == ("decoder",)
    assert allowed.not_compared == {}
    assert {"exposure_drift", "fvd"} <= {d.key for d in allowed.compared}


def test_what_moves_no_score_is_no_mismatch(make: Make) -> None:
    head = identity(lambda p: p.update(name="another", version=2))
    found = compare(make("base", identity()), make("head", head))
    assert (found.mismatched, found.not_compared) == ((), {})


def test_without_locks_the_identities_that_run_json_states_decide(
    make: Make, factory: ModuleType
) -> None:
    runs = make("base", identity()), make("head", identity(real=REAL))
    for run, own in zip(runs, ("1" * 12, "2" * 12), strict=True):
        (run / "protocol.lock.yaml").unlink()
        for key in json.loads((run / "run.json").read_text())["scores"]:
            factory.change_score(run, key, identity=own if key == "fvd" else "0" * 12)
    assert compare(*runs).not_compared == {"fvd": "other identity"}
