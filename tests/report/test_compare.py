from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from lvbench.errors import ComparabilityError, ConfigError, UsageError
from lvbench.report.compare import Comparison, compare


@pytest.fixture
def base(factory: ModuleType, tmp_path: Path) -> Path:
    folder: Path = factory.make_run(tmp_path / "base", videos=14, thumbnails=False)
    return folder


def _outcomes(found: Comparison) -> dict[str, str]:
    return {d.key: d.outcome for d in found.differences}


def test_run_against_itself_shows_no_difference(base: Path) -> None:
    found = compare(base, base)
    assert found.regressions == ()
    assert {d.result.mean_difference for d in found.differences} == {0.0}
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


def test_exposure_is_compared_by_its_size(factory: ModuleType, base: Path, tmp_path: Path) -> None:
    # The same drift the other way round is as bad.
    head = factory.make_run(tmp_path / "head", videos=14, shift=-2.0, thumbnails=False)
    found = {d.key: d for d in compare(base, head).differences}
    assert found["exposure_drift"].result.mean_difference == pytest.approx(0, abs=1e-9)
    assert found["exposure_drift"].outcome == "no difference"


def test_only_paired_videos_count_and_the_rest_is_listed(
    factory: ModuleType, base: Path, tmp_path: Path
) -> None:
    names = [f"clip_{i}" for i in range(10)] + ["other"]
    head = factory.make_run(tmp_path / "head", names=names, failed=False, thumbnails=False)
    found = compare(base, head)
    assert len(found.pairing.pairs) == 10
    assert found.pairing.only_base == ("clip_10", "clip_11", "clip_12", "clip_13")
    assert found.pairing.only_head == ("other",)
    assert max(d.result.n_pairs for d in found.differences) == 10


def test_few_videos_give_no_verdict(factory: ModuleType, tmp_path: Path) -> None:
    one = factory.make_run(tmp_path / "a", videos=4, thumbnails=False)
    two = factory.make_run(tmp_path / "b", videos=4, shift=1.0, thumbnails=False)
    found = compare(one, two)
    assert _outcomes(found)["exposure_drift"] == "too few"
    assert found.regressions == ()


def test_gated_scores_are_not_judged(factory: ModuleType, base: Path, tmp_path: Path) -> None:
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.5, thumbnails=False)
    gate = {"metric": "freeze", "share": 0.5, "limit": 0.1}
    factory.change_score(head, "exposure_drift", gates=[gate])
    found = compare(base, head)
    assert _outcomes(found)["exposure_drift"] == "not ranked"
    assert "exposure_drift" not in {d.key for d in found.regressions}


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
