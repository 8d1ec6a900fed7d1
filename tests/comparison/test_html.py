from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from lvbench.comparison.compare import compare
from lvbench.comparison.html import forest, most_changed, not_drawn, write_comparison


def test_page_shows_forest_worst_first_and_filmstrips(factory: ModuleType, tmp_path: Path) -> None:
    base = factory.make_run(tmp_path / "base", videos=14)
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2)
    found = compare(base, head)
    whiskers = forest(found)
    assert whiskers[0].outcome == "regression"
    assert [w.point for w in whiskers] == sorted(w.point for w in whiskers)
    assert all(0 <= w.low <= w.point <= w.high <= 1000 for w in whiskers)
    # The factory moves every seam by the same amount.
    assert not_drawn(found) == ["Seam jump (regression)"]
    changes = most_changed(found)
    assert 0 < len(changes) <= 6
    assert all(change.base and change.head for change in changes)
    page = write_comparison(found, tmp_path / "page.html").read_text("utf-8")
    assert page == write_comparison(found, tmp_path / "again.html").read_text("utf-8")
    assert "default-src &#39;none&#39;" in page
    assert page.count("data:image/jpeg") == 2 * len(changes)


def test_mismatched_runs_are_marked(factory: ModuleType, tmp_path: Path) -> None:
    base = factory.make_run(tmp_path / "base", thumbnails=False)
    head = factory.make_run(tmp_path / "head", protocol_hash="f" * 64, thumbnails=False)
    page = write_comparison(compare(base, head, allow_mismatch=True), tmp_path / "page.html")
    assert "protocols differ" in page.read_text("utf-8")


def test_margins_of_rules_are_drawn(factory: ModuleType, tmp_path: Path) -> None:
    base = factory.make_run(tmp_path / "base", videos=14, thumbnails=False)
    head = factory.make_run(tmp_path / "head", videos=14, shift=0.2, thumbnails=False)
    rules = {"fail_on": ["headlines", "exposure_drift:2.0"], "warn_on": ["exposure_drift:1ci"]}
    (drift,) = (w for w in forest(compare(base, head, **rules)) if w.title == "Exposure drift")
    (fail, warn), zero = drift.bounds, 500.0
    assert (fail[0], warn[0]) == ("fail", "warn")
    # 2.88 ± 0.42 worse: the margin of 2.0 lies between no difference and the estimate.
    assert drift.point < fail[1] < warn[1] < zero
    assert (zero - fail[1]) / (zero - drift.point) == pytest.approx(2.0 / 2.88, rel=0.01)
