from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from lvbench.comparison.compare import Comparison, compare, items_without_curves
from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.results.run import load_run


@pytest.fixture
def base(factory: ModuleType, tmp_path: Path) -> Path:
    folder: Path = factory.make_run(tmp_path / "base", videos=14, thumbnails=False)
    return folder


def _outcomes(found: Comparison) -> dict[str, str]:
    return {d.key: d.outcome for d in found.differences}


def test_run_against_itself_shows_no_difference(base: Path) -> None:
    found = compare(base, base)
    assert found.regressions == ()
    assert {d.result.difference for d in found.differences} == {0.0}
    assert set(_outcomes(found).values()) == {"no difference", "no direction"}


def test_worse_head_regresses_and_better_head_improves(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)
    worse, better = _outcomes(compare(base, head)), _outcomes(compare(head, base))
    for key in ("exposure_drift", "sharpness_drift", "seam"):
        assert (worse[key], better[key]) == ("regression", "improvement")
    assert worse["temporal_flicker"] == "no difference"
    assert worse["motion_magnitude"] == "no direction"
    assert not any(key.endswith(".onset") for key in worse if key.startswith("exposure"))


def test_only_paired_videos_count_and_the_rest_is_listed(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    names = [f"clip_{i}" for i in range(10)] + ["other"]
    head = factory.make_run(tmp_path / "head", names=names, failed=False, thumbnails=False)
    found = compare(base, head)
    assert len(found.pairing.pairs) == 10
    assert found.pairing.only_base == ("clip_10", "clip_11", "clip_12", "clip_13")
    assert found.pairing.only_head == ("other",)
    assert (found.missing_level, compare(base, head, fail_on=[], warn_on=[]).level) == (
        "warn",
        "pass",
    )
    assert max(d.result.n_pairs for d in found.differences) == 10


def test_few_videos_give_no_verdict(factory: ModuleType, tmp_path: Path) -> None:
    one = factory.make_run(tmp_path / "a", videos=4, thumbnails=False)
    two = factory.make_run(tmp_path / "b", videos=4, shift=1.0, thumbnails=False)
    found = compare(one, two)
    assert _outcomes(found)["exposure_drift"] == "too few"
    assert found.regressions == ()


def test_gate_that_newly_fails_is_a_regression(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, thumbnails=False)
    gate = {"metric": "freeze", "share": 0.5, "limit": 0.1, "n": 6, "n_failed": 0}
    factory.change_score(head, "exposure_drift", gates=[gate])
    (found,) = (d for d in compare(base, head).differences if d.key == "exposure_drift")
    assert (found.outcome, found.level) == ("regression", "fail")
    assert "gate newly failed" in found.reasons[0]
    # Where the base's gate failed as well there is no test; the other way round it does not fail.
    assert compare(head, base).level == "pass"
    factory.change_score(base, "exposure_drift", gates=[gate])
    both = compare(base, head)
    assert _outcomes(both)["exposure_drift"] == "not ranked"
    assert both.level == "pass"


def test_other_protocol_is_refused_and_named_unless_allowed(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, protocol_hash="f" * 64, thumbnails=False)
    for folder, seconds in ((base, 0.5), (head, 1.0)):
        lock = f"hash: x{seconds}\nprotocol:\n  segment_seconds: {seconds}\n  name: p\n"
        (folder / "protocol.lock.yaml").write_text(lock, "utf-8")
    with pytest.raises(ComparabilityError, match=r"protocol\.segment_seconds") as caught:
        compare(base, head)
    assert caught.value.code == "not_comparable"
    assert compare(base, head, allow_mismatch=True).mismatched == ("protocol.segment_seconds",)


def test_no_common_video_is_refused(factory: ModuleType, base: Path, tmp_path: Path) -> None:
    head = factory.make_run(tmp_path / "head", names=["x", "y"], thumbnails=False)
    with pytest.raises(ComparabilityError) as caught:
        compare(base, head)
    assert caught.value.code == "no_pairs"


def test_fail_on_narrows_the_test(factory: ModuleType, base: Path, tmp_path: Path) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)
    found = compare(base, head, fail_on=["temporal_flicker"])
    assert found.regressions == ()
    assert _outcomes(found)["exposure_drift"] == "not tested"
    with pytest.raises(UsageError):
        compare(base, head, fail_on=["no_such_score"])
    with pytest.raises(ConfigError):
        compare(base, head, fail_on=["motion_magnitude"])


def test_what_is_not_in_the_failing_rules_still_warns(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)
    found = compare(base, head, fail_on=["temporal_flicker"])
    levels = {d.key: d.level for d in found.differences}
    assert (levels["exposure_drift"], levels["temporal_flicker"]) == ("warn", "pass")
    assert found.level == "warn"
    assert compare(base, head, fail_on=["temporal_flicker"], warn_on=[]).level == "pass"


def test_margins_are_in_the_unit_or_in_half_widths(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)

    def level(rule: str) -> str:
        return compare(base, head, fail_on=[rule], warn_on=[]).level

    exposure, sharpness = (
        next(d.result for d in compare(base, head).differences if d.key == key)
        for key in ("exposure_drift", "sharpness_drift")
    )
    assert exposure.low is not None
    assert exposure.high is not None
    more, less = exposure.difference, -sharpness.difference
    halves = more / ((exposure.high - exposure.low) / 2)
    assert level(f"exposure_drift:{more - 0.01:.3f}") == "fail"
    assert level(f"exposure_drift:{more + 0.01:.3f}") == "pass"
    assert level(f"exposure_drift:{exposure.low - 0.01:.3f}:sure") == "fail"
    assert level(f"exposure_drift:{exposure.low + 0.01:.3f}:sure") == "pass"
    assert level(f"exposure_drift:{halves - 0.1:.3f}ci") == "fail"
    assert level(f"exposure_drift:{halves + 0.1:.3f}ci") == "pass"
    # Sharpness is worse where it falls.
    assert level(f"sharpness_drift>{less - 0.01:.3f}") == "fail"
    assert level(f"sharpness_drift>{less + 0.01:.3f}") == "pass"


def test_video_that_newly_fails_is_named_and_fails(factory: ModuleType, tmp_path: Path) -> None:
    base = factory.make_run(tmp_path / "a", videos=12, failed=False, thumbnails=False)
    head = factory.make_run(tmp_path / "b", videos=12, failed=True, thumbnails=False)
    found = compare(base, head)
    assert (found.failures, found.failures_level, found.level) == (("clip_11",), "fail", "fail")
    assert compare(base, head, fail_on=["headlines"]).failures_level == "warn"
    assert compare(head, base).level == "pass"


def test_score_that_the_head_lost_fails(factory: ModuleType, base: Path, tmp_path: Path) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, thumbnails=False)
    gone = {"value": None, "ci_low": None, "ci_high": None, "status": "failed", "code": "x"}
    factory.change_score(head, "temporal_flicker", **gone)
    found = compare(base, head)
    assert [(lost.key, lost.level) for lost in found.lost] == [("temporal_flicker", "fail")]
    assert found.level == "fail"
    factory.change_score(head, "temporal_flicker", status="unavailable", code="weights_missing")
    assert compare(base, head).level == "warn"


@pytest.mark.parametrize(("low", "expected"), [(305.0, "fail"), (290.0, "pass")])
def test_sets_are_compared_by_whether_their_intervals_touch(
    factory: ModuleType, base: Path, tmp_path: Path, low: float, expected: str
) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, thumbnails=False)
    score = {
        "ci_method": "jackknife", "n_expected": 14, "n_scored": 14, "n_failed": 0,
        "higher_is_better": False, "unit": "",
    }  # fmt: skip
    factory.add_score(base, "fvd", value=280.0, ci_low=260.0, ci_high=300.0, **score)
    factory.add_score(head, "fvd", value=320.0, ci_low=low, ci_high=350.0, **score)
    found = compare(base, head)
    assert [(d.key, d.level) for d in found.sets] == [("fvd", expected)]
    assert compare(base, head, fail_on=["fvd:30"]).level == "fail"
    assert compare(head, base).level == "pass"
    with pytest.raises(ConfigError, match="no interval over pairs"):
        compare(base, head, fail_on=["fvd:1ci"])


def test_items_are_those_of_the_run_without_curves_and_events(run_folder: Path) -> None:
    run = load_run(run_folder)
    for bare, item in zip(items_without_curves(run), run.items, strict=True):
        assert bare.video == item.video
        assert bare.metrics.keys() == item.metrics.keys()
        for name, score in bare.metrics.items():
            full = item.metrics[name]
            assert (score.status, score.code, score.value) == (full.status, full.code, full.value)
            assert score.components == full.components
            assert (score.series, score.events) == ({}, [])


@pytest.mark.parametrize(
    "change", [{"schema": 99}, {"identity": 3}, {"metrics": {"seam": {"status": "ok"}}}]
)
def test_invalid_item_is_named(run_folder: Path, change: dict[str, object]) -> None:
    file = sorted((run_folder / "items").glob("*.json"))[0]
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ConfigError, match=file.name):
        items_without_curves(load_run(run_folder))
