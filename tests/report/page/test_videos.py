from __future__ import annotations

import re
from pathlib import Path

from lvbench.report.page.report import render_report
from lvbench.report.page.videos import IRREGULARITIES, video_views, worst_first
from lvbench.results.run import load_run
from lvbench.results.schema import ItemScore


def test_failed_first_then_worst(run_folder: Path) -> None:
    order = [item.video.id for item in worst_first(load_run(run_folder))]
    assert order[0] == "clip_5"
    # Drift grows with the number of the clip; clip_2 freezes and clip_3 loops besides.
    assert set(order[1:3]) <= {"clip_2", "clip_3", "clip_4"}
    assert order[-1] == "clip_0"


def test_views_hold_curves_events_and_reasons(run_folder: Path) -> None:
    views = {view.name: view for view in video_views(load_run(run_folder), {})}
    assert views["clip_5"].failure.startswith("(video_truncated)")
    frozen = views["clip_2"]
    assert [curve.metric for curve in frozen.curves][:3] == [
        "colour_drift", "exposure_drift", "sharpness_drift",
    ]  # fmt: skip
    assert [mark.kind for mark in frozen.marks] == ["freeze", "seam", "seam"]
    assert any("98 % of the video is frozen" in remark for remark in frozen.remarks)
    assert [view.anchor for view in video_views(load_run(run_folder), {})] == [
        f"v{i}" for i in range(1, 7)
    ]


def test_a_metric_that_applies_to_no_video_is_not_listed_for_each(run_folder: Path) -> None:
    """The table states it once; one that applies to some videos is listed for the others."""
    run = load_run(run_folder)
    silent = ItemScore(status="not_applicable", code="no_cost", detail="the manifest is silent")
    for i, item in enumerate(run.items):
        metrics = {**item.metrics, "cost": silent}
        run.items[i] = item.model_copy(update={"metrics": metrics})
    views = {view.name: view for view in video_views(run, {})}
    assert not any("manifest is silent" in r for view in views.values() for r in view.remarks)
    assert any("98 % of the video is frozen" in remark for remark in views["clip_2"].remarks)


def test_irregularities_of_a_file_are_stated_in_words(run_folder: Path) -> None:
    run = load_run(run_folder)
    number = next(i for i, item in enumerate(run.items) if item.video.id == "clip_1")
    odd = {"flags": ["interlaced", "audio_longer"], "audio_longer": 3.21}
    video = run.items[number].video.model_copy(update=odd)
    run.items[number] = run.items[number].model_copy(update={"video": video})
    views = {view.name: view for view in video_views(run, {})}
    said = "The audio continues for 3.2 s after the last frame; that part was not scored."
    assert views["clip_1"].remarks[:2] == (IRREGULARITIES["interlaced"], said)
    assert not set(views["clip_0"].remarks) & set(IRREGULARITIES.values())
    assert said in render_report(run)


def test_every_flag_has_its_words() -> None:
    page = (Path(__file__).parents[3] / "docs" / "damage.md").read_text("utf-8")
    table = page.partition("| flag | meaning |")[2].partition("\n## ")[0]
    named = [re.findall("`([a-z_]+)`", row.split("|")[0]) for row in table.split("\n|")[1:]]
    assert {flag for row in named for flag in row} == set(IRREGULARITIES)
