from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features.base import Extractor
from lvbench.features.quality.image_quality import ImageQualityExtractor
from lvbench.features.registry import load
from lvbench.video.frames import Frames
from tests.seeded import read_bgr

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def judge(assets: Path) -> Extractor:
    return load("image_quality", weights=assets / "assets")


def photograph(assets: Path) -> Picture:
    bgr = read_bgr(assets / "assets" / "images" / "coffee.png")
    assert bgr is not None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)


def scores(judge: Extractor, *pictures: Picture) -> NDArray[np.float64]:
    """Return brisque and niqe of each picture, `(2, n)`."""
    found = [judge(Frames(np.zeros(1), luma=picture[None])) for picture in pictures]
    return np.array([[one[name][0] for one in found] for name in ("brisque", "niqe")])


@pytest.mark.assets
@pytest.mark.parametrize("damage", ["blur", "noise", "jpeg"])
def test_both_grow_with_damage(judge: Extractor, assets: Path, damage: str) -> None:
    picture = photograph(assets)
    noise = np.random.default_rng(0).standard_normal(picture.shape)

    def damaged(strength: int) -> Picture:
        if damage == "blur":
            return np.asarray(cv2.GaussianBlur(picture, (0, 0), strength), np.uint8)
        if damage == "noise":
            return np.clip(picture + 8 * strength * noise, 0, 255).astype(np.uint8)
        quality = [cv2.IMWRITE_JPEG_QUALITY, 40 - 16 * strength]
        _, coded = cv2.imencode(".jpg", picture, quality)
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)

    found = scores(judge, picture, damaged(1), damaged(2))
    assert (np.diff(found, axis=1) > 0).all()


@pytest.mark.assets
def test_what_cannot_be_judged_is_not_a_number(judge: Extractor) -> None:
    rng = np.random.default_rng(0)
    flat = np.full((200, 200), 90, np.uint8)
    small = rng.integers(0, 256, (100, 300), np.uint8)
    tiny = rng.integers(0, 256, (8, 300), np.uint8)
    brisque, niqe = scores(judge, flat, small, tiny)
    assert np.isfinite(brisque).tolist() == [False, True, False]
    assert not np.isfinite(niqe).any()


def test_its_parameters_ship_with_lvbench(tmp_path: Path) -> None:
    assert load("image_quality", weights=tmp_path).spec.weights_sha256


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("%YAML:1.0\n---\nother: 1\n")
    names = ("brisque_model_live", "brisque_range_live", "niqe_image_params")
    with pytest.raises(WeightsError) as raised:
        ImageQualityExtractor().load(dict.fromkeys(names, path), "cpu")
    assert raised.value.code == "weights_unreadable"


def test_it_needs_no_torch() -> None:
    program = (
        "import sys, numpy as np; sys.modules['torch'] = None\n"
        "from lvbench.features import load\n"
        "from lvbench.video.frames import Frames\n"
        "luma = np.random.default_rng(0).integers(0, 255, (1, 200, 200), np.uint8)\n"
        "print(load('image_quality', device='auto')(Frames(np.zeros(1), luma=luma))['niqe'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
