"""VMAF by libvmaf itself, in an ffmpeg program that reads frames from pipes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import MissingDependencyError
from lvbench.features.base import Arrays, Extraction, Extractor, ExtractorSpec, Features
from lvbench.features.paired.libvmaf_program import LibvmafProgram, RawPicture
from lvbench.features.paired.per_frame import planes_of_pair, refuse_small
from lvbench.video.frames import Frames, Products

_ARRAYS = {
    "vmaf": "vmaf",
    **{f"vif_scale{scale}": f"integer_vif_scale{scale}" for scale in range(4)},
    "adm2": "integer_adm2",
    "motion2": "integer_motion2",
}
_DEPTHS = (8, 10, 12, 16)
SMALLEST = 32
"""Pixels of the shorter side: VIF halves the picture three times, and libvmaf crashes at 16."""


class Libvmaf(Extractor):
    """Score every frame of a pair with libvmaf; the scores come at the video's end.

    Values, float64 `(n,)`, all of libvmaf's own integer code:
        vmaf: 0 to 100.
        vif_scale0 to vif_scale3: Visual information fidelity, fine to coarse.
        adm2: Detail loss measure.
        motion2: Mean absolute difference of blurred luma to the frame before or after, the
            smaller of the two.
        bits: Bits at which levels were compared: the higher of the two depths.

    The frames are those that were paired by time, passed on raw, at one fixed rate. libvmaf reads
    luma alone.

    Args:
        model: A model that is built into libvmaf: `vmaf_v0.6.1`, `vmaf_4k_v0.6.1`.

    Source: https://github.com/Netflix/vmaf; BSD-2-Clause-Patent. The program is the static
    ffmpeg of imageio-ffmpeg, a GPL build that is run and never linked.
    """

    name = "libvmaf"

    def __init__(self, model: str = "vmaf_v0.6.1") -> None:
        if not re.fullmatch(r"[A-Za-z0-9._]+", model):
            raise ValueError(f"model is '{model}', not the name of a model of libvmaf")
        self.spec = ExtractorSpec(
            self.name,
            1,
            Products(planes=True, reference=True),
            preprocessing="luma-as-coded",
            batch=1,
            parameters={"model": model},
        )
        self._model = model

    def require(self) -> None:
        """Raise where the helper program is not installed."""
        if find_spec("imageio_ffmpeg") is None:
            raise MissingDependencyError(
                f"run the extractor '{self.spec.name}'",
                found="no module named 'imageio_ffmpeg', which brings an ffmpeg with libvmaf",
                where="this Python environment",
                fix="in lvbench's folder: pip install -c constraints.txt -e '.[vmaf]'",
            )

    def __call__(self, frames: Frames) -> Arrays:
        """Return the scores of these frames as of a complete video."""
        extraction = self.start(None)
        try:
            extraction(frames)
            return dict(extraction.finish().values)
        finally:
            extraction.close()

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Extraction:
        """Return the extraction of one video."""
        return _Scoring(self._model, self.threads)


class LibvmafNeg(Libvmaf):
    """Score with the model that does not reward enhancement (no enhancement gain)."""

    name = "libvmaf_neg"

    def __init__(self, model: str = "vmaf_v0.6.1neg") -> None:
        super().__init__(model)


class _Scoring(Extraction):
    """Frames on their way through the program, and their times."""

    def __init__(self, model: str, threads: int) -> None:
        self._model, self._threads = model, threads
        self._program: LibvmafProgram | None = None
        self._times: list[NDArray[np.float64]] = []
        self._bits = 0

    def __call__(self, frames: Frames) -> Features:
        """Pass the block on; there are no scores yet."""
        ours, theirs = planes_of_pair(frames)
        if self._program is None:
            height, width = ours.y.shape[1:]
            refuse_small(height, width, SMALLEST, "VMAF")
            self._bits = next(bits for bits in _DEPTHS if bits >= ours.bits)
            picture = RawPicture(width, height, self._bits)
            self._program = LibvmafProgram(picture, self._model, self._threads)
        shift = self._bits - ours.bits
        self._times.append(frames.pts)
        self._program.give(_samples(ours.y, shift), _samples(theirs.y, shift))
        return Features(np.empty(0), {name: np.empty(0) for name in (*_ARRAYS, "bits")})

    def finish(self) -> Features:
        """Return the scores of all frames."""
        if self._program is None:
            return Features(np.empty(0), {name: np.empty(0) for name in (*_ARRAYS, "bits")})
        times = np.concatenate(self._times)
        found = self._program.finish(len(times))
        values = {ours: _named(found, theirs) for ours, theirs in _ARRAYS.items()}
        return Features(times, values | {"bits": np.full(len(times), float(self._bits))})

    def close(self) -> None:
        """End the program."""
        if self._program is not None:
            self._program.close()


def _named(found: dict[str, NDArray[np.float64]], name: str) -> NDArray[np.float64]:
    """Return an array by its name, which libvmaf ends with the model's limit of gain (`_egl_1`)."""
    return next(found[key] for key in found if key == name or key.startswith(f"{name}_egl"))


def _samples(luma: NDArray[Any], shift: int) -> NDArray[Any]:
    return np.asarray(np.left_shift(luma, shift, dtype=np.uint16)) if shift else luma
