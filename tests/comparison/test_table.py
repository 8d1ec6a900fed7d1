from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from lvbench.comparison.comment import comparison_markdown
from lvbench.comparison.compare import Comparison, compare
from lvbench.comparison.record import comparison_record
from lvbench.comparison.table import summary
from lvbench.results.files import canonical_json


@pytest.fixture
def comparison(factory: ModuleType, tmp_path: Path) -> Comparison:
    base = factory.make_run(tmp_path / "base", videos=14, title="v1", thumbnails=False)
    head = factory.make_run(tmp_path / "head", videos=12, shift=0.2, title="v2", thumbnails=False)
    return compare(base, head)


def test_summary_names_what_got_worse(comparison: Comparison) -> None:
    assert summary(comparison).startswith("Worse: ")
    assert "over 12 paired videos" in summary(comparison)


def test_markdown_has_title_table_and_unpaired_videos(comparison: Comparison) -> None:
    text = comparison_markdown(comparison)
    assert text.splitlines()[0] == "<!-- lvbench-compare: lvb-smoke -->"
    assert "\n## v2 against v1\n" in text
    assert "regression" in text
    assert "Only in base, left out: clip\\_12, clip\\_13" in text
    assert text == comparison_markdown(comparison)


def test_record_is_strict_json(comparison: Comparison) -> None:
    record = comparison_record(comparison)
    canonical_json(record)
    assert record["regressed"] is True
    assert record["schema"] == 1
    assert record["level"] == "fail"
    drift = record["differences"]["exposure_drift"]
    assert (drift["outcome"], drift["level"]) == ("regression", "fail")
    assert drift["effect_size"] > 0
    assert drift["minimum_detectable"] > 0


def test_measured_cost_is_noted_to_be_of_one_machine(factory: ModuleType, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("base", "head")]
    for folder, spent in zip(folders, (0.2, 0.4), strict=True):
        factory.make_run(folder, videos=12, failed=False, thumbnails=False)
        factory.add_cost(folder, [spent * (1 + 0.01 * i) for i in range(12)], [8.0] * 12)
    both = compare(*folders)
    (cost,) = (d for d in both.differences if d.key == "cost")
    assert (cost.outcome, both.level) == ("not tested", "pass")
    named = compare(*folders, fail_on=["cost"])
    assert [d.key for d in named.regressions] == ["cost"]
    assert "only where both ran on one machine" in comparison_markdown(both)
