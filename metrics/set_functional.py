"""Use a distance between sets alone, on videos in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.feature_set import FeatureMoments, FeatureSet, RealSetStatistics
from lvbench.metrics.array_input import Array, as_rate, as_videos
from lvbench.metrics.common.fvd_presets import logits_of, preset_of
from lvbench.metrics.common.set_comparison import DistanceMetric, comparable
from lvbench.metrics.function_docs import described
from lvbench.results.schema import Score
from lvbench.stats.frechet import moments

Videos = Array | Sequence[Any]


@dataclass(frozen=True, slots=True)
class ClipChoice:
    """The clips of a video that are compared, in frames.

    Attributes:
        length: Frames in a clip; None for the full video as one clip.
        start: Frame at which the first clip begins.
        every: Frames from one clip's beginning to the next's; None for back to back.
        most: Clips of one video at most; 0 for as many as fit.
    """

    length: int | None = None
    start: int = 0
    every: int | None = None
    most: int = 0

    def starts(self, frames: int) -> tuple[int, NDArray[np.intp]]:
        """Return the clips' length and first frames in a video of `frames` frames.

        Raises:
            ConfigError: No clip fits (`too_short`), or a number makes no sense.
        """
        length = frames - self.start if self.length is None else self.length
        step = length if self.every is None else self.every
        if min(self.start, self.most) < 0 or step < 1 or length < 1:
            found, code = f"{self} for videos of {frames} frames", "clips_invalid"
        elif self.start + length > frames:
            found, code = f"videos of {frames} frames, too short for one clip", "too_short"
        else:
            first = np.arange(self.start, frames - length + 1, step)
            return length, first[: self.most] if self.most else first
        raise ConfigError(
            "choose clips",
            found=found,
            where=f"length {self.length}, start {self.start}",
            fix="give longer videos, or another length and start",
            code=code,
        )


@dataclass(frozen=True, slots=True)
class SetResult:
    """A distance between two sets, with its settings.

    Attributes:
        value: The headline.
        ci_low: Lower limit of its 95 % interval; None with fewer than 8 videos on a side.
        ci_high: Upper limit.
        ci_method: How the interval was made.
        n_real: Real videos.
        n_fake: Generated videos.
        floor: Distance between real videos at this n; None for a metric without one.
        preset: Name of the preset.
        arguments: Preprocessing, epsilon, ddof, clip choice and all other arguments.
        scores: Headline (`""`) and components.
    """

    value: float
    ci_low: float | None
    ci_high: float | None
    ci_method: str | None
    n_real: int
    n_fake: int
    floor: float | None
    preset: str
    arguments: Mapping[str, Any]
    scores: Mapping[str, Score]


def distance_function(name: str, kind: type[DistanceMetric]) -> Callable[..., SetResult]:
    """Return the function on videos in memory of a distance in I3D's logits."""

    def function(
        real: Videos,
        fake: Videos,
        preset: str = "styleganv",
        weights: Any = None,
        device: str = "cpu",
        network: Any = None,
        *,
        clips: ClipChoice | None = None,
        fps: float | None = None,
        seed: int = 0,
        **parameters: Any,
    ) -> SetResult:
        convention = preset_of(preset)
        if "ddof" in signature(kind).parameters:
            parameters = {"ddof": convention.ddof} | parameters
        metric = kind(**parameters)

        def encode(videos: NDArray[np.uint8]) -> NDArray[np.float32]:
            return logits_of(videos, convention, weights, device, network)

        how = {
            "preprocessing": convention.preprocessing,
            "batch_norm_epsilon": convention.batch_norm_epsilon,
        }
        return compare_clips(
            metric, real, fake, encode, preset, how, clips=clips, fps=fps, seed=seed
        )

    inputs = list(signature(function).parameters.values())[:-1]
    described(function, name, kind, inputs, _ABOUT, _example(name))
    return function


def _example(name: str) -> list[str]:
    """Return lines that compare two sets of rendered clips."""
    return [
        "import numpy as np",
        f"from lvbench.metrics import {name}",
        "from lvbench.world.clip import render_clip",
        "clips = [np.concatenate(list(render_clip(4.0, 8.0, 64, 64, k))) for k in range(4)]",
        f"found = {name}(np.stack(clips[:2]), np.stack(clips[2:]), fps=8)",
    ]


_ABOUT = """real: Real videos, `uint8 (N, T, H, W, 3)` or `(N, T, 3, H, W)` RGB of at least 9
        frames, or a list of clips (arrays, tensors, lists of PIL images) of one size and length.
        Other types are refused: their range is ambiguous.
    fake: Videos to score, likewise; sizes may differ, the clips' lengths may not.
    preset: `original`, `styleganv`, `videogpt` or `cdfvd`: preprocessing, epsilon of the batch
        normalisations and ddof. The root is always float64.
    weights: I3D's weights, a file or a folder; the cache if left out.
    device: Where the network runs.
    network: A network (`lvbench.features.load("i3d", ...).network`), which replaces `weights`.
    clips: Which clips of every video; the whole video as one clip if left out, or clips of 16
        frames back to back for a distance over time.
    fps: Frames per second, which only a distance over time needs.
    seed: Seed of intervals and floors.
"""


def compare_clips(
    metric: DistanceMetric,
    real: Videos,
    fake: Videos,
    encode: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    preset: str,
    how: Mapping[str, Any],
    *,
    clips: ClipChoice | None = None,
    fps: float | None = None,
    seed: int = 0,
) -> SetResult:
    """Return the distance of two sets of videos in the features of an encoder.

    Args:
        metric: The metric.
        real: Real videos, `uint8 (N, T, H, W, 3)` or `(N, T, 3, H, W)` RGB, or a list of clips
            (arrays, tensors, lists of PIL images) of one size and length.
        fake: Videos to score, likewise.
        encode: Returns the features `(N, d)` of clips.
        preset: Name of what decides the encoder.
        how: What decides it, for the record.
        clips: Which clips of every video; the metric's own choice if left out.
        fps: Frames per second, which only distances over time need.
        seed: Seed of intervals and floors.

    Raises:
        ConfigError: Not uint8 (`range_ambiguous`), another shape, or too few frames.
        ComparabilityError: Clips of different lengths (`provenance_differs`), too few videos
            (`too_few_videos`), or features that are not finite.
    """
    from lvbench.features.video.i3d import check_videos

    choice = clips or ClipChoice(metric.clip_length)
    sets = []
    fps = as_rate(1.0 if fps is None and not metric.over_time else fps)
    counts = {}
    for name, given in (("real", real), ("fake", fake)):
        videos = as_videos(given, name)
        check_videos(videos)
        counts[name] = len(videos)
        length, first = choice.starts(videos.shape[1])
        encoded = [encode(videos[:, start : start + length]) for start in first]
        ids = tuple(f"{name}-{i:06d}" for i in range(len(videos)))
        t = np.asarray((first + (length - 1) / 2) / fps, np.float64)
        features = tuple(np.stack(encoded, axis=1))
        sets.append(FeatureSet(preset, {"length": length}, ids, ids, (t,) * len(ids), features))
    pair = comparable(sets[1], real_set_in_memory(sets[0]), metric.minimum)
    scores = metric.measure(pair, seed)
    head, floor = scores[""], scores.get("floor")
    assert head.value is not None
    return SetResult(
        value=head.value,
        ci_low=head.ci_low,
        ci_high=head.ci_high,
        ci_method=head.ci_method,
        n_real=counts["real"],
        n_fake=counts["fake"],
        floor=floor.value if floor else None,
        preset=preset,
        arguments={
            **how,
            "root": "float64",
            "length": sets[0].provenance["length"],
            "start": choice.start,
            "every": choice.every,
            "most": choice.most,
            "seed": seed,
            **metric.parameters(),
        },
        scores=scores,
    )


def real_set_in_memory(real: FeatureSet) -> RealSetStatistics:
    """Return the statistics of a real set."""
    stacked = real.stacked()
    enough = len(stacked) > 1 and bool(np.isfinite(stacked).all())
    # A set without moments is rejected where the two sets are compared, with the reason.
    d = stacked.shape[1]
    mean, covariance = moments(stacked) if enough else (np.zeros(d), np.zeros((d, d)))
    return RealSetStatistics(
        "the real videos", real.provenance, {}, FeatureMoments(mean, covariance, len(stacked)), real
    )
