"""Does the picture jump where one generated chunk ends and the next begins, or at a new prompt?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.jumps import (
    FLOORS,
    Jumps,
    jumps_at_switches,
    standardise,
    with_neighbours,
)
from lvbench.metrics.common.seam_search import irregular_seams, velocity_seams
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event, ItemScore

if TYPE_CHECKING:
    from lvbench.stats.contrast import Contrast

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
# A jump that rises by less over the pair before is left out of the search, in MAD.
_SEEN = 1.0


class Seam(Metric[Jumps]):
    """Contrast the jump at chunk boundaries, declared or found, with the interior of chunks.

    Args:
        minimum_seconds: Shortest period to look for where no seams are declared.
        maximum_seconds: Longest period.
        minimum_contrast: Found seams with a period that are weaker than this are none.
        outlier: A jump of position or colour this many times the upper quartile of the jumps
            within a second of it is a seam, whatever its time.
        other_picture: A detected cut counts as one where forward and backward flow disagree on
            more than this fraction of the picture.
        answer_seconds: How long after its prompt a picture may answer, for `switches`.
        seed: Seed of the search for a period and of the interval.
    """

    info = MetricInfo(
        name="seam",
        version=1,
        headline=ScoreInfo("Seam jump", "MAD", False),
        components={
            "pixel": ScoreInfo("Seam jump, pixels", "MAD", False),
            "position": ScoreInfo("Seam jump, position", "MAD", False),
            "colour": ScoreInfo("Seam jump, colour", "MAD", False),
            "irregular": ScoreInfo("Irregular seams", "1/min", False, range=(0.0, None)),
            "velocity": ScoreInfo("Velocity seams", "octaves/min", False, range=(0.0, None)),
            "switches": ScoreInfo("Prompt switch jump", "MAD", False, "median"),
            "period": ScoreInfo("Detected seam period", "s", None, range=(0.0, None)),
        },
        needs=("dis", "lab_statistics", "shots"),
        range=(None, None),
        group="seams",
        gates=("stillness", "loop", "incoherence"),
        series={"jump": "MAD"},
        cites=("lvbench", "cui2025selfforcing"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        minimum_seconds: float = 0.4,
        maximum_seconds: float = 30.0,
        minimum_contrast: float = 4.0,
        outlier: float = 4.0,
        other_picture: float = 0.5,
        answer_seconds: float = 0.5,
        seed: int = 0,
    ) -> None:
        self.minimum_seconds, self.maximum_seconds = minimum_seconds, maximum_seconds
        self.minimum_contrast, self.outlier = minimum_contrast, outlier
        self.other_picture = other_picture
        self.answer_seconds, self.seed = answer_seconds, seed

    def new_state(self, video: VideoContext) -> Jumps:
        """Return the empty state."""
        return Jumps(video)

    def update(self, state: Jumps, features: Mapping[str, Features]) -> None:
        """Reduce flow and colour to a few numbers per pair."""
        if "shots" in features:
            state.add_cuts(features["shots"])
        if "lab_statistics" in features:
            state.add_colour(features["lab_statistics"])
        if "dis" in features:
            state.add_flow(features["dis"])

    def item(self, state: Jumps) -> ItemScore:
        """Return the contrast of the jumps at seams; 0 where there are no seams."""
        t = state.t
        if not len(t):
            return not_applicable("too_short", "fewer than 2 frames")
        if state.untrackable(self.other_picture):
            return not_applicable("untrackable", "optical flow can follow the picture nowhere")
        kinds = state.by_kind()
        # The strongest of the three counts: a seam in one of them is a seam.
        jump = np.max([standardise(kinds[name], FLOORS[name]) for name in FLOORS], axis=0)
        series = {"jump": per_segment(t, jump, state.video.segment_seconds).series()}
        cut = state.cuts(self.other_picture)
        components, detail = self._switches(state, jump, cut)
        declared = state.video.seams is not None
        if declared:
            sources = {"declared": state.declared_seams()}
        else:
            sources, found = self._search(state, kinds, jump, cut)
            components |= found
        seam = np.any(list(sources.values()), axis=0)
        interior = ~cut & ~with_neighbours(seam)
        events = [
            _event(t[i], jump[i], source)
            for source, mask in sources.items()
            for i in np.flatnonzero(mask)
        ]
        paces = velocity_seams(state, cut | with_neighbours(seam), self.outlier)
        if paces is not None:
            components["velocity"] = 60 * float(paces.sum()) / float(state.dt.sum())
            events += [_event(t[i], paces[i], "velocity") for i in np.flatnonzero(paces)]
        if not seam.any() or not interior.any():
            flags = [f"no_seams_{'declared' if declared else 'found'}"]
            return ItemScore(
                value=0.0,
                detail=detail,
                components=components,
                series=series,
                events=events,
                flags=flags,
            )
        contrast = self._contrast(jump[seam], jump[interior])
        components |= {
            name: self._contrast(x[seam], x[interior], FLOORS[name]).value
            for name, x in kinds.items()
        }
        count = f"{seam.sum()} seams {'declared' if declared else 'found'}{_interval(contrast)}"
        return ItemScore(
            value=contrast.value,
            detail="; ".join(filter(None, (count, detail))),
            components=components,
            series=series,
            events=events,
        )

    def _contrast(self, seam: Float, interior: Float, floor: float = 1.0) -> Contrast:
        from lvbench.stats.contrast import standardised_contrast

        return standardised_contrast(seam, interior, self.seed, floor=floor)

    def _switches(
        self, state: Jumps, jump: Float, cut: Mask
    ) -> tuple[dict[str, float], str | None]:
        """Return the component of the prompt switches and its detail, empty without enough."""
        jumps = jumps_at_switches(state, jump, cut, self.answer_seconds)
        if jumps is None:
            return {}, None
        contrast = self._contrast(jumps.at, jumps.away, max(1.0, jumps.spread))
        return {"switches": contrast.value}, f"{len(jumps.at)} switches{_interval(contrast)}"

    def _search(
        self, state: Jumps, kinds: dict[str, Float], jump: Float, cut: Mask
    ) -> tuple[dict[str, Mask], dict[str, float]]:
        """Return the pairs at seams by how they were found, and the components about them."""
        regular, period = self._regular(state, jump, cut)
        irregular = irregular_seams(state, kinds, cut, self.outlier) & ~with_neighbours(regular)
        found = {"irregular": 60 * float(irregular.sum()) / float(state.dt.sum())}
        found |= {} if period is None else {"period": period}
        return {"regular": regular, "irregular": irregular}, found

    def _regular(self, state: Jumps, jump: Float, cut: Mask) -> tuple[Mask, float | None]:
        """Return the pairs at seams that come back regularly, and their period in seconds."""
        from lvbench.stats.period import find_period

        frame = state.frame
        # The rise of the jump: motion lasts, a seam does not.
        rise = np.diff(np.maximum(jump, 0.0), prepend=0.0)
        comb = find_period(
            np.where(cut | (rise < _SEEN), 0.0, rise),
            minimum=max(4, round(self.minimum_seconds / frame)),
            maximum=round(self.maximum_seconds / frame),
            seed=self.seed,
        )
        none = np.zeros(len(jump), np.bool_)
        if comb is None:
            return none, None
        seam = none.copy()
        seam[comb.phase :: comb.period] = True
        seam &= ~cut
        interior = ~cut & ~with_neighbours(seam)
        if not interior.any():
            return none, None
        weak = self._contrast(jump[seam], jump[interior]).value < self.minimum_contrast
        return (none, None) if weak else (seam, comb.period * frame)


def _event(t: float, jump: float, source: str) -> Event:
    details: dict[str, float | str] = {"jump": float(jump), "source": source}
    return Event(kind="seam", start=float(t), end=float(t), details=details)


def _interval(contrast: Contrast) -> str:
    low, high = contrast.low, contrast.high
    return "" if low is None else f", 95 % interval {low:.3g} to {high:.3g}"
