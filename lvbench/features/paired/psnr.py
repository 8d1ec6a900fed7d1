"""Peak signal-to-noise ratio of every frame to its partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Arrays, ExtractorSpec
from lvbench.features.paired.per_frame import PerFrame, depth, planes_of_pair
from lvbench.video.frames import Frames, Products

PICTURES = ("planes", "rgb")


class PairedPsnr(PerFrame):
    """Measure the squared error of each plane, in squared levels, and its PSNR.

    Values, float64 `(n,)`:
        psnr: dB of the Y plane; of the three channels together for `rgb`.
        mse: Mean squared error behind `psnr`, as a share of the squared peak.
        psnr_u, psnr_v: dB of the chroma planes; absent where one of the two has none, or their
            sizes differ.
        identical: 1 where `mse` is 0.
        rgb: 1 where the channels of RGB were compared.
        bits: Bits at which levels were compared; the peak is `2 ** bits - 1`.

    dB are capped at `6 * bits + 12` (60 at 8 bits, 72 at 10), which identical frames get: the
    convention of libvmaf.

    Args:
        picture: `planes` as coded, or `rgb`, the channels of the converted picture.
    """

    def __init__(self, picture: str = "planes") -> None:
        if picture not in PICTURES:
            raise ValueError(f"picture is '{picture}', not one of {', '.join(PICTURES)}")
        rgb = picture == "rgb"
        self.spec = ExtractorSpec(
            "paired_psnr",
            1,
            Products(rgb=rgb, planes=not rgb, reference=True),
            preprocessing="rgb" if rgb else "planes-as-coded",
            batch=1,
            parameters={"picture": picture},
        )
        self._rgb = rgb

    def __call__(self, frames: Frames) -> Arrays:
        """Return the errors of a block of frames and partners."""
        if self._rgb:
            assert frames.rgb is not None
            assert frames.reference is not None
            assert frames.reference.rgb is not None
            pairs, bits = [(frames.rgb, frames.reference.rgb)], np.full(len(frames), 8.0)
        else:
            ours, theirs = planes_of_pair(frames)
            pairs = [
                (a, b)
                for a, b in zip(ours.arrays, theirs.arrays, strict=False)
                if a.shape == b.shape
            ]
            bits = depth(frames)
        peak = 2.0 ** bits[0] - 1
        shares = [_errors(pairs, i, peak) for i in range(len(frames))]
        error = np.asarray(shares, np.float64)
        decibels = to_decibels(error, int(bits[0]))
        found = {
            "psnr": decibels[:, 0],
            "mse": error[:, 0],
            "identical": (error[:, 0] == 0).astype(np.float64),
            "rgb": np.full(len(frames), float(self._rgb)),
            "bits": bits,
        }
        if error.shape[1] == 3:
            found |= {"psnr_u": decibels[:, 1], "psnr_v": decibels[:, 2]}
        return found


def to_decibels(share: NDArray[np.float64] | float, bits: int) -> NDArray[np.float64]:
    """Return the PSNR in dB of mean squared errors as shares of the squared peak, capped."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.minimum(-10 * np.log10(share), 6 * bits + 12))


def _errors(
    pairs: Sequence[tuple[NDArray[Any], NDArray[Any]]], index: int, peak: float
) -> list[float]:
    import cv2

    return [
        float(cv2.norm(a[index], b[index], cv2.NORM_L2SQR)) / a[index].size / peak**2
        for a, b in pairs
    ]
