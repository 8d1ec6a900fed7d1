"""Write the goldens of BRISQUE and NIQE from other implementations.

It runs in a separate environment, because the peers need an old numpy:

    python -m venv peers
    peers/bin/pip install numpy==1.23.5 scipy==1.10.1 Pillow scikit-video==1.1.11
    peers/bin/pip install --no-deps opencv-contrib-python-headless==4.8.1.78
    peers/bin/python benchmarks/peers/iqa.py ../shared tests/parity/iqa.json

scikit-video calls `scipy.misc.imresize`, which SciPy has removed: its mode F, Pillow's bicubic
resize of floats, is substituted. Release 1.1.11 returns the left scale of both diagonals instead
of the right one, and its model of pristine pictures was fitted that way; the model of the
repository (a8e0733), which lvbench loads, was not. Here it reads that model, and the two columns
are computed with its own functions.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scipy.io
import scipy.misc
from PIL import Image


def _imresize(image: Any, factor: float, interp: str, mode: str) -> Any:
    assert (interp, mode) == ("bicubic", "F")
    height, width = image.shape
    size = (int(width * factor), int(height * factor))
    floats = Image.fromarray(np.asarray(image, np.float32), mode="F")
    return np.asarray(floats.resize(size, Image.BICUBIC))


scipy.misc.imresize = _imresize
np.int = int  # noqa: NPY001
from skvideo.measure import niqe  # noqa: E402
from skvideo.utils import aggd_features, paired_product  # noqa: E402

peer: Any = sys.modules["skvideo.measure.niqe"]
extract = peer._niqe_extract_subband_feats


def _fixed(field: Any) -> Any:
    row = extract(field)
    for column, product in zip((13, 17), paired_product(field)[2:], strict=True):
        row[column] = aggd_features(product)[3]
    return row


peer._niqe_extract_subband_feats = _fixed

PICTURES = (
    "assets/images/astronaut.png",
    "assets/images/coffee.png",
    "assets/images/chelsea.png",
    "assets/flow/sintel_frame_0016.png",
)


def luma_of(path: Path) -> Any:
    """Return BT.601 luma in 8 bits; OpenCV's reader differs between versions."""
    rgb = np.asarray(Image.open(path).convert("RGB"), np.float64)
    return np.rint(rgb @ (0.299, 0.587, 0.114)).astype(np.uint8)


def variants(luma: Any) -> dict[str, Any]:
    """Return a picture and two distorted versions, as in the test."""
    noise = np.random.RandomState(0).normal(0, 12, luma.shape)
    return {
        "as is": luma,
        "noise": np.clip(np.rint(luma + noise), 0, 255).astype(np.uint8),
        "mean of 3 x 3": np.asarray(cv2.blur(luma, (3, 3))),
    }


def main(root: Path, out: Path) -> None:
    """Compute the goldens."""
    read = scipy.io.loadmat
    scipy.io.loadmat = lambda _: read(root / "assets/iqa/niqe_image_params.mat")
    models = [str(root / f"assets/iqa/brisque_{part}_live.yml") for part in ("model", "range")]
    rows = []
    for name in PICTURES:
        for damage, luma in variants(luma_of(root / name)).items():
            rows.append(
                {
                    "picture": name,
                    "damage": damage,
                    "sum": int(luma.astype(np.int64).sum()),
                    "features": [
                        round(float(number), 7)
                        for number in cv2.quality.QualityBRISQUE_computeFeatures(luma)[0]
                    ],
                    "brisque": cv2.quality.QualityBRISQUE_compute(luma, *models)[0],
                    "niqe": float(niqe(luma)[0]),
                }
            )
    peers = {
        name: version(name)
        for name in ("opencv-contrib-python-headless", "scikit-video", "numpy", "scipy", "Pillow")
    }
    out.write_text(json.dumps({"peers": peers, "goldens": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
