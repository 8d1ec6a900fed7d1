"""The subject, found by its motion and embedded, and the scene without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, ExtractorSpec, Features, Windows, reduced_by_area
from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.flow.dis import DenseInverseSearchFlow
from lvbench.features.flow.moving_region import Mask, Motion, RegionTracker, moving_parts
from lvbench.features.network import NetworkExtractor, Place
from lvbench.video.frames import Frames, Products

Image = NDArray[np.uint8]

SIDE = 224
"""Pixels of the square pictures that the encoders read."""
MOTION_RATE = 10.0
"""Frames per second between which motion is measured."""
_LONG_SIDE = 512  # Of the picture that subject and scene are cut from.
_FLOW_SIDE = 256
_MARGIN = 0.1  # Around the subject's box, of its longer side.
_SPREAD = 0.015  # Of the long side: margin left out around the subject in the scene.
_FILL = (124, 116, 104)  # ImageNet's mean: neutral to a network that was trained on it.
# By which pixels of the same view may differ from before, in all but a share of the picture.
_SAME_LEVELS, _SAME_SHARE = 16.0, 0.1


class Subject(NetworkExtractor):
    """Follow the largest region that moves against the camera; embed it, and the rest.

    At each sampled time the frame is compared with those a tenth of a second before and after
    (`lvbench.features.flow.moving_region`). Two pictures of 224 x 224 go to the encoder: the square
    around the region with all else at ImageNet's mean colour; and the complete frame with the
    region and all else that moves replaced by the earlier background, while the camera was still,
    or by that colour.

    Arrays for `n` sampled times, which are those of the middle frames:
        count: int64 `(n,)`: 1 where there is a subject.
        box: float32 `(n, 1, 4)`: left, top, right, bottom, as fractions of width and height.
        score: float32 `(n, 1)`: the region's share of the picture.
        embedding: float32 `(n, 1, d)`, not normalised, 0 without a subject.
        background: float32 `(n, d)`, not normalised.
        moving: float64 `(n,)`: share of the picture that moves against the camera.
        camera: float64 `(n, 4)`, per second: how the content moves right and down (widths,
            heights), grows (logarithm) and turns clockwise (radians).
        explained: float64 `(n,)`: share of the picture that the camera's motion explains.

    Args:
        encoder: Registry name of the image encoder; its weights are this extractor's.
        rate: Sampled times per second, at most 3.

    Raises:
        ConfigError: The encoder does not read 224 x 224 pictures, or the rate is out of range.
        VideoDecodeError: A side is shorter than 12 pixels after reduction (code `too_small`).
    """

    def __init__(self, encoder: str = "mobilenet_v2", rate: float = 2.0) -> None:
        from lvbench.features.registry import build

        network = build(encoder)
        if not isinstance(network, ImageEncoder) or not 0 < rate <= 3:
            raise ConfigError(
                "set up the extractor 'subject'",
                found=f"encoder={encoder!r}, rate={rate}",
                where="its parameters",
                fix="an image encoder such as mobilenet_v2, squeezenet1_1 or dinov2_vits14, "
                "and a rate above 0 and up to 3",
            )
        self._encoder = network
        self._flow = DenseInverseSearchFlow(_FLOW_SIDE)
        self.weights = network.weights
        self.modules = network.modules
        self.spec = ExtractorSpec(
            name="subject",
            version=1,
            products=Products(rgb=True),
            preprocessing=f"rgb-area-{_LONG_SIDE}-cut-{SIDE}-{encoder}",
            sampling="windows",
            batch=network.spec.batch,
            parameters={"encoder": encoder, "rate": rate},
            rate=MOTION_RATE,
            windows=Windows(length=3, every=1 / rate),
        )

    def attach(self, place: Place) -> None:
        """Find the encoder's weights."""
        self._encoder.attach(place)
        checksum = self._encoder.spec.weights_sha256
        self.spec = replace(self.spec, weights_sha256=checksum)

    @property
    def network(self) -> Any:
        """Return the encoder's network."""
        return self._encoder.network

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the encoder's network."""
        return self._encoder.load(files, device)

    def pixels(self, frames: Frames) -> Image:
        """Return RGB of at most 512 pixels' longest side, `uint8 (n, h, w, 3)`."""
        assert frames.rgb is not None
        return reduced_by_area(frames.rgb, _LONG_SIDE)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the encoder's `image` of a full batch, `uint8 (batch, 224, 224, 3)`."""
        return self._encoder.encode(batch)

    def __call__(self, frames: Frames) -> Arrays:
        """Return the arrays of a block as of a complete video."""
        return dict(self.start(None)(frames).values)

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the follower of one video."""
        follower = _Follower(self._flow)

        def extract(frames: Frames) -> Features:
            pictures = frames if frames.prepared is not None else self.prepare(frames)
            assert pictures.prepared is not None
            seen = [
                follower.see(pictures.pts[i : i + 3], pictures.prepared[i : i + 3])
                for i in range(0, len(pictures), 3)
            ]
            return Features(pictures.pts[1::3], self._arrays(seen))

        return extract

    def _arrays(self, seen: list[_Seen]) -> Arrays:
        count = np.array([one.region is not None for one in seen], np.int64)
        background = self._embed([one.scene for one in seen])
        embedding = np.zeros_like(background)
        found = [subject_picture(one.picture, one.region) for one in seen if one.region is not None]
        if found:
            embedding[count > 0] = self._embed(found)
        boxes = [(0.0,) * 4 if one.region is None else box_of(one.region) for one in seen]
        score = [0.0 if one.region is None else one.region.mean() for one in seen]
        return {
            "count": count,
            "box": np.asarray(boxes, np.float32)[:, None],
            "score": np.asarray(score, np.float32)[:, None],
            "embedding": embedding[:, None],
            "background": background,
            "moving": np.array([one.motion.mask.mean() for one in seen]),
            "camera": np.array([one.camera for one in seen]),
            "explained": np.array([one.motion.explained for one in seen]),
        }

    def _embed(self, pictures: list[Image]) -> NDArray[np.float32]:
        """Return `(n, d)` of at most a batch of pictures, padded to the full one."""
        missing = self.spec.batch - len(pictures)
        vectors: NDArray[np.float32] = self.encode(np.stack(pictures + pictures[-1:] * missing))[
            "image"
        ]
        return vectors[: len(pictures)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One sampled time: the picture, the region in it (smaller), the scene, the motion."""

    picture: Image
    region: Mask | None
    scene: Image
    motion: Motion
    camera: tuple[float, float, float, float]


class _Follower:
    """Follow the region through one video; the state is two pictures and two masks."""

    def __init__(self, flow: DenseInverseSearchFlow) -> None:
        self._flow = flow
        self._tracker = RegionTracker()
        self._backdrop = _Backdrop(_FILL)
        self._last: Image | None = None

    def see(self, pts: NDArray[np.float64], pictures: Image) -> _Seen:
        """Take three frames; return the region, scene and motion of the middle one."""
        import cv2

        luma = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures])
        found = self._flow(Frames(pts, luma=luma))
        before, after = np.diff(pts)
        motion = moving_parts(
            found["gray"],
            (found["backward"][0], found["forward"][1]),
            (found["consistent_backward"][0], found["consistent"][1]),
            (float(before), float(after)),
        )
        back = consistent = None
        if self._last is not None:
            since = self._flow(Frames(np.arange(2.0), luma=np.stack([self._last, luma[1]])))
            back, consistent = since["backward"][0], since["consistent_backward"][0]
        self._last = luma[1]
        region = self._tracker.update(motion.mask, pictures[1], back, consistent)
        covered = motion.mask if region is None else motion.mask | region
        scene = self._scene(pictures[1], covered)
        camera = motion.camera
        moved = (*camera.translation, camera.zoom, camera.rotation)
        a, b, c, d = (float(part / after) for part in moved)
        return _Seen(pictures[1], region, scene, motion, (a, b, c, d))

    def _scene(self, picture: Image, covered: Mask) -> Image:
        """Return the complete frame without what moves, `uint8 (224, 224, 3)`."""
        import cv2

        height, width = picture.shape[:2]
        reach = 2 * max(1, round(_SPREAD * max(covered.shape))) + 1
        grown = cv2.dilate(covered.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
        soft = _soft(grown, width, height)
        behind = self._backdrop.behind(picture, soft[..., 0] > 0)
        scene = _blend(picture, behind, 1 - soft)
        return np.asarray(cv2.resize(scene, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def box_of(region: Mask) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a region, as fractions of width and height."""
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    height, width = region.shape
    left, right = columns[0] / width, (columns[-1] + 1) / width
    return float(left), float(rows[0] / height), float(right), float((rows[-1] + 1) / height)


def subject_picture(picture: Image, region: Mask) -> Image:
    """Return the square around a region, all else at the mean colour, `uint8 (224, 224, 3)`.

    Args:
        picture: RGB `uint8 (h, w, 3)`.
        region: bool, of the same shape of picture, smaller or not.
    """
    import cv2

    height, width = picture.shape[:2]
    left, top, right, bottom = np.array(box_of(region)) * (width, height, width, height)
    side = max(right - left, bottom - top) * (1 + 2 * _MARGIN)
    shown: Any = _blend(picture, np.array(_FILL, np.uint8), _soft(region, width, height))
    if side > SIDE:  # Warping takes single pixels: finer detail than its grid would alias.
        shown = cv2.GaussianBlur(shown, (0, 0), 0.5 * float(np.sqrt((side / SIDE) ** 2 - 1)))
    scale = SIDE / side
    shift = SIDE / 2 - scale * np.array([(left + right) / 2, (top + bottom) / 2])
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(
        cv2.warpAffine(
            shown, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=_FILL
        ),
        np.uint8,
    )


def _soft(region: Mask, width: int, height: int) -> NDArray[np.float32]:
    """Return a mask at the picture's size with an edge a pixel of the region's grid wide."""
    import cv2

    full = cv2.resize(region.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[..., None])


def _blend(picture: Image, other: Image, keep: NDArray[np.float32]) -> Image:
    """Return the picture where `keep` is 1 and the other one where it is 0."""
    mixed = picture * keep + other * (1 - keep)
    return np.asarray(np.rint(mixed), np.uint8)


class _Backdrop:
    """Keep the last uncovered value of every pixel; the state is one picture.

    Args:
        unknown: RGB of pixels that were never uncovered.
    """

    def __init__(self, unknown: tuple[int, int, int]) -> None:
        self._unknown = np.array(unknown, np.uint8)
        self._seen: Image | None = None
        self._known: Mask | None = None

    def behind(self, picture: Image, covered: Mask) -> Image:
        """Return the picture from which the covered parts are filled.

        The background is kept as long as it equals the uncovered part of the picture; after a
        motion of the camera or a cut, the covered part is unknown.

        Args:
            picture: RGB `uint8 (h, w, 3)`.
            covered: bool `(h, w)`.
        """
        if self._seen is None or self._known is None or not self._same_view(picture, covered):
            self._seen, self._known = np.zeros_like(picture), np.zeros_like(covered)
        self._seen[~covered] = picture[~covered]
        self._known |= ~covered
        return np.where(self._known[..., None], self._seen, self._unknown)

    def _same_view(self, picture: Image, covered: Mask) -> bool:
        """Bring the background to the picture's exposure; return whether the two agree then."""
        assert self._seen is not None
        assert self._known is not None
        common = self._known & ~covered
        if not common.any():
            return False
        now, before = picture[common].astype(np.float32), self._seen[common].astype(np.float32)
        gain = now.mean(axis=0) / np.maximum(before.mean(axis=0), 1.0)
        differs = np.abs(now - gain * before).max(axis=1) > _SAME_LEVELS
        self._seen = np.clip(np.rint(self._seen * gain), 0, 255).astype(np.uint8)
        return bool(differs.mean() < _SAME_SHARE)
