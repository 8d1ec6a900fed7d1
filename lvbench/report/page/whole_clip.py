"""Say which quantities leave their start, and which other faults the clips have, in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from lvbench.report.tables.describe import component_key, describe, metric_info
from lvbench.report.tables.rounding import with_interval
from lvbench.report.tables.table import is_worse
from lvbench.results.run import Run
from lvbench.results.schema import Score

_MOSTLY = 0.5
_MOST = 3
# Scores that are 0 on a clip without the fault, each with its words.
_FAULTS = {
    "stillness": "nothing moves for {} % of the time",
    "incoherence": "{} % of the frames do not follow from the one before",
    "time_order": "the order of the pictures is {} % astray",
    "shot_cuts": "{} cuts a minute that nobody ordered",
}


def known(run: Run | None, key: str) -> Score | None:
    """Return a score where it has a value and an interval."""
    score = None if run is None else run.scores.get(key)
    found = score is not None and score.value is not None and score.ci_low is not None
    return score if found else None


def with_unit(score: Score) -> str:
    """Return value, interval and unit."""
    assert score.value is not None
    return f"{with_interval(score.value, score.ci_low, score.ci_high)} {score.unit}".rstrip()


def size_of(score: Score) -> Score:
    """Return a score with its sign removed."""
    assert score.value is not None
    if score.value >= 0 or score.ci_low is None or score.ci_high is None:
        return score
    turned = {"value": -score.value, "ci_low": -score.ci_high, "ci_high": -score.ci_low}
    return score.model_copy(update=turned)


def of_real(score: Score | None) -> str:
    """Return the value of real video in brackets; empty without one."""
    return "" if score is None else f" (real video: {with_unit(score)})"


def whole_drifts(metrics: Sequence[str], run: Run, real: Run | None) -> tuple[list[str], list[str]]:
    """Return which drift is noticeable for the largest share of the time, and how large it is.

    Args:
        metrics: Metrics of drifts; those without a size of change that is just noticed are left
            out.
        run: The run.
        real: A run of real videos.

    Returns:
        A clause, or none; and the metrics whose drift is noticeable, the worst first.
    """
    found = []
    for metric in metrics:
        off, change = known(run, component_key(metric, _outside(metric))), known(run, metric)
        if off is not None and change is not None and (off.ci_low or 0.0) > 0:
            found.append((off.value or 0.0, metric, size_of(change)))
    if not found:
        return [], []
    found.sort(key=lambda one: -one[0])
    share, worst, change = found[0]
    same = known(real, worst)
    words = (
        f"{_title(worst)} is the most noticeable: {with_unit(change)} within a clip"
        f"{of_real(None if same is None else size_of(same))}, off the start for "
        f"{100 * share:.0f} % of the time"
    )
    others = [_title(metric) for share, metric, _ in found[1:] if share > _MOSTLY]
    words += f"; {_listed(others)} for most of it" if others else ""
    return [words], [metric for _, metric, _ in found]


def _outside(metric: str) -> str:
    """Return the component with the share of time in which a quantity is off its start."""
    info = metric_info(metric)
    parts = info.components if info is not None else ()
    return next((part for part in parts if part.endswith("outside")), "outside")


def whole_change(run: Run, metric: str, worst: str) -> float | None:
    """Return the size of the change within a clip: the component `worst`, else the headline."""
    score = run.scores.get(component_key(metric, worst), run.scores.get(metric))
    return None if score is None or score.value is None else abs(score.value)


def other_faults(run: Run) -> list[str]:
    """Return the scores above 0 that count a fault, in words."""
    found = []
    for metric, words in _FAULTS.items():
        score = known(run, metric)
        if score is not None and (score.ci_low or 0.0) > 0:
            scale = 1 if score.unit else 100
            low, high = (None if x is None else scale * x for x in (score.ci_low, score.ci_high))
            found.append(words.format(with_interval(scale * (score.value or 0.0), low, high)))
    return found


def worse_than_real(run: Run, real: Run | None) -> list[str]:
    """Return the headlines on which the videos are worse than real ones, intervals apart."""
    if real is None:
        return []
    titles = [
        _title(about.record)
        for key, score in run.scores.items()
        if (about := describe(key)).component is None
        and key in real.scores
        and is_worse(score, real.scores[key])
    ]
    more = f" and {len(titles) - _MOST} more" if len(titles) > _MOST else ""
    return [f"worse than real video: {', '.join(titles[:_MOST])}{more}"] if titles else []


def _title(metric: str) -> str:
    title = describe(metric).metric_title
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
