"""Cheap extractors that emit what the networks emit, for what holds of every metric.

A stand-in is a deterministic function of the pixels of each frame, with the arrays, types and
sampling of the network that it stands in for, and of fewer dimensions.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, Extractor, ExtractorSpec, Features, Sampling, Windows
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.interpolation import Blend, interpolation_spec
from lvbench.features.paired.ssim import SMALLEST, PairedMsSsim
from lvbench.features.registry import build
from lvbench.video.frames import Frames, Planes, Products


class ImageEncoder(Extractor):
    """Emit the mean colour of the cells of a 4x4 grid as `image`."""

    def __init__(self, name: str, rate: float | None = 2.0) -> None:
        self.spec = ExtractorSpec(name, 1, Products(rgb=True), "grid", batch=8, rate=rate)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        rows = [np.array_split(f.astype(np.float32), 4, axis=0) for f in frames.rgb]
        cells = [
            [cell.mean(axis=(0, 1)) for row in frame for cell in np.array_split(row, 4, axis=1)]
            for frame in rows
        ]
        return {"image": np.asarray(cells, np.float32).reshape(len(cells), -1) + 1}


class Clip(ImageEncoder):
    """Compare frames with prompts too: one that is a colour's name, `#rrggbb`, is that colour.

    Any other text is a direction of its own.
    """

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        texts = np.array([_text_vector(text) for text in prompts], np.float32)

        def extract(frames: Frames) -> Features:
            arrays = self(frames)
            if prompts:
                images = arrays["image"]
                lengths = np.linalg.norm(images, axis=1, keepdims=True)
                arrays["text_similarity"] = images / lengths @ texts.T
                arrays["text_cut"] = np.array([len(text.split()) > 75 for text in prompts])
            return Features(self.times(frames), arrays)

        return extract


def _text_vector(text: str) -> NDArray[np.float64]:
    if re.fullmatch("#[0-9a-f]{6}", text):
        vector = np.tile([float(level) for level in bytes.fromhex(text[1:])], 16) + 1
    else:
        vector = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(48)
    found: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return found


class Table(Extractor):
    """Emit the table of the identity once per video."""

    def __init__(self, name: str) -> None:
        self.spec = ExtractorSpec(
            name, 1, Products(), "none", sampling="windows", batch=1, windows=Windows(1, most=1)
        )

    def __call__(self, frames: Frames) -> Arrays:
        return {"map": np.array([[[0.0, 0.0], [1.0, 1.0]]])}


class Faces(Extractor):
    """Emit one face in the middle of every picture, embedded by the mean colours of its quarters.

    A picture of one colour has none.
    """

    def __init__(self, name: str, rate: float | None = 2.0) -> None:
        self.spec = ExtractorSpec(name, 1, Products(rgb=True), "middle", batch=1, rate=rate)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        n = len(frames)
        seen = np.array([f.min() < f.max() for f in frames.rgb])
        box, score = np.zeros((n, 8, 4), np.float32), np.zeros((n, 8), np.float32)
        box[seen, 0], score[seen, 0] = (0.3, 0.2, 0.7, 0.8), 0.9
        embedding = np.zeros((n, 8, 12), np.float32)
        for i in np.flatnonzero(seen):
            halves = np.array_split(frames.rgb[i].astype(np.float32), 2, axis=0)
            quarters = [q for half in halves for q in np.array_split(half, 2, axis=1)]
            embedding[i, 0] = np.concatenate([q.mean(axis=(0, 1)) for q in quarters]) - 128
        return {
            "count": seen.astype(np.int64),
            "box": box,
            "score": score,
            "embedding": embedding,
        }


class Subject(Extractor):
    """Emit the middle of the picture as a subject wherever a window's frames differ.

    The descriptor of each of 8 by 8 cells is its colour and those of its neighbours; the camera
    stands.
    """

    def __init__(self) -> None:
        windows = Windows(3, every=0.5)
        self.spec = ExtractorSpec(
            "subject", 1, Products(rgb=True), "middle", "windows", rate=10.0, windows=windows
        )

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        rgb = frames.rgb.reshape(-1, 3, *frames.rgb.shape[1:])
        n = len(rgb)
        moves = np.array([bool((clip[0] != clip[2]).any()) for clip in rgb])
        cells = np.stack([_grid(clip[1]) for clip in rgb])
        shifted = [np.roll(cells, (i, j), (1, 2)) for i in (0, 1) for j in (0, 1)]
        local = np.concatenate(shifted, axis=-1) - np.float32(128)
        local /= np.maximum(np.linalg.norm(local, axis=-1, keepdims=True), np.float32(1))
        region = np.zeros((n, 8, 8), np.float32)
        region[moves, 2:6, 2:6] = 1
        return {
            "count": moves.astype(np.int64),
            "box": np.where(moves[:, None, None], np.float32([[0.25, 0.25, 0.75, 0.75]]), 0),
            "score": np.where(moves, np.float32(0.25), np.float32(0))[:, None],
            "embedding": local[:, 3:4, 3] * moves[:, None, None],
            "local": local,
            "places": local,
            "hue": np.zeros((n, 8, 8, 2), np.float32),
            "colour": cells,
            "region": region,
            "moves": region,
            "moving": np.where(moves, 0.25, 0.0),
            "camera": np.zeros((n, 4)),
            "explained": np.where(moves, 0.75, 1.0),
        }


def _grid(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the mean colours of 8 by 8 cells of a picture, however small."""
    height, width = picture.shape[:2]
    rows, columns = (np.arange(8 * side) // 8 for side in (height, width))
    repeated = picture[rows][:, columns].astype(np.float32)
    return np.asarray(repeated.reshape(8, height, 8, width, 3).mean(axis=(1, 3)), np.float32)


class Flow(DenseInverseSearchFlow):
    """Emit dense inverse search in the place of a network's flow, in bursts if asked."""

    def __init__(self, name: str, burst_pairs: int = 0, every: float = 0.5) -> None:
        super().__init__(long_side=128)
        windows = Windows(burst_pairs + 1, every=every) if burst_pairs else None
        sampling: Sampling = "windows" if burst_pairs else "pairs"
        batch = 1 if burst_pairs else 8
        self.spec = replace(self.spec, name=name, sampling=sampling, windows=windows, batch=batch)

    def times(self, frames: Frames) -> NDArray[np.float64]:
        return frames.pts[1:]


class LargestFlow(Flow):
    """Emit dense inverse search's largest flows as `vbench_flow` does, of every pair."""

    def __call__(self, frames: Frames) -> Arrays:
        forward = super().__call__(frames)["forward"]
        length = np.sort(np.hypot(forward[..., 0], forward[..., 1]).reshape(len(forward), -1))
        top = length[:, -max(1, length.shape[1] // 20) :].mean(axis=1, dtype=np.float64)
        return {"top": top, "shorter_side": np.full(len(top), min(forward.shape[1:3]))}


class Clips(Extractor):
    """Emit the mean colours of a window's first and last frame as `logits`."""

    def __init__(self, name: str) -> None:
        windows = Windows(16)
        self.spec = ExtractorSpec(
            name, 1, Products(rgb=True), "ends", "windows", batch=1, windows=windows
        )

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        clips = frames.rgb.reshape(-1, 16, *frames.rgb.shape[1:])
        ends = clips[:, [0, -1]].mean(axis=(2, 3), dtype=np.float64).astype(np.float32)
        return {"logits": ends.reshape(len(clips), -1)}


class Interpolator(Blend):
    """Emit the errors of blending in the place of a network's."""

    def __init__(self, name: str) -> None:
        self.spec = interpolation_spec(name)


class Lpips(Extractor):
    """Emit the mean difference of small pictures in the place of LPIPS."""

    def __init__(self, name: str, rate: float | None = None) -> None:
        products = Products(rgb=True, reference=True)
        self.spec = ExtractorSpec(name, 1, products, "difference", batch=1, rate=rate)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        assert frames.reference is not None
        assert frames.reference.rgb is not None
        apart = np.abs(frames.rgb.astype(np.float64) - frames.reference.rgb) / 255
        return {"lpips": apart.mean(axis=(1, 2, 3))}


class MsSsim(PairedMsSsim):
    """Measure MS-SSIM of pictures however small: their pixels are repeated first."""

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.reference is not None
        return super().__call__(replace(_enlarged(frames), reference=_enlarged(frames.reference)))


def _enlarged(frames: Frames) -> Frames:
    assert frames.planes is not None
    luma = frames.planes.y
    times = -(-SMALLEST // min(luma.shape[1:]))
    luma = luma.repeat(times, axis=1).repeat(times, axis=2)
    return Frames(frames.pts, planes=Planes(luma, None, None, frames.planes.bits))


class PictureQuality(Extractor):
    """Emit functions of the mean step between neighbouring pixels; NaN without texture."""

    def __init__(self, name: str) -> None:
        self.spec = ExtractorSpec(name, 1, Products(luma=True), "steps", batch=1, rate=2.0)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.luma is not None
        steps = np.abs(np.diff(frames.luma.astype(np.float64), axis=2)).mean(axis=(1, 2))
        steps[steps == 0] = np.nan
        return {"brisque": np.minimum(steps, 100.0), "niqe": steps / 10}


class Rating(Extractor):
    """Emit the mean level over 2.55 as a rating."""

    def __init__(self, name: str) -> None:
        self.spec = ExtractorSpec(name, 1, Products(rgb=True), "mean", batch=1)

    def __call__(self, frames: Frames) -> Arrays:
        assert frames.rgb is not None
        return {"rating": frames.rgb.mean(axis=(1, 2, 3), dtype=np.float64) / 2.55}


class Head(Extractor):
    """Emit a head for the vectors of the stand-in encoders once per video."""

    def __init__(self, name: str) -> None:
        self.spec = ExtractorSpec(
            name, 1, Products(), "none", sampling="windows", batch=1, windows=Windows(1, most=1)
        )

    def __call__(self, frames: Frames) -> Arrays:
        return {"head": np.append(np.linspace(-1, 1, 48), 5.0)[None]}


STAND_INS: dict[str, Callable[[], Extractor]] = {
    "aesthetic_vit_b_32": lambda: Head("aesthetic_vit_b_32"),
    "aesthetic_vit_l_14": lambda: Head("aesthetic_vit_l_14"),
    "image_quality": lambda: PictureQuality("image_quality"),
    "i3d": lambda: Clips("i3d"),
    "clip_vit_b_32": lambda: Clip("clip_vit_b_32"),
    "clip_vit_b_32_vbench": lambda: ImageEncoder("clip_vit_b_32_vbench", None),
    "clip_vit_l_14": lambda: Clip("clip_vit_l_14"),
    "dino_vitb16": lambda: ImageEncoder("dino_vitb16", None),
    "dinov2_vitb14": lambda: ImageEncoder("dinov2_vitb14"),
    "dinov2_vits14": lambda: ImageEncoder("dinov2_vits14"),
    "interpolation_amt_s": lambda: Interpolator("interpolation_amt_s"),
    "lpips_alex": lambda: Lpips("lpips_alex"),
    "mobilefacenet": lambda: Faces("mobilefacenet"),
    "mobilenet_v2": lambda: ImageEncoder("mobilenet_v2"),
    "paired_ms_ssim": MsSsim,
    "musiq": lambda: Rating("musiq"),
    "raft_large": lambda: Flow("raft_large"),
    "raft_small": lambda: Flow("raft_small"),
    "squeezenet1_1": lambda: ImageEncoder("squeezenet1_1"),
    "subject": Subject,
    "vbench_long_background_map": lambda: Table("vbench_long_background_map"),
    "vbench_long_subject_map": lambda: Table("vbench_long_subject_map"),
    "vbench_flow": lambda: LargestFlow("vbench_flow"),
}
"""By the name of the network; each returns a new stand-in."""


def tool(name: str) -> Extractor:
    """Return the stand-in for a network, or the classical extractor itself."""
    return STAND_INS[name]() if name in STAND_INS else build(name)
