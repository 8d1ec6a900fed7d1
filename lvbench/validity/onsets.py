"""How far the onset or the events of a metric are from the planted start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lvbench.results.schema import ItemScore
from lvbench.validity.measures import Share


@dataclass(frozen=True, slots=True)
class Onset:
    """Where a metric places a fault.

    Attributes:
        fault: Name of the fault.
        source: Name of the source.
        error: Seconds between the planted start and the nearest found; None where none is found.
    """

    fault: str
    source: str
    error: float | None


def onset_error(score: ItemScore, start: float) -> float | None:
    """Return the distance of a score's onset or nearest event from a planted start, in seconds.

    The components `onset` and `..._onset` are read where the score has one; else the starts and
    ends of its events.
    """
    times = [value for name, value in score.components.items() if is_onset(name)]
    if not times:
        times = [time for event in score.events for time in (event.start, event.end)]
    return min((abs(time - start) for time in times), default=None)


def is_onset(component: str) -> bool:
    """Return whether a component is the onset of a series."""
    return component == "onset" or component.endswith("_onset")


def within(onsets: Sequence[Onset], seconds: float) -> Share:
    """Return how many onsets are found within some seconds of the planted start."""
    near = sum(one.error is not None and one.error <= seconds + 1e-6 for one in onsets)
    return Share(near, len(onsets))


def median_error(onsets: Sequence[Onset]) -> float | None:
    """Return the median error in seconds of the onsets that were found; None without one."""
    errors = [one.error for one in onsets if one.error is not None]
    return float(np.median(errors)) if errors else None
