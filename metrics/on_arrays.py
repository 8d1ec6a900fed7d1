"""Use a metric alone, on frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import LvbenchError
from lvbench.features.base import Extractor, Features
from lvbench.features.registry import build as build_extractor
from lvbench.features.stream import FeatureStream
from lvbench.metrics.base import Metric, VideoContext, raised_score
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames, Products

_CHUNK = 16


def score_array(
    metric: Metric[Any],
    frames: NDArray[np.uint8],
    *,
    fps: float,
    segment_seconds: float = 0.5,
    seams: Sequence[float] | None = None,
    cuts: Sequence[float] = (),
    prompts: Sequence[tuple[float, str]] = (),
    extractors: dict[str, Extractor] | None = None,
) -> ItemScore:
    """Return what `metric` says of one clip.

    Args:
        metric: The metric.
        frames: `uint8 (T, H, W, 3)` RGB.
        fps: Frames per second; frame `i` is shown at `i / fps` seconds.
        segment_seconds: Length of a segment.
        seams: Declared chunk boundaries in seconds; None to look for them.
        cuts: Declared cuts in seconds.
        prompts: Start in seconds and text of each prompt, in order.
        extractors: Extractors by name; those of the metric with default parameters if left out.

    Raises:
        ValueError: `frames` is not `uint8 (T, H, W, 3)`.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise ValueError(f"frames must be uint8 (T, H, W, 3), not {frames.dtype} {frames.shape}")
    tools = extractors or {name: build_extractor(name) for name in metric.needs}
    products = Products()
    for tool in tools.values():
        products |= tool.spec.products
    context = VideoContext(
        segment_seconds,
        fps,
        None if seams is None else tuple(seams),
        tuple(cuts),
        prompts=tuple(prompts),
    )
    state = metric.new_state(context)

    def consume(name: str, features: Features) -> None:
        if name in metric.needs:
            metric.update(state, {name: features})

    stream = FeatureStream(tools, fps, consume, prompts=[text for _, text in prompts])
    try:
        for start in range(0, len(frames), _CHUNK):
            stream.push(_chunk(frames[start : start + _CHUNK], start, fps, products))
        stream.finish()
    except LvbenchError as error:
        return raised_score(error)
    return metric.item(state)


def _chunk(rgb: NDArray[np.uint8], start: int, fps: float, products: Products) -> Frames:
    """Make the products that a decoder would, from RGB in memory."""
    import cv2

    pts = (start + np.arange(len(rgb))) / fps
    luma = small = None
    if products.luma:
        luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in rgb])
    if products.small:
        height, width = rgb.shape[1:3]
        scale = min(1.0, products.small / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = np.stack([cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in rgb])
    return Frames(pts, luma, small, rgb if products.rgb else None)
