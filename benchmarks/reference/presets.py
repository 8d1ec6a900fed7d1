"""Is every preset that is bad on purpose told from the default by the metric it was made for?

    python -m benchmarks.reference.presets DEFAULT_RUN NAME=RUN ... [--curves OUT.png]

Each RUN is the folder of `lvbench evaluate --generator reference:NAME --protocol lvb-world`. Prints
for each preset and metric both values with their 95 % intervals, whether these lie apart, and the
difference over the paired videos; for forget-demo also of those videos alone whose camera leaves
and comes back (--first N: of the first N videos); then, by level of the world, the share of the
ordered cast that is recognised (`world_identity_drift`) over the first 20 s, from 16 to 20 s, and
over all. With --curves it draws how drifting quantities of all runs move from each video's own
start: mean over videos, band: its 95 % interval over prompts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.markdown import heading, row
from lvbench.comparison.compare import compare
from lvbench.comparison.scores import Difference
from lvbench.leaderboard.curves import drift_curves
from lvbench.leaderboard.figures import COLOURS
from lvbench.leaderboard.schema import Curve
from lvbench.report.figures.colours import FAINT, PAPER
from lvbench.report.figures.draw import style
from lvbench.report.figures.over_time import with_breaks
from lvbench.report.tables.rounding import DASH, with_interval
from lvbench.results.run import Run, load_run
from lvbench.results.schema import ItemRecord, Score
from lvbench.stats import Interval, paired_difference, statistic_interval

MADE_FOR = {
    "drift-demo": ("exposure_drift", "colour_drift"),
    "seam-demo": ("seam",),
    "freeze-demo": ("freeze",),
    "reset-demo": ("loop",),
    "forget-demo": (
        "world_identity_drift",
        "world_identity_drift.returning",
        "world_identity_drift.returning_cast",
        "world_identity_drift.returning_landmarks",
    ),
}
KEPT = "world_identity_drift"
DRAWN = ("exposure_drift", "colour_drift", "sharpness_drift", KEPT)
HEAD = ("preset", "metric", "default", "preset's", "apart", "difference of pairs", "p")
LEVELS = ("level0", "level1", "level2", "level3")
LEVEL_HEAD = ("cast: 20 s / 16 to 20 s / 60 s", *LEVELS)
INCHES, DOTS, BAND = (8.4, 5.4), 120, 0.15


def main() -> None:
    """Print the table, and draw the curves."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("default", type=Path)
    options.add_argument("presets", nargs="+", help="NAME=RUN")
    options.add_argument("--curves", type=Path)
    options.add_argument("--first", type=int, metavar="N")
    chosen = options.parse_args()
    base = load_run(chosen.default)
    folders = dict(text.split("=", 1) for text in chosen.presets)
    runs = {name: load_run(folder) for name, folder in folders.items()}
    print(heading(HEAD), flush=True)
    for name, run in runs.items():
        keys = MADE_FOR[name]
        found = {one.key: one for one in compare(base, run, fail_on=keys).differences}
        for key in keys:
            cells = _cells(base.scores[key], run.scores[key], found.get(key))
            print(row([name, key, *cells]), flush=True)
        if name == "forget-demo":
            where = f"{KEPT}, where the camera comes back"
            print(row([name, where, *_returning(base, run, chosen.first)]), flush=True)
    print()
    print(heading(LEVEL_HEAD), flush=True)
    for name, run in ({"default": base} | runs).items():
        print(row([name, *_cast_by_level(run)]), flush=True)
    if chosen.curves:
        _draw({"default": base} | runs, chosen.curves)


def _cast_by_level(run: Run) -> list[str]:
    """Return the mean share of the cast that is there, by level and stretch of time."""
    found: dict[str, list[list[float]]] = {level: [] for level in LEVELS}
    for item in run.items:
        presence = item.metrics[KEPT].series["presence"]
        t, y = np.array(presence.t), np.array(presence.y)
        stretches = (y[t <= 20], y[(t > 16) & (t <= 20)], y)
        (level,) = (one for one in LEVELS if one in item.video.id)
        found[level].append([float(part.mean()) if len(part) else np.nan for part in stretches])
    means = [np.nanmean(np.array(found[level]), axis=0) for level in LEVELS]
    return [" / ".join(f"{share:.2f}" for share in mean) for mean in means]


def _returning(base: Run, run: Run, first: int | None) -> list[str]:
    """Return the cells of the videos alone in which the camera leaves and comes back.

    In the world every camera does that is not still.
    """
    ours, theirs = (
        {one.video.id: one.metrics[KEPT].value for one in each.items[:first] if _moves(one)}
        for each in (base, run)
    )
    both = [(a, b) for key, a in ours.items() if a is not None and (b := theirs[key]) is not None]
    before, after = zip(*both, strict=True)
    limits = [statistic_interval(values, statistic="median") for values in (before, after)]
    result = paired_difference(before, after, statistic="median")
    shown = with_interval(result.difference, result.low, result.high)
    return [*map(_shown, limits), _apart(*limits), shown, f"{result.p_value:.4f}"]


def _moves(item: ItemRecord) -> bool:
    return any("camera=still" not in prompt["text"] for prompt in item.video.prompts)


def _cells(ours: Score, theirs: Score, paired: Difference | None) -> list[str]:
    both = [_value(ours), _value(theirs), _apart(_limits(ours), _limits(theirs))]
    if paired is None:
        return [*both, DASH, DASH]
    result, p = paired.result, paired.p_adjusted
    shown = with_interval(result.difference, result.low, result.high)
    return [*both, shown, DASH if p is None else f"{p:.4f}"]


def _value(score: Score) -> str:
    return f"{score.status}: {score.code}" if score.value is None else _shown(_limits(score))


def _limits(score: Score) -> Interval:
    value = np.nan if score.value is None else score.value
    return Interval(value, score.ci_low, score.ci_high, score.ci_method or "")


def _shown(one: Interval) -> str:
    around = "" if one.low is None or one.high is None else f" [{one.low:.3g}, {one.high:.3g}]"
    return f"{one.value:.3g}{around}"


def _apart(one: Interval, other: Interval) -> str:
    """Return whether the intervals of both exist and do not touch."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return "no"
    return "yes" if one.high < other.low or other.high < one.low else "no"


def _draw(runs: dict[str, Run], path: Path) -> None:
    curves = {name: drift_curves(run.items) for name, run in runs.items()}
    with style():
        canvas = Figure(figsize=INCHES, layout="constrained", facecolor=PAPER)
        FigureCanvasAgg(canvas)
        grid = canvas.subplots(2, 2)
        for axes, metric in zip(grid.ravel(), DRAWN, strict=True):
            _panel(axes, {name: own[metric] for name, own in curves.items() if metric in own})
        handles, labels = grid[0][0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=len(runs), frameon=False)
        canvas.savefig(path, dpi=DOTS, metadata={"Software": None})


def _panel(axes: Axes, curves: dict[str, Curve]) -> None:
    axes.axhline(0, color=FAINT, linewidth=0.6, zorder=1)
    for colour, (name, curve) in zip(COLOURS, curves.items(), strict=False):
        t, mean, low, high = _broken(curve)
        axes.plot(t, mean, color=colour, linewidth=1.2, label=name, zorder=3)
        axes.fill_between(t, low, high, color=colour, alpha=BAND, linewidth=0, zorder=2)
        unit = f" ({curve.unit})" if curve.unit else ""
        axes.set_title(f"{curve.title}{unit}, change from the start", loc="left", fontsize=8)
    axes.set_xlabel("time (s)")
    axes.locator_params(axis="y", nbins=5)


def _broken(curve: Curve) -> list[NDArray[np.float64]]:
    """Return times, mean and band; the mean is its own band where prompts are too few for one."""
    parts = (curve.t, curve.mean, curve.low or curve.mean, curve.high or curve.mean)
    return with_breaks(*(np.array(part) for part in parts))


if __name__ == "__main__":
    main()
