"""Does a view that the clip returns to look as it did before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.set_scores import scored
from lvbench.metrics.common.similarity import SegmentVectors, Vectors, unit
from lvbench.results.schema import Event, ItemRecord, ItemScore, Score, Series
from lvbench.stats.slope import slope_interval

_FEWEST_GAPS = 3


class _Return(NamedTuple):
    """A view that was left and came back; times in seconds, similarities as cosines.

    `t` and `to_before` are the returning segments and their similarity to the view before.
    """

    left: float
    back: float
    t: NDArray[np.float64]
    to_before: NDArray[np.float64]
    distance: float
    unrelated: float


class Reappearance(Metric[SegmentVectors]):
    """Compare the stretch that returns to a view with the one before it was left, and others.

    Args:
        extractor: An image encoder.
        apart: Least distance, in the cosine, between a view and the clip's other stretches for
            `recovered` and `left` to count it as left.
    """

    info = MetricInfo(
        name="reappearance",
        version=1,
        headline=ScoreInfo("Reappearance contrast", "cos", True),
        components={
            "similarity": ScoreInfo("Reappearance similarity", "cos", True),
            "unrelated": ScoreInfo("Similarity to other views", "cos", None),
            "recovered": ScoreInfo("Recovered similarity fraction", "", True),
            "left": ScoreInfo("Left view fraction", "", True, "mean", (0.0, 1.0)),
            "gap": ScoreInfo("Absence duration", "s", None, "median", (0.0, None)),
            "per_doubling": ScoreInfo(
                "Reappearance contrast per doubling of the absence", "cos", True, "set"
            ),
        },
        needs=("dinov2_vits14",),
        range=(-2.0, 2.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"to_before": "cos", "by_gap": "cos"},
        cites=("lvbench",),
        tolerance=1e-4,
    )

    def __init__(self, extractor: str = "dinov2_vits14", apart: float = 0.05) -> None:
        if apart <= 0:
            raise ValueError(f"apart must be above 0, not {apart}")
        self.extractor, self.apart = extractor, apart

    def new_state(self, video: VideoContext) -> SegmentVectors:
        """Return the empty state."""
        return SegmentVectors(video)

    def update(self, state: SegmentVectors, features: Mapping[str, Features]) -> None:
        """Add the frames' embeddings to their segments'."""
        state.add(features[self.needs[0]], "image")

    def item(self, state: SegmentVectors) -> ItemScore:
        """Return how much more a returning view resembles itself than other stretches."""
        if len(state.directions()[0]) < 2:
            return not_applicable("too_short", "fewer than 2 segments")
        if not any(state.video.views):
            return not_applicable("no_return", "the manifest names no view that is shown")
        found = [_compared(*three) for three in _returns(_visits_of(state))]
        if not found:
            return not_applicable(
                "no_return", "no view is left for a whole segment and shown again"
            )
        gap = np.array([one.back - one.left for one in found])
        before = np.array([one.to_before.mean() for one in found])
        distance = np.array([one.distance for one in found])
        unrelated = np.array([one.unrelated for one in found])
        lead = before - unrelated
        was_left = distance >= self.apart
        parts = {
            "similarity": float(before.mean()),
            "unrelated": float(unrelated.mean()),
            "left": float(was_left.mean()),
            "gap": float(np.exp(np.log(gap).mean())),
        }
        if was_left.any():
            parts["recovered"] = float((lead[was_left] / distance[was_left]).mean())
        order = np.argsort(gap, kind="stable")
        return ItemScore(
            value=float(lead.mean()),
            components=parts,
            series={
                "to_before": Series(
                    t=np.concatenate([one.t for one in found]).tolist(),
                    y=np.concatenate([one.to_before for one in found]).tolist(),
                ),
                "by_gap": Series(t=gap[order].tolist(), y=lead[order].tolist()),
            },
            events=[
                Event(kind="view_returned", start=one.left, end=one.back, details={"lead": value})
                for one, value in zip(found, lead.tolist(), strict=True)
            ],
        )

    def aggregate(
        self, items: Sequence[ItemRecord], *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores of a run, with the slope of the contrast over the gaps."""
        found = super().aggregate(items, resamples=resamples, seed=seed)
        points = sorted(
            (item.video.cluster, float(np.log2(score.components["gap"])), score.value)
            for item in items
            if (score := item.metrics.get(self.key)) is not None and score.value is not None
        )
        gaps = {round(x, 6) for _, x, _ in points}
        if len(gaps) < _FEWEST_GAPS:
            fit, detail = None, f"{len(gaps)} different gaps, a slope needs {_FEWEST_GAPS}"
        else:
            clusters, x, y = (list(column) for column in zip(*points, strict=True))
            fit, detail = slope_interval(x, y, clusters, resamples=resamples, seed=seed), None
        key = self.suffixed(f"{self.info.name}.per_doubling")
        slope = scored(self.info.components["per_doubling"], fit, len(points), detail)
        code = {"code": "too_few_gaps"} if fit is None else {}
        return found | {key: slope.model_copy(update=code)}


@dataclass(frozen=True)
class _Visit:
    """A stretch that shows one view: centres `(s,)` and vectors `(s, d)` of its full segments."""

    view: str | None
    start: float
    end: float
    t: NDArray[np.float64]
    vectors: Vectors


def _visits_of(state: SegmentVectors) -> list[_Visit]:
    """Return the stretches of one view each, in order; a segment counts where it is inside."""
    ids, vectors = state.directions()
    seconds = state.video.segment_seconds
    starts = [start for start, _ in state.video.prompts]
    names = state.video.views
    edges = [k for k in range(len(starts)) if k == 0 or names[k] != names[k - 1] or not names[k]]
    found = []
    for first, following in zip(edges, [*edges[1:], None], strict=True):
        start = starts[first]
        end = np.inf if following is None else starts[following]
        within = (ids * seconds >= start - 1e-6) & ((ids + 1) * seconds <= end + 1e-6)
        t = np.asarray((ids[within] + 0.5) * seconds, np.float64)
        found.append(_Visit(names[first], start, float(end), t, vectors[within]))
    return [visit for visit in found if len(visit.vectors)]


def _returns(visits: Sequence[_Visit]) -> list[tuple[_Visit, Sequence[_Visit], _Visit]]:
    """Return, for every view shown again, its stretch before, those between, and it again."""
    last: dict[str, int] = {}
    found = []
    for k, visit in enumerate(visits):
        if visit.view is not None:
            first = last.get(visit.view, k)
            if first + 1 < k:
                found.append((visits[first], visits[first + 1 : k], visit))
            last[visit.view] = k
    return found


def _compared(before: _Visit, others: Sequence[_Visit], again: _Visit) -> _Return:
    centre = unit(before.vectors.sum(0))
    centres = unit(np.stack([visit.vectors.sum(0) for visit in others]))
    return _Return(
        before.end,
        again.start,
        again.t,
        again.vectors @ centre,
        float((before.vectors @ centre).mean() - (before.vectors @ centres.T).mean()),
        float((again.vectors @ centres.T).mean()),
    )
