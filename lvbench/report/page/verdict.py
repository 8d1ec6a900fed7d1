"""Summarise a run in one sentence, as far as its intervals support it."""

from __future__ import annotations

from collections.abc import Sequence

from lvbench.report.figures.over_time import drawn_series, series_component
from lvbench.report.page.timeline import events_of
from lvbench.report.page.whole_clip import (
    known,
    of_real,
    other_faults,
    size_of,
    whole_change,
    whole_drifts,
    with_unit,
    worse_than_real,
)
from lvbench.report.tables.describe import OVER_TIME, component_key, describe, series_title
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Score

_COPIES = {
    "memorisation": "a clip copied from a real video",
    "self_repetition": "a clip repeated for another prompt",
}
# Share of clips without drift that have an onset by chance (docs/statistics.md).
_FALSE_ONSETS = 0.08
_FAULTS = {"freeze": ("freezes", "freeze"), "loop": ("loops", "loop")}


def verdict(run: Run, real: Run | None = None) -> str:
    """Return the sentence: the worst drift, half-lives, trends, faults, failures.

    The end level of a drift is named where its interval excludes zero and it is at least half of
    the change within a clip; else the onsets are counted, where false alarms do not explain them.
    Faults of single clips are counted.

    Args:
        run: The run.
        real: A run of real videos by the same protocol, whose values are added.
    """
    valid = [item for item in run.items if item.video.status == "ok"]
    if not valid:
        return f"None of {len(run.items)} videos could be scored."
    drifting = sorted(
        {name for item in valid for name in item.metrics if describe(name).group == OVER_TIME}
    )
    found, named = whole_drifts(drifting, run, real)
    trends = [name for name in drifting if name not in named[1:]]
    found += [drift for name in trends if (drift := _drift(name, run, real))]
    if drifting and all(run.scores[k].ci_method == "too_few" for k in drifting if k in run.scores):
        found.append("too few clips to detect drift")
    for kind, (one, many) in _FAULTS.items():
        if all(kind not in item.metrics for item in valid):
            continue
        count = sum(any(e.kind == kind for e in events_of(item)) for item in valid)
        if count:
            found.append(f"{count} of {len(valid)} clips {one if count == 1 else many}")
    found += other_faults(run) + _seams(run, valid) + _copies(run) + worse_than_real(run, real)
    if not found:
        found.append(f"no fault was found in {len(valid)} videos")
    lost = len(run.items) - len(valid)
    if lost:
        found.append(f"{lost} of {len(run.items)} failed")
    sentence = "; ".join(found)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _drift(metric: str, run: Run, real: Run | None) -> str:
    scored = _scored(metric, run)
    if not scored:
        return ""
    drawn = drawn_series(metric, dict(scored[0].metrics[metric].series))
    series = drawn[0] if drawn else ""
    subject = series_title(metric, series) if drawn else describe(metric).metric_title
    subject = subject[:1].lower() + subject[1:]
    half_life = _known(run, metric, "half_life")
    if half_life is not None:
        few = f" in {len(scored)} of {len(run.items)} clips" if len(scored) < len(run.items) else ""
        return f"keeps {subject} for {with_unit(half_life)}{few}" + of_real(
            _known(real, metric, "half_life")
        )
    end, onset, steady, worst = (
        series_component(metric, series, part) for part in ("end_level", "onset", "steady", "worst")
    )
    moved, without = _known(run, metric, end), _known(run, metric, steady)
    whole = whole_change(run, metric, worst)
    if moved is not None and _excludes_zero(moved) and 2 * abs(moved.value or 0) >= (whole or 0):
        way = "above" if (moved.value or 0.0) > 0 else "below"
        since = _known(run, metric, onset)
        most = without is not None and (without.ci_high or 0.0) < 0.5
        begun = f", from {with_unit(since)} on" if since is not None and most else ""
        end_level = f"{subject} ends {with_unit(size_of(moved))} {way} its start{begun}"
        return end_level + of_real(_known(real, metric, end))
    if without is None or 1.0 - (without.ci_high or 0.0) <= _FALSE_ONSETS:
        return ""
    counted = f"{subject} drifts in {_onsets(metric, onset, run)} clips, in no common direction"
    return counted + (f" (real video: {_onsets(metric, onset, real)})" if real is not None else "")


def _scored(metric: str, run: Run) -> list[ItemRecord]:
    return [i for i in run.items if metric in i.metrics and i.metrics[metric].status == "ok"]


def _onsets(metric: str, onset: str, run: Run) -> str:
    """Return in how many of the scored clips a drift has an onset."""
    scored = _scored(metric, run)
    count = sum(onset in item.metrics[metric].components for item in scored)
    return f"{count} of {len(scored)}"


def _known(run: Run | None, metric: str, component: str) -> Score | None:
    """Return a component's score where it has a value and an interval."""
    return known(run, component_key(metric, component))


def _excludes_zero(score: Score) -> bool:
    low, high = score.ci_low, score.ci_high
    return (low is not None and low > 0) or (high is not None and high < 0)


def _seams(run: Run, valid: Sequence[ItemRecord]) -> list[str]:
    """Return in how many clips undeclared seams were found, or how visible declared ones are."""
    count = sum(
        any(e.kind == "seam" and e.details.get("source") == "found" for e in events_of(item))
        for item in valid
    )
    if count:
        return [f"seams were found in {count} of {len(valid)} clips"]
    score = run.scores.get("seam")
    if score is None or score.value is None or score.ci_low is None or score.ci_low <= 0:
        return []
    return [f"seams are visible, by {with_unit(score)}"]


def _copies(run: Run) -> list[str]:
    """Return how many clips contain copies."""
    found = []
    for key, score in run.scores.items():
        about = describe(key)
        if about.component is None and about.metric in _COPIES and score.value:
            count = round(score.value * score.n_scored)
            verb = "contains" if count == 1 else "contain"
            found.append(f"{count} of {score.n_scored} clips {verb} {_COPIES[about.metric]}")
    return found
