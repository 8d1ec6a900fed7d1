"""How much does the brightness jump from frame to frame where motion does not explain it?

And does texture change while it moves (boiling), or stay behind when its object moves (sticking)?
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.flow.warp import sample
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.segments import per_segment
from lvbench.metrics.common.spans import Spans
from lvbench.results.schema import ItemScore, Series

Array = NDArray[Any]
# Variance of the gradient that separates displacement from brightness, levels squared.
_RIDGE = np.float32(1.0)
_WHITE = 0.25  # Energy of white noise at 2 pixels over that at 1 pixel.
_DETAIL = (7, 7)  # Pixels whose mean is taken off: what is left is texture.
_SLIDING = 0.02  # Smallest fraction of a picture that must slide,
_SLIDE_SHARE = 0.1  # and of the pairs in which it must.
_APART = 8  # Pairs between two textures: what slides has moved on by its own size.
_KEPT = 64  # Textures whose mean is compared with later ones.


@dataclass
class _Past:
    """The mean of the textures that are older than `_APART` frames."""

    mean: Array | None = None
    count: int = 0
    recent: deque[Array] = field(default_factory=deque)

    def add(self, texture: Array) -> None:
        """Take the texture of the next frame."""
        self.recent.append(texture)
        if len(self.recent) > _APART:
            oldest = self.recent.popleft()
            mean = np.zeros_like(oldest) if self.mean is None else self.mean
            self.count = min(self.count + 1, _KEPT)
            self.mean = mean + (oldest - mean) / np.float32(self.count)


@dataclass
class _Flicker:
    """State: the numbers so far, and what the next pair needs of the last one."""

    spans: Spans
    boiling: Spans
    sticking: Spans
    past: _Past = field(default_factory=_Past)
    last: tuple[float, Array, Array] | None = None
    pairs: int = 0
    repeats: list[float] = field(default_factory=list)


class TemporalFlicker(Metric[_Flicker]):
    """Compare every frame with both its neighbours, brought onto it by optical flow.

    Args:
        block: Side of a block in pixels of the flow's grid.
        scatter: Misregistration (standard deviation of the residual, luma levels) at which a
            block weighs half.
        tracked: Smallest fraction of a block's pixels that both neighbours must show.
        coverage: Smallest fraction of blocks for a frame to be measured.
        followed: Smallest mean weight of all blocks for a frame to be measured: noise has none,
            even where flow is consistent.
        repeat: Change of a block's mean, luma levels, up to which a frame repeats the last one.
        slides: Smallest displacement, pixels of the flow's grid, at which texture that moves is
            distinct from texture that sticks.
    """

    info = MetricInfo(
        name="temporal_flicker",
        version=1,
        headline=ScoreInfo("Temporal flicker", "levels", False),
        components={
            "boiling": ScoreInfo("Boiling texture", "", False, range=(None, None)),
            "sticking": ScoreInfo(
                "Texture that sticks to the screen", "", False, range=(None, None)
            ),
            "measured": ScoreInfo("Temporal flicker, measured fraction", "", None),
        },
        needs=("dis", "shots"),
        range=(0.0, 255.0),
        group="motion",
        gates=("stillness", "loop", "incoherence"),
        series={"flicker": "levels", "flicker_per_frame": "levels"},
        cites=("lvbench", "sundaram2010dense", "negahdaripour1998revised"),
        tolerance=1e-3,
    )

    def __init__(
        self,
        block: int = 8,
        scatter: float = 4.0,
        tracked: float = 0.5,
        coverage: float = 0.15,
        followed: float = 0.02,
        repeat: float = 0.5,
        slides: float = 1.0,
    ) -> None:
        self.block, self.scatter, self.tracked, self.coverage = block, scatter, tracked, coverage
        self.followed, self.repeat, self.slides = followed, repeat, slides

    def new_state(self, video: VideoContext) -> _Flicker:
        """Return the empty state."""
        return _Flicker(Spans(video), Spans(video), Spans(video))

    def update(self, state: _Flicker, features: Mapping[str, Features]) -> None:
        """Measure the frame between every two pairs."""
        if "shots" in features:
            for spans in (state.spans, state.boiling, state.sticking):
                spans.add_cuts(features["shots"])
        if "dis" not in features:
            return
        flow = features["dis"]
        gray = flow["gray"].astype(np.float32)
        for i, (end, dt) in enumerate(zip(flow.t.tolist(), flow["dt"].tolist(), strict=True)):
            state.pairs += 1
            change = block_mean(gray[i + 1] - gray[i], self.block)
            if np.abs(change).max() < self.repeat:
                # The same picture shown longer is no new frame: its neighbours are the others.
                state.repeats.append(end)
                continue
            if state.last is not None:
                start, before, seen = state.last
                after = gray[i] - sample(gray[i + 1], flow["forward"][i])
                mask = seen & flow["consistent"][i]
                value = self._flicker(gray[i], before, after, mask)
                if value is not None:
                    state.spans.add(start, end, end - dt, value)
                    boiling = _boiling(gray[i], before, after, mask)
                    state.boiling.add(start, end, end - dt, *boiling)
            backward, seen = flow["backward"][i], flow["consistent_backward"][i]
            before = gray[i + 1] - sample(gray[i], backward)
            dx, dy = backward[..., 0].copy(), backward[..., 1].copy()
            slides = seen & (dx * dx + dy * dy > self.slides**2)
            texture = _texture(gray[i + 1])
            if state.last is None:
                state.past.add(_texture(gray[i]))
            if state.past.mean is not None and slides.mean() >= _SLIDING:
                sums = _sticking(texture, before, state.past.mean, slides)
                state.sticking.add(end - dt, end, end, *sums)
            state.past.add(texture)
            state.last = (end - dt, before, seen)

    def _flicker(self, gray: Array, before: Array, after: Array, mask: Array) -> float | None:
        """Return the flicker of one frame, or None where too little of it can be followed."""
        found = brightness_change(gray, (before, after), mask, self.block)
        tracked = found.tracked >= self.tracked
        if tracked.mean() < self.coverage:
            return None
        (first, second), variance = found.change, found.variance
        both = np.where(first * second > 0, np.minimum(first**2, second**2), 0)
        # Half the scatter: what misregistration alone leaves in a block's mean (see the card).
        size = np.sqrt(np.maximum(both - variance / 2, 0))
        weight = found.tracked * tracked / (1 + variance / self.scatter**2)
        if weight.mean() < self.followed:
            return None
        return float((size * weight).sum() / weight.sum())

    def item(self, state: _Flicker) -> ItemScore:
        """Return the mean over the frames that could be measured."""
        if state.pairs < 2:
            return not_applicable("too_short", "fewer than 3 frames")
        kept = state.spans.away_from_cuts()
        if not len(kept) and len(state.repeats) == state.pairs:
            kept = np.array([(t, 0.0) for t in state.repeats])
        if not len(kept):
            return not_applicable(
                "untrackable", "optical flow can follow no frame to both its neighbours"
            )
        t, y = kept[:, 0], kept[:, 1]
        return ItemScore(
            value=float(y.mean()),
            components={"measured": len(kept) / state.pairs, **_components(state)},
            series={
                "flicker": per_segment(t, y, state.spans.video.segment_seconds).series(),
                "flicker_per_frame": Series(t=t.tolist(), y=y.round(4).tolist()),
            },
        )


def _components(state: _Flicker) -> dict[str, float]:
    """Return boiling and sticking, each where it can be measured."""
    found = {}
    boiling = state.boiling.away_from_cuts()[:, 1:]
    if len(boiling) and (texture := boiling[:, 1].mean()) > _RIDGE:
        # What boils does so in all frames; lost, mixed and newly coded frames are the few.
        energy = np.sort(boiling[:, 0])[len(boiling) // 4 : len(boiling) - len(boiling) // 4]
        found["boiling"] = _signed_root(energy.mean() / texture)
    sticking = state.sticking.away_from_cuts()[:, 1:]
    if len(sticking) >= max(1.0, _SLIDE_SHARE * state.pairs):
        stuck, texture = sticking.sum(axis=0)
        found["sticking"] = _signed_root(stuck / max(texture, 1.0))
    return found


def _signed_root(x: float) -> float:
    return float(np.sign(x) * np.sqrt(abs(x)))


def _boiling(gray: Array, before: Array, after: Array, mask: Array) -> tuple[float, float]:
    """Return the energy of new texture in a frame, and of its texture, levels squared.

    New texture differs from both neighbours alike, like flicker, at 2 to 4 pixels and beyond what
    white noise has there. A frame's energy at a size is what its means over that size lose when
    they are averaged further.
    """
    import cv2

    height, width = (side - side % 4 for side in gray.shape)
    inner = np.s_[:height, :width]
    # Texture alone: at the edge of the mask, a change of brightness would look like texture.
    used = cv2.erode(mask[inner].astype(np.uint8), np.ones(_DETAIL, np.uint8)).astype(np.float32)
    share = max(float(used.mean()), 1e-6)

    def energies(first: Array, second: Array) -> list[float]:
        out = [float(np.vdot(first, second)) / first.size]
        for _ in range(2):
            first, second = block_mean(first, 2), block_mean(second, 2)
            out.append(float(np.vdot(first, second)) / first.size)
        return out

    pixel, two, four = energies(_texture(before)[inner] * used, _texture(after)[inner] * used)
    _, texture, coarse = energies(gray[inner], gray[inner])
    return (two - four - _WHITE * (pixel - two)) / share, texture - coarse


def _texture(picture: Array) -> Array:
    import cv2

    out: Array = picture - cv2.blur(picture, _DETAIL)
    return out


def _sticking(texture: Array, before: Array, past: Array, slides: Array) -> tuple[float, float]:
    """Return the energy of texture that stays in its place, and of all texture: two sums.

    What slides has left its place since the past; what flow does not explain of it, and the past
    shows at the same place, stays there. The borders of what slides may stand still.
    """
    import cv2

    inner = cv2.erode(slides.astype(np.uint8), np.ones(_DETAIL, np.uint8))
    now = texture * inner
    return float(np.vdot(_texture(before) * inner, past)), float(np.vdot(now, now))


@dataclass(frozen=True, slots=True)
class _BrightnessChange:
    """Per block: change towards each neighbour, its scatter, and how much could be followed.

    Attributes:
        change: One array per neighbour, luma levels.
        variance: Mean over neighbours of the variance that the fit leaves, levels squared.
        tracked: Fraction of the block's pixels that were used.
    """

    change: list[NDArray[np.float32]]
    variance: NDArray[np.float32]
    tracked: NDArray[np.float32]


def brightness_change(
    gray: NDArray[np.float32],
    residuals: Sequence[NDArray[np.float32]],
    mask: NDArray[np.bool_],
    block: int,
) -> _BrightnessChange:
    """Fit `residual = change + gradient . displacement` in every block by least squares.

    The displacement absorbs the effect of a slightly wrong flow on the residual; only the rest
    counts as a change of brightness (Negahdaripour, Revised definition of optical flow,
    PAMI 1998, without the multiplier).

    Args:
        gray: Luma of the frame, `(h, w)`.
        residuals: The frame minus each warped neighbour, `(h, w)` each.
        mask: Pixels to use, `(h, w)`.
        block: Side of a block in pixels; rows and columns that fill no block are left out evenly.
    """
    import cv2

    used = mask.astype(np.float32)
    tracked = block_mean(used, block)
    count = np.maximum(tracked, np.float32(1e-6))

    def mean(x: NDArray[Any]) -> NDArray[Any]:
        out: NDArray[Any] = block_mean(x, block) / count
        return out

    dx = cv2.Sobel(gray, cv2.CV_32F, 1, 0, scale=1 / 8) * used
    dy = cv2.Sobel(gray, cv2.CV_32F, 0, 1, scale=1 / 8) * used
    mx, my = mean(dx), mean(dy)
    xx, yy = mean(dx * dx) - mx * mx + _RIDGE, mean(dy * dy) - my * my + _RIDGE
    xy = mean(dx * dy) - mx * my
    determinant = xx * yy - xy * xy
    changes, variance = [], np.zeros_like(tracked)
    for residual in (one * used for one in residuals):
        level = mean(residual)
        xr, yr = mean(dx * residual) - mx * level, mean(dy * residual) - my * level
        shift_x = (yy * xr - xy * yr) / determinant
        shift_y = (xx * yr - xy * xr) / determinant
        changes.append(level - mx * shift_x - my * shift_y)
        spread = mean(residual * residual) - level * level
        variance += np.maximum(spread - xr * shift_x - yr * shift_y, 0)
    return _BrightnessChange(changes, variance / np.float32(len(residuals)), tracked)


def block_mean(x: NDArray[Any], block: int) -> NDArray[np.float32]:
    """Return the mean of float32 `x` in every block; what fills no block is left out evenly."""
    import cv2

    height, width = x.shape
    rows, columns = max(1, height // block), max(1, width // block)
    top = max(0, height - rows * block) // 2
    left = max(0, width - columns * block) // 2
    inner = x[top : top + rows * block, left : left + columns * block]
    out: NDArray[Any] = cv2.resize(inner, (columns, rows), interpolation=cv2.INTER_AREA)
    return out
