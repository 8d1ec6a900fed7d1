from __future__ import annotations

from pathlib import Path

from lvbench.leaderboard.board import sections
from lvbench.leaderboard.collect import Entry, collect, spread_of_file, spread_of_items
from lvbench.leaderboard.draw import cost_svg, drift_svg, length_svg
from lvbench.leaderboard.figures import (
    cost_panels,
    drift_panels,
    length_panels,
    palette,
    split_by_length,
)
from lvbench.leaderboard.items import pack_items
from lvbench.leaderboard.schema import Curve, Row
from tests.leaderboard import synthetic


def _curve(slope: float) -> Curve:
    t = [float(i) for i in range(10)]
    y = [slope * s for s in t]
    return Curve(title="Lightness", unit="L*", t=t, median=y, low=y, high=y)


def test_the_frontier_is_who_nobody_beats_for_less(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model, drift, cost in (
        ("dear and best", 1.0, 9.0), ("cheap", 5.0, 1.0), ("dominated", 6.0, 2.0),
        ("middle", 3.0, 4.0), ("as good for more", 3.0, 5.0),
    ):  # fmt: skip
        add_row(model, {"exposure_drift": drift, "cost": cost})
    add_row("still", {"exposure_drift": 0.0, "cost": 0.5}, gated=True)
    add_row("truth", {"exposure_drift": 0.0, "cost": 0.5}, baseline="upper")
    (section,) = sections(collect(root, {})["lvb-smoke"])
    (panel,) = cost_panels(section.entries, section.keys, palette(section.entries))
    front = {point.model.split(" (")[0] for point in panel.points if point.on_frontier}
    assert front == {"dear and best", "cheap", "middle"}
    assert len(panel.points) == 5, "a failed gate and a bound are not drawn"
    assert cost_svg(panel, "x-") == cost_svg(panel, "x-")


def test_drift_of_all_models_shares_a_panel_and_bounds_are_grey(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for number, model in enumerate(("a", "b", "c")):
        told = {"baseline": "lower"} if model == "c" else {}
        curves = {"exposure_drift": _curve(0.1 * number)}
        add_row(model, {"exposure_drift": 1.0 + number}, curves=curves, **told)
    entries = collect(root, {})["lvb-smoke"]
    (panel,) = drift_panels(entries, palette(entries))
    assert [line.style is None for line in panel.lines] == [False, False, True]
    first, again = drift_svg(panel, "x-"), drift_svg(panel, "x-")
    assert first == again
    assert "Lightness over time, all models" in first
    assert drift_panels(entries[:1], {}) == []


def test_a_model_of_one_length_draws_no_line(root: Path, add_row) -> None:  # type: ignore[no-untyped-def]
    for model in ("a", "b"):
        add_row(model, {"exposure_drift": 1.0})
    entries = collect(root, {})["lvb-smoke"]
    timed = [
        (seconds, entry, entry.record.scores)
        for seconds, own in ((30.0, entries), (60.0, entries[:1]))
        for entry in own
    ]
    (panel,) = length_panels(timed, palette(entries))
    assert [(point.model, point.x) for point in panel.points] == [("lab/a", 30.0), ("lab/a", 60.0)]
    assert length_svg(panel, "x-") == length_svg(panel, "x-")


def test_one_run_of_several_lengths_is_split_by_them() -> None:
    tools = synthetic.tools_for("lvb-world")
    items, arrays = synthetic.make_items(tools, videos=24)
    cut = []
    for number, item in enumerate(items):
        told = item.metrics["cost"]
        length = told.model_copy(update={"components": {"length": (8.0, 64.0)[number % 2]}})
        drift = item.metrics["exposure_drift"].model_copy(update={"value": 1.0 + number % 2})
        cut.append(item.model_copy(
            update={"metrics": {**item.metrics, "cost": length, "exposure_drift": drift}}
        ))  # fmt: skip
    run = synthetic.record_of(tools, items, arrays)
    released = run.protocol.model_copy(update={"draft": False})
    run = run.model_copy(update={"protocol": released})
    spread = spread_of_items(cut)
    packed = spread_of_file(pack_items(cut, {}))
    assert packed.by_length == spread.by_length
    assert [{key: score.value for key, score in item.metrics.items()} for item in packed.items] == [
        {key: score.value for key, score in item.metrics.items()} for item in cut
    ]
    assert [(i.video.id, i.video.cluster, i.video.seed) for i in packed.items] == [
        (i.video.id, i.video.cluster, i.video.seed) for i in cut
    ]
    entry = Entry(Row(model="a", organisation="Lab", revision="1", run=run), spread=spread)
    panels = {panel.key: panel for panel in length_panels(split_by_length([entry]), {})}
    points = panels["exposure_drift"].points
    assert [(point.x, point.y, point.score.n_scored) for point in points] == [
        (8.0, 1.0, 12), (64.0, 2.0, 12),
    ]  # fmt: skip
    assert split_by_length([Entry(entry.row)]) == []
