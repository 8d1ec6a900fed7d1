from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lvbench.report.figures.over_time import over_time, with_breaks
from lvbench.results.run import load_run


def test_panels_are_the_drifting_metrics_as_change_from_the_start(run_folder: Path) -> None:
    figure = over_time(load_run(run_folder))
    assert [panel.key for panel in figure.panels] == [
        "colour_drift", "exposure_drift", "sharpness_drift",
    ]  # fmt: skip
    exposure = figure.panels[1]
    assert exposure.unit == "L*"
    assert len(exposure.lines) == exposure.n_start == 5
    assert abs(exposure.median[:4]).max() < 1.0
    assert exposure.median[-1] == pytest.approx(10.8, abs=2.0)
    assert (exposure.low <= exposure.median).all()
    assert (exposure.median <= exposure.high).all()


def test_median_ends_where_fewer_than_half_of_the_videos_go_on(
    factory: ModuleType, tmp_path: Path
) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=9, failed=False))
    panel = over_time(run).panels[0]
    ends = sorted((line.t[-1] for line in panel.lines), reverse=True)
    assert panel.t[-1] == ends[4]
    assert panel.n_end >= 5


def test_long_videos_do_not_squeeze_the_rest(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=8, failed=False))
    item = run.items[0]
    long = item.video.model_copy(update={"duration": 300.0})
    run.items[0] = item.model_copy(update={"video": long})
    figure = over_time(run)
    assert figure.seconds == 30.0
    assert "1 video is longer than the axis, up to 300 s" in figure.note


def test_two_videos_have_curves_but_no_median(factory: ModuleType, tmp_path: Path) -> None:
    run = load_run(factory.make_run(tmp_path / "run", videos=2, failed=False))
    panel = over_time(run).panels[0]
    assert len(panel.lines) == 2
    assert not len(panel.t)
    assert all(np.isfinite(line.y).all() for line in panel.lines)


def test_a_curve_breaks_where_nothing_was_judged() -> None:
    t, y = with_breaks(np.array([0.0, 1.0, 2.0, 8.0, 9.0]), np.arange(5.0))
    assert np.flatnonzero(np.isnan(t)).tolist() == np.flatnonzero(np.isnan(y)).tolist() == [3]
    assert y[4:].tolist() == [3.0, 4.0]
    whole = np.arange(4.0)
    assert with_breaks(whole)[0].tolist() == whole.tolist()
    assert len(with_breaks(np.empty(0), np.empty(0))[1]) == 0
