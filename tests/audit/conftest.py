"""A small set with planted flaws, audited once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.audit.audit import Audit, audit
from lvbench.audit.rules import Rules
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

FPS = 8.0
RULES = Rules(smallest=48)


def rendered(seconds: float, seed: int) -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(seconds, FPS, 160, 96, seed)))


@pytest.fixture(scope="session")
def flawed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two good files and one of each flaw."""
    folder = tmp_path_factory.mktemp("flawed") / "set"
    folder.mkdir()
    good, other = rendered(5.0, 1), rendered(5.0, 2)
    small = np.stack([cv2.resize(f, (112, 66), interpolation=cv2.INTER_AREA) for f in good])
    barred = other[::-1].copy()
    barred[:, :14], barred[:, -14:] = 0, 0
    files = {
        "good": good,
        "other": other,
        "smaller": small,
        "still": np.repeat(rendered(1.0, 3)[:1], 40, axis=0),
        "barred": barred,
        "short": rendered(1.0, 4)[:4],
    }
    for name, frames in files.items():
        write_video(folder / f"{name}.mp4", [np.ascontiguousarray(frames)], FPS)
    (folder / "broken.mp4").write_bytes(b"no video at all")
    return folder


@pytest.fixture(scope="session")
def found(flawed: Path, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Return its audit."""
    return audit(flawed, out=tmp_path_factory.mktemp("audit"), rules=RULES, workers=1, device="cpu")
