"""The headline scores of quality: those with a good direction, of single videos."""

from __future__ import annotations

from dataclasses import dataclass

from lvbench.report.tables.describe import COST, OVER_TIME, describe
from lvbench.results.run import Run
from lvbench.results.schema import ItemRecord, Score


@dataclass(frozen=True, slots=True)
class Headline:
    """A quality score of single videos.

    Attributes:
        key: The score's key.
        unit: Unit of the value.
        by_size: Whether the absolute value counts: a drift without a good direction.
        higher_is_better: Its good direction.
    """

    key: str
    unit: str
    by_size: bool
    higher_is_better: bool

    def value(self, item: ItemRecord) -> float | None:
        """Return a video's value, None where it has none."""
        score = item.metrics.get(describe(self.key).record)
        if score is None or score.value is None:
            return None
        return abs(score.value) if self.by_size else score.value


def headlines(run: Run) -> list[Headline]:
    """Return the headlines of quality in the order of the table; cost is none of them."""
    keys = sorted(run.scores, key=lambda key: describe(key).order)
    return [found for key in keys if (found := _headline(key, run.scores[key])) is not None]


def _headline(key: str, score: Score) -> Headline | None:
    about = describe(key)
    if about.component is not None or about.of_sets or about.group == COST:
        return None
    by_size = about.group == OVER_TIME and (
        score.higher_is_better is None or about.statistic == "median_absolute"
    )
    if by_size:
        return Headline(key, score.unit, by_size=True, higher_is_better=False)
    if score.higher_is_better is None:
        return None
    return Headline(key, score.unit, by_size=False, higher_is_better=score.higher_is_better)
