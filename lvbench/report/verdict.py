"""One sentence that says how a run went, made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from lvbench.report.describe import component_key, describe, series_title
from lvbench.report.figure import OVER_TIME, drawn_series, onset_component
from lvbench.report.timeline import events_of
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord

_COPIES = {
    "memorisation": "a stretch copied from a real video",
    "self_repetition": "a stretch shown for another prompt too",
}
_FAULTS = {"freeze": ("freezes", "freeze"), "loop": ("loops", "loop")}


def verdict(run: Run) -> str:
    """Return the sentence: what holds and for how long, what drifts, what freezes, what failed."""
    judged = [item for item in run.items if item.video.status == "ok"]
    if not judged:
        return f"None of {len(run.items)} videos could be judged."
    drifting = sorted(
        {name for item in judged for name in item.metrics if describe(name).group == OVER_TIME}
    )
    found = [said for name in drifting if (said := _drift(name, run))]
    for kind, (one, many) in _FAULTS.items():
        if all(kind not in item.metrics for item in judged):
            continue
        count = sum(any(e.kind == kind for e in events_of(item)) for item in judged)
        if count:
            found.append(f"{count} of {len(judged)} clips {one if count == 1 else many}")
    found += _seams(run, judged) + _copies(run)
    if not found:
        found.append(f"nothing that was looked for was found in {len(judged)} videos")
    lost = len(run.items) - len(judged)
    if lost:
        found.append(f"{lost} of {len(run.items)} could not be judged")
    sentence = "; ".join(found)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _drift(metric: str, run: Run) -> str:
    scored = [
        item.metrics[metric]
        for item in run.items
        if metric in item.metrics and item.metrics[metric].status == "ok"
    ]
    if not scored:
        return ""
    drawn = drawn_series(metric, dict(scored[0].series))
    subject = series_title(metric, drawn[0]) if drawn else describe(metric).metric_title
    subject = subject[:1].lower() + subject[1:]
    half_life = run.scores.get(component_key(metric, "half_life"))
    if half_life is not None and half_life.value is not None:
        few = f" in {len(scored)} of {len(run.items)} clips" if len(scored) < len(run.items) else ""
        return f"holds {subject} for {half_life.value:.0f} s{few}"
    component = onset_component(metric, drawn[0]) if drawn else "onset"
    onset = run.scores.get(component_key(metric, component))
    count = sum(component in score.components for score in scored)
    # Where most videos end before it sets in, the median rests on the few that are longest.
    if onset is not None and onset.value is not None and 2 * count >= len(scored):
        return f"{subject} drifts from {onset.value:.0f} s on"
    return f"{subject} drifts in {count} of {len(scored)} clips" if count else ""


def _seams(run: Run, judged: Sequence[ItemRecord]) -> list[str]:
    """Say where seams were found undeclared, or whether declared ones stand out."""
    count = sum(
        any(e.kind == "seam" and e.details.get("source") == "found" for e in events_of(item))
        for item in judged
    )
    if count:
        return [f"seams were found in {count} of {len(judged)} clips"]
    score = run.scores.get("seam")
    if score is None or score.value is None or score.ci_low is None or score.ci_low <= 0:
        return []
    return ["seams show"]


def _copies(run: Run) -> list[str]:
    """Say how many clips hold what was copied."""
    found = []
    for key, score in run.scores.items():
        about = describe(key)
        if about.component is None and about.metric in _COPIES and score.value:
            count = round(score.value * score.n_scored)
            hold = "holds" if count == 1 else "hold"
            found.append(f"{count} of {score.n_scored} clips {hold} {_COPIES[about.metric]}")
    return found
