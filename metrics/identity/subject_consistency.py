"""Are the subjects that a video has shown still found, and not others in their place?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
    segment_index,
    why_no_drift,
)
from lvbench.metrics.common.similarity import half_life_components, half_life_infos
from lvbench.metrics.common.subject_parts import Parts, Sight, place_stays
from lvbench.metrics.common.tracks import SAME_PLACE, Floats, overlap
from lvbench.results.schema import ItemScore

_HALF = 0.5  # Share of its parts from which a subject is seen.
_USUAL = 0.8  # Of its usual share: from there it is found as usual.
_BORDER = 0.06  # Of the picture: what reaches it may leave, and another may come in there.
_MOST_SUBJECTS = 12
_MOST_AT_ONCE = 6
_FEWEST_SEGMENTS = 6

_Where = Literal["seen", "missing", "gone", "left"]


@dataclass
class _Subject:
    """A known subject, its last sight, and where it is by that and the camera's motion since.

    `shares`: those of its parts at the times at which it was found as usual.
    """

    parts: Parts
    last: Sight
    box: Floats
    shares: Floats
    shift: Floats = field(default_factory=lambda: np.zeros(2))
    where: _Where = "seen"

    def see(self, sight: Sight, shift: Floats) -> float:
        """Return the share of its parts that a picture shows, and note where it is.

        It is missing where it was lost while what surrounds its place stayed, until it is seen
        again or its place leaves the picture. It is gone where the scene around it went too:
        another scene took its place, not another subject. At the border it has left.

        Args:
            sight: The picture.
            shift: How far the scene has moved right and down since the last picture.
        """
        share = self.parts.found_in(sight)
        self.shift = self.shift + shift
        if share >= _HALF:
            self.last, self.box, self.shift = sight, self.parts.box_in(sight), np.zeros(2)
            self.where = "seen"
        elif _at_border(self.place()):
            self.where = "left"
        elif self.where == "seen":
            stays = place_stays(self.last, sight, self.box, self.shift)
            self.where = "missing" if stays else "gone"
        return share

    def place(self) -> Floats:
        """Return where it was last seen, as the camera's motion has moved that place since."""
        return self.box + np.tile(self.shift, 2)

    def of_usual(self, share: float) -> float:
        """Return a share as a part of its usual one, at most 1; one as usual is learned."""
        found = min(1.0, share / (_USUAL * float(np.median(self.shares))))
        if found >= 1:
            self.shares = np.append(self.shares, share)
        return found


@dataclass
class _Followed:
    """State: the subjects known, those that are being learned, and numbers per sampled time.

    `camera`: the camera's motion at the last sight.
    """

    video: VideoContext
    known: list[_Subject] = field(default_factory=list)
    learning: list[list[Sight]] = field(default_factory=list)
    camera: Floats | None = None
    t: Column = field(default_factory=Column)
    present: Column = field(default_factory=Column)
    doubled: Column = field(default_factory=Column)
    share: Column = field(default_factory=Column)
    moving: Column = field(default_factory=Column)
    found_t: Column = field(default_factory=Column)
    found: Column = field(default_factory=Column)
    previous_t: Column = field(default_factory=Column)
    previous: Column = field(default_factory=Column)
    last: Sight | None = None


class SubjectConsistency(Metric[_Followed]):
    """Look for the parts of every subject that was seen, in the entire picture.

    Args:
        extractor: Describes the places and finds what moves.
        baseline: Median share of parts that are found of another subject; that of `mobilenet_v2`
            unless set otherwise.
        anchor_seconds: How long a subject is learned, from its first sight.
        gap_seconds: Longest time between two sights that are compared with each other.
    """

    info = MetricInfo(
        name="subject_consistency",
        version=1,
        headline=ScoreInfo("Subject consistency", "", True),
        components=drift_infos("Subject found", "", True)
        | half_life_infos("Subject found")
        | {
            "to_previous": ScoreInfo("Subject found of the previous sight", "", True),
            "presence": ScoreInfo("Subject presence fraction", "", None, "mean", (0.0, 1.0)),
            "doubled": ScoreInfo("Subject doubled, fraction", "", False, "mean", (0.0, 1.0)),
            "subjects": ScoreInfo("Subjects seen", "", None, "mean", (1.0, None)),
            "share": ScoreInfo("Subject area fraction", "", None, "mean", (0.0, 1.0)),
        },
        needs=("subject",),
        range=(0.0, 1.0),
        group="over time",
        gates=("stillness", "loop", "incoherence"),
        series={"subject_found": "", "to_previous": "", "presence": ""},
        cites=("lvbench", "adiv1985motion", "black1996robust", "rother2004grabcut"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        extractor: str = "subject",
        baseline: float = 0.1,
        anchor_seconds: float = 2.0,
        gap_seconds: float = 1.25,
    ) -> None:
        self.extractor, self.baseline = extractor, baseline
        self.anchor_seconds, self.gap_seconds = anchor_seconds, gap_seconds

    def new_state(self, video: VideoContext) -> _Followed:
        """Return the empty state."""
        return _Followed(video)

    def update(self, state: _Followed, features: Mapping[str, Features]) -> None:
        """Look for the subjects in the pictures of a block."""
        found = features[self.needs[0]]
        for i, t in enumerate(found.t):
            arrays = (found[name][i] for name in ("local", "hue", "region", "moves"))
            box = found["box"][i, 0].astype(np.float64) if found["count"][i] else None
            state.t.append(float(t))
            state.moving.append(float(found["moving"][i]))
            if box is not None:
                state.share.append(float(found["score"][i, 0]))
            self._see(state, Sight(float(t), *arrays), box, found["camera"][i])

    def _see(self, state: _Followed, sight: Sight, box: Floats | None, camera: Floats) -> None:
        shift = self._shift(state, sight.t, camera)
        self._with_last(state, sight, box)
        for sights in state.learning:
            if sight.t - sights[0].t >= self.anchor_seconds - 1e-6:
                self._learn(state, sights)
        shares = np.array([subject.see(sight, shift) for subject in state.known])
        seen = bool((shares >= _HALF).any())
        if seen:
            best = state.known[int(shares.argmax())]
            state.doubled.append(float(best.parts.places(sight, _HALF) > 1))
        if any(subject.where == "missing" for subject in state.known):
            state.learning = []  # What moves now may be there in its stead.
        else:
            for figure in sight.figures():
                self._follow(state, figure)
        self._find(state, sight.t, shares, box is not None)
        state.present.append(float(seen or bool(state.learning)))

    def _find(self, state: _Followed, t: float, shares: Floats, moving: bool) -> None:
        """Add how well the subjects are found that must be there, the distinct ones above all."""
        due = np.array([subject.where in ("seen", "missing") for subject in state.known], np.bool_)
        if not due.any() and moving:
            due = shares == shares.max(initial=0.0)
        required = [(state.known[k], float(shares[k])) for k in np.flatnonzero(due)]
        if required:
            found = [subject.of_usual(share) for subject, share in required]
            weights = [subject.parts.distinct**2 for subject, _ in required]
            state.found_t.append(t)
            state.found.append(float(np.average(found, weights=weights)))

    def _shift(self, state: _Followed, t: float, camera: Floats) -> Floats:
        """Return how far the scene has moved right and down since the last sight."""
        times = state.t.values()
        velocity = camera if state.camera is None else (state.camera + camera) / 2
        state.camera = camera
        return np.asarray(velocity[:2] * (t - times[-2] if len(times) > 1 else 0.0))

    def _follow(self, state: _Followed, figure: Sight) -> None:
        """Add a figure that moves to those that are being learned, unless it is known."""
        if self._is_known(state, figure):
            return
        near = figure.near()
        alike = [Parts(sights[-1:]).found_in(figure, near) for sights in state.learning]
        if max(alike, default=0.0) >= _HALF:
            sights = state.learning[int(np.argmax(alike))]
            if sights[-1].t < figure.t:
                sights.append(figure)
        elif len(state.learning) < _MOST_AT_ONCE and self._may_be_new(state, figure):
            state.learning.append([figure])

    def _may_be_new(self, state: _Followed, figure: Sight) -> bool:
        """Return whether a figure may be another one than those known.

        It may while one of these is in sight, and where it comes in after they have left.
        """
        where = {subject.where for subject in state.known}
        if not where or "seen" in where:
            return True
        box = figure.box()
        places = np.stack([subject.place() for subject in state.known])
        apart = overlap(box[None], places).max() < SAME_PLACE
        return where == {"left"} and bool(apart) and _at_border(box)

    def _is_known(self, state: _Followed, figure: Sight) -> bool:
        near = figure.near()
        return any(known.parts.found_in(figure, near) >= _HALF / 2 for known in state.known)

    def _learn(self, state: _Followed, sights: list[Sight]) -> None:
        """Make a subject of the first sights, which count as compared with each other."""
        state.learning = [others for others in state.learning if others is not sights]
        full = len(state.known) >= _MOST_SUBJECTS
        if len(sights) < 2 or full or self._is_known(state, sights[-1]):
            return
        parts = Parts(sights)
        early = np.array(parts.compared_with_each_other(sights))
        usual = float(np.median(early))
        if usual < _HALF:
            return  # Not one thing: what moves against the camera differs from sight to sight.
        state.known.append(_Subject(parts, sights[-1], parts.box_in(sights[-1]), early))
        state.found_t.extend([sight.t for sight in sights])
        state.found.extend(np.minimum(early / (_USUAL * usual), 1).tolist())

    def _with_last(self, state: _Followed, sight: Sight, box: Floats | None) -> None:
        if box is None or not sight.inside().any():
            return
        if state.last is not None and sight.t - state.last.t <= self.gap_seconds:
            state.previous_t.append(sight.t)
            state.previous.append(Parts([state.last]).found_in(sight))
        state.last = sight

    def item(self, state: _Followed) -> ItemScore:
        """Return the mean share of the subjects' parts that are found while one must be there."""
        seconds = state.video.segment_seconds
        for sights in state.learning:
            self._learn(state, sights)
        sampled = len(np.unique(segment_index(state.t.values(), seconds)))
        refusal = why_no_drift(sampled, state.video, "identity")
        if refusal:
            return refusal
        order = np.argsort(state.found_t.values(), kind="stable")
        t, y = state.found_t.values()[order], state.found.values()[order]
        found = per_segment(t, y, seconds)
        if len(found.t) < _FEWEST_SEGMENTS:
            return self._no_subject(state, len(found.t))
        previous = per_segment(state.previous_t.values(), state.previous.values(), seconds)
        present = state.present.values()
        doubled = state.doubled.values()
        return ItemScore(
            value=float(found.y.mean()),
            components=drift_components(found)
            | half_life_components(found, self.baseline)
            | {
                "presence": float(present.mean()),
                "doubled": float(doubled.mean()) if len(doubled) else 0.0,
                "subjects": float(len(state.known)),
                "share": float(state.share.values().mean()),
            }
            | ({"to_previous": float(np.mean(previous.y))} if len(previous.y) else {}),
            series={
                "subject_found": found.series(),
                "to_previous": previous.series(),
                "presence": per_segment(state.t.values(), present, seconds).series(),
            },
        )

    def _no_subject(self, state: _Followed, segments: int) -> ItemScore:
        moving = state.moving.values()
        return not_applicable(
            "no_subject" if moving.any() else "no_motion",
            f"a subject could be compared in {segments} segments, {_FEWEST_SEGMENTS} are needed; "
            f"something moves against the camera in {np.mean(moving > 0):.0%} "
            f"of {len(moving)} sampled frames",
        )


def _at_border(box: Floats) -> bool:
    return bool((box[:2] < _BORDER).any() or (box[2:] > 1 - _BORDER).any())
