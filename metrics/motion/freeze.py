"""What fraction of the video's time is frozen?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.signal.fingerprint import GRID
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.column_metric import Collected
from lvbench.metrics.common.picture_file import PictureFile, Pictures
from lvbench.metrics.common.runs import Mask, runs
from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event, ItemScore

Float = NDArray[np.float64]
# A keyframe, and the frame that refines it.
_KEYFRAME_PAIRS = 2
# Fewest pairs without any change in a held picture.
_HELD_PAIRS = 4
_AROUND = 3
# Levels by which noise moves the mean of a block, at most and at times.
_NOISE, _SOME_NOISE = 3.5, 1.5
# Times the usual change of a held picture with noise: a larger one is motion.
_NOISIER = 3.0
# Levels by which the two halves of a held stretch may differ in a block.
_SAME = 3.0
_AT_ONCE = 64  # Pictures that are compared together.


@dataclass
class _Pairs:
    """The numbers of every frame pair, and a thumbnail of its second frame."""

    columns: Collected
    pictures: PictureFile = field(default_factory=PictureFile)


class Freeze(Metric[_Pairs]):
    """Find the stretches in which everything stops at once and no block of the picture changes.

    Args:
        residue: Largest change of a still pair, levels squared (see `fingerprint`).
        drift: Largest change of a lone pair between still ones that does not end the stillness.
        keyframe: Largest change of a pair or two (a keyframe and what refines it) over which a
            freeze that is established already goes on.
        minimum_seconds: Shortest freeze.
        minimum_pairs: Fewest consecutive still pairs that establish one.
        abrupt: Share of the usual extent of motion that must stop, or begin, at once.
    """

    info = MetricInfo(
        name="freeze",
        version=1,
        headline=ScoreInfo("Frozen fraction", "", False),
        components={"longest": ScoreInfo("Longest freeze", "s", False, range=(0.0, None))},
        needs=("fingerprint",),
        range=(0.0, 1.0),
        group="motion",
        series={"frozen": ""},
        cites=("lvbench",),
    )

    def __init__(
        self,
        residue: float = 2.5,
        drift: float = 10.0,
        keyframe: float = 80.0,
        minimum_seconds: float = 0.5,
        minimum_pairs: int = 5,
        abrupt: float = 0.5,
    ) -> None:
        self.residue, self.drift, self.keyframe = residue, drift, keyframe
        self.minimum_seconds, self.minimum_pairs = minimum_seconds, minimum_pairs
        self.abrupt = abrupt

    def new_state(self, video: VideoContext) -> _Pairs:
        """Return the empty state."""
        return _Pairs(Collected(video, ("change", "spread", "dt")))

    def update(self, state: _Pairs, features: Mapping[str, Features]) -> None:
        """Keep the next pairs."""
        found = features["fingerprint"]
        state.columns.add(found, "change", "spread", "dt")
        # Four pixels in one: the mean is less noisy, and differences are of coarse parts.
        blocks = found["thumbnail"].reshape(len(found.t), GRID[0], 2, GRID[1], 2)
        state.pictures.extend(np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8))

    def item(self, state: _Pairs) -> ItemScore:
        """Return the fraction of time frozen, with every freeze as an event."""
        pairs = state.columns
        t, dt = pairs.t, pairs["dt"]
        if not len(t):
            return not_applicable("too_short", "fewer than 2 frames")
        pictures = state.pictures
        largest, share = _changes(pictures)
        # Equal means are no proof of a held picture: never 0.
        noisy = self.residue * np.square(np.maximum(largest, 0.1) / _NOISE)
        frozen = np.zeros(len(t), np.bool_)
        for change, extent, sure in (
            (pairs["change"], pairs["spread"], True),
            (noisy, share, False),
        ):
            still = self._frozen(change, dt)
            stops = self._stops(np.stack([extent, largest], axis=1), dt, still)
            for first, last in runs(still):
                if not sure:
                    first, last = self._alike(pairs["change"], first, last)
                same = sure or _same(pictures[first:last])
                frozen[first:last] |= same and stops(first, last)
        events = [
            Event(kind="freeze", start=float(t[first] - dt[first]), end=float(t[last - 1]))
            for first, last in runs(frozen)
        ]
        series = per_segment(t, frozen.astype(np.float64), pairs.video.segment_seconds)
        return ItemScore(
            value=float(min(1.0, dt[frozen].sum() / dt.sum())),
            components={"longest": max((e.end - e.start for e in events), default=0.0)},
            series={"frozen": series.series()},
            events=events,
        )

    def _alike(self, change: Float, first: int, last: int) -> tuple[int, int]:
        """Return a run without the pairs at its ends that change more than its noise does."""
        part = change[first:last]
        noise = np.flatnonzero(part <= max(self.drift, _NOISIER * float(np.median(part))))
        return first + int(noise[0]), first + int(noise[-1]) + 1

    def _stops(self, size: Float, dt: Float, still: Mask) -> Callable[[int, int], bool]:
        """Return whether a run of still pairs begins and ends at once.

        What comes to rest, or leaves the picture, takes its time; a freeze takes none. At its end
        the picture moves at once, or jumps to where it would be. A run that is the complete video
        has nothing to compare with.

        Args:
            size: Two measures of each pair's change, `(n, 2)`.
            dt: Duration of each pair.
            still: Which pairs are still.
        """
        usual = np.median(size[~still], axis=0) if not still.all() else np.zeros(2)
        second = max(_AROUND, round(1 / float(np.median(dt))))

        def speed(near: Float, part: Float) -> float:
            """Return the motion next to the run as a share of what is usual, and of its side."""
            most = np.maximum(usual, np.median(part, axis=0))
            return float((near / np.maximum(most, 1e-9)).min())

        def stops(first: int, last: int) -> bool:
            before, after = size[max(0, first - second) : first], size[last : last + second]
            start = speed(np.median(before[-_AROUND:], axis=0), before) if len(before) else 1.0
            if not len(after):
                return start >= self.abrupt
            if not len(before):
                return speed(np.median(after[:_AROUND], axis=0), after) >= self.abrupt
            end = speed(after[:_AROUND].max(axis=0), after)
            return min(start, end) >= self.abrupt

        return stops

    def _frozen(self, change: Float, dt: Float) -> Mask:
        """Return which pairs belong to a freeze."""
        still = change < self.residue
        still |= _lone(still) & (change < self.drift)
        # A clip shorter than a freeze is frozen entirely or not at all.
        seconds, pairs = min(self.minimum_seconds, dt.sum()), min(self.minimum_pairs, len(dt))
        long = np.zeros_like(still)
        for first, last in runs(still):
            # The slack keeps a freeze of exactly the minimum from depending on rounding of times.
            enough = dt[first:last].sum() >= seconds - 1e-6
            long[first:last] = enough and last - first >= pairs
        joined = still.copy()
        for first, last in runs(~still):
            inner = first > 0 and last < len(still) and last - first <= _KEYFRAME_PAIRS
            joined[first:last] = inner and bool((change[first:last] < self.keyframe).all())
        frozen = np.zeros_like(still)
        for first, last in runs(joined):
            frozen[first:last] = long[first:last].any()
        # One picture, shown for long, is a freeze at the slowest rates too.
        held = change == 0
        for first, last in runs(held):
            enough = dt[first:last].sum() >= self.minimum_seconds - 1e-6
            frozen[first:last] |= enough and last - first >= _HELD_PAIRS
        return frozen


def _lone(still: Mask) -> Mask:
    """Return where a single pair that is not still is between two that are."""
    lone = np.zeros_like(still)
    lone[1:-1] = ~still[1:-1] & still[:-2] & still[2:]
    return lone


def _changes(pictures: PictureFile) -> tuple[Float, Float]:
    """Return each pair's largest change of a block's mean, and the share of blocks that change.

    The change that all blocks have in common is left out.
    """
    largest, share = np.zeros((2, len(pictures)))
    for start in range(0, len(pictures), _AT_ONCE):
        some = pictures[max(0, start - 1) : start + _AT_ONCE]
        part = some.reshape(len(some), -1).astype(np.float64)
        change = np.diff(part, axis=0, prepend=part[:1])[min(1, start) :]
        change = np.abs(change - np.median(change, axis=1, keepdims=True))
        these = slice(start, start + len(change))
        largest[these] = change.max(axis=1)
        share[these] = (change > _SOME_NOISE).mean(axis=1)
    return largest, share


def _same(pictures: Pictures) -> bool:
    """Return whether the two halves of a stretch show one picture, whatever its noise."""
    half = len(pictures) // 2
    change = pictures[half:].mean(axis=0) - pictures[: max(1, half)].mean(axis=0)
    return bool(np.abs(change - np.median(change)).max() < _SAME)
