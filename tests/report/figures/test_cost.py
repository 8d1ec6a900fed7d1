from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lvbench.report.figures.cost import CostFigure, against_cost
from lvbench.report.figures.paper import write_cost_figures
from lvbench.report.figures.svg import cost_svgs
from lvbench.report.page.report import render_report
from lvbench.results.run import load_run

LENGTHS = [5.0] * 4 + [10.0] * 4 + [20.0] * 4
SPENT = [0.2 * (length / 5) ** 0.5 * (1 + 0.02 * i) for i, length in enumerate(LENGTHS)]


@pytest.fixture
def costed(factory: ModuleType, tmp_path: Path) -> Path:
    """Return a run of twelve videos of three lengths, cost growing with length to the 1.5."""
    folder: Path = factory.make_run(tmp_path / "costed", videos=12, failed=False)
    factory.add_cost(folder, SPENT, LENGTHS)
    return folder


def figure(folder: Path) -> CostFigure:
    found = against_cost(load_run(folder))
    assert found is not None
    return found


def test_a_run_without_cost_has_no_figure(run_folder: Path) -> None:
    run = load_run(run_folder)
    assert against_cost(run) is None
    assert 'id="cost"' not in render_report(run)


def test_every_score_of_quality_stands_against_seconds_per_second(costed: Path) -> None:
    found = figure(costed)
    keys = [panel.key for panel in found.panels]
    assert {"exposure_drift", "sharpness_drift", "temporal_flicker"} <= set(keys)
    # What has no good direction, what never changes, and cost itself are no quality.
    assert not {"motion_magnitude", "shot_cuts", "cost"} & set(keys)
    exposure = found.panels[keys.index("exposure_drift")]
    assert np.sort(exposure.cost) == pytest.approx(np.sort(SPENT))
    assert (exposure.value > 0).all()
    assert [round(group.length) for group in exposure.groups] == [5, 10, 20]
    assert [group.cost for group in exposure.groups] == sorted(g.cost for g in exposure.groups)


def test_the_exponent_is_said_with_its_interval(costed: Path) -> None:
    found = figure(costed)
    assert found.growth.exponent == pytest.approx(1.5, abs=0.2)
    assert re.search(r"scaling exponent with length: 1\.\d+ ± 0\.\d+", found.summary)
    assert "12 videos of 5 s to 20 s" in found.summary
    assert "peak memory 300 MB" in found.summary
    html = render_report(load_run(costed))
    assert html.index('id="scores"') < html.index('id="cost"') < html.index('id="events"')
    assert found.summary in html


def test_one_length_has_points_but_no_exponent(factory: ModuleType, tmp_path: Path) -> None:
    folder = factory.make_run(tmp_path / "run", videos=6)
    factory.add_cost(folder, [0.2] * 5 + [0.3], [8.0] * 6)
    found = figure(folder)
    assert found.growth.exponent is None
    assert "needs three lengths" in found.summary
    assert all(panel.groups == () for panel in found.panels)
    assert all(len(panel.cost) == 5 or panel.key == "flow_smoothness" for panel in found.panels)


def test_a_gated_score_is_left_out_by_name(costed: Path, factory: ModuleType) -> None:
    gate = {"metric": "freeze", "share": 0.5, "limit": 0.1, "n": 6, "n_failed": 0}
    factory.change_score(costed, "flow_smoothness", gates=[gate])
    found = figure(costed)
    assert "flow_smoothness" not in [panel.key for panel in found.panels]
    assert "Left out, because a gate has failed: Flow smoothness" in found.note


def test_drawings_repeat_and_their_ids_never_meet(costed: Path, tmp_path: Path) -> None:
    found = figure(costed)
    drawn = cost_svgs(found)
    assert drawn == cost_svgs(found)
    assert len(drawn) == 1 + len(found.panels)
    assert not any(re.search(r"#[0-9a-fA-F]{6}\b", svg) for svg in drawn)
    ids = [name for svg in drawn for name in set(re.findall(r'id="([^"]+)"', svg))]
    assert len(ids) == len(set(ids))
    record = load_run(costed).record
    first, second = (write_cost_figures(found, record, tmp_path / name) for name in "ab")
    assert [p.name for p in first] == [
        "against_cost_column.pdf", "against_cost_column.svg",
        "against_cost_page.pdf", "against_cost_page.svg",
    ]  # fmt: skip
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
