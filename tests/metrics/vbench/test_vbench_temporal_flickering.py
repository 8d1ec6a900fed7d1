from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lvbench.features.signal.statistics import RgbDifference
from lvbench.features.stream import FeatureStream
from lvbench.metrics import vbench_temporal_flickering
from lvbench.metrics.base import VideoContext
from lvbench.metrics.vbench.vbench_temporal_flickering import VbenchTemporalFlickering
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products


def test_formula() -> None:
    frames = np.zeros((3, 4, 4, 3), np.uint8)
    frames[1] = 10
    frames[2] = 40
    score = vbench_temporal_flickering(frames, 2.0)
    assert score.value == pytest.approx((255 - 20) / 255)
    assert score.series["score"].t == [0.75, 1.25]


def test_a_still_image_scores_best() -> None:
    frames = np.full((5, 4, 4, 3), 77, np.uint8)
    assert vbench_temporal_flickering(frames, 10.0).value == 1.0


def test_one_frame_is_too_short() -> None:
    score = vbench_temporal_flickering(np.zeros((1, 4, 4, 3), np.uint8), 10.0)
    assert (score.status, score.code) == ("not_applicable", "too_short")


def goldens() -> list[str]:
    return [
        "big-buck-bunny-480p-30s.mp4",
        "intel_car-detection.mp4",
        "intel_one-by-one-person-detection.mp4",
        "ltx2_with_audio.mp4",
        "mdn_flower.mp4",
        "mdn_friday.mp4",
        "worldmark_m1_bad.mp4",
        "worldmark_m1_good.mp4",
    ]


@pytest.mark.assets
@pytest.mark.parametrize("name", goldens())
def test_equals_the_value_that_vbench_gives(name: str, assets: Path, videos: Path) -> None:
    path = assets / "goldens" / "vbench_temporal_flickering.json"
    golden = json.loads(path.read_text())["values"]
    assert sorted(golden) == goldens()
    metric = VbenchTemporalFlickering()
    state = metric.new_state(VideoContext())
    stream = FeatureStream(
        {"rgb_difference": RgbDifference()}, None, lambda k, f: metric.update(state, {k: f})
    )
    with open_video(videos / name, Products(rgb=True)) as reader:
        for chunk in reader:
            stream.push(chunk)
    stream.finish()
    assert metric.item(state).value == pytest.approx(golden[name], abs=1e-5)
