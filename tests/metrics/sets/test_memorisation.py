"""A clip copied from the real set is found with its id and time; undamaged clips have none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.features.registry import load
from lvbench.features.stream import FeatureStream
from lvbench.metrics import memorisation
from lvbench.metrics.sets.memorisation import Memorisation
from lvbench.video.decoding.decode import open_video
from lvbench.video.encode import write_video
from tests.metrics.feature_sets import reference, with_provenance
from tests.metrics.image_features import image_set, video

JUDGED = {"resamples": 100, "seed": 0}
REAL = [video(100 + i, n=60) for i in range(10)]


def test_the_copied_stretch_is_found_with_its_place() -> None:
    copied = video(1)
    copied[6:16] = REAL[3][40:50]
    match = memorisation([copied, video(2)], REAL)
    assert match[0] is not None
    assert match[1] is not None
    assert match[0].other == 3
    assert match[0].other_start - match[0].start == 17.0
    assert match[0].seconds == pytest.approx(4.5, abs=1.0)
    assert match[0].similarity > 0.99
    assert match[1].similarity < 0.7


def test_the_share_counts_videos_and_stands_beside_real_ones() -> None:
    fake = [video(i) for i in range(9)]
    fake[4][2:12] = REAL[0][8:18]
    found = Memorisation().aggregate_sets(
        image_set(fake), reference(image_set(REAL)), failed=0, **JUDGED
    )
    assert found["memorisation"].value == pytest.approx(1 / 9)
    assert found["memorisation"].ci_high is not None
    assert found["memorisation.longest"].value >= 4.5
    assert found["memorisation.real_similarity"].value < 0.7
    assert found["memorisation.excess"].value > 0
    assert Memorisation().nearest(image_set(fake), reference(image_set(REAL)))["v004"].other == 0


def test_what_cannot_be_compared_says_why() -> None:
    fake, real = image_set([video(0)]), image_set(REAL)
    alone = Memorisation().aggregate_sets(fake, None, failed=0, **JUDGED)
    assert alone["memorisation"].code == "no_real_set"
    moments = Memorisation().aggregate_sets(
        fake, reference(real, features=False), failed=0, **JUDGED
    )
    assert moments["memorisation"].code == "no_real_features"
    other = with_provenance(real, rate=1.0)
    differs = Memorisation().aggregate_sets(fake, reference(other), failed=0, **JUDGED)
    assert differs["memorisation"].code == "provenance_differs"
    empty = Memorisation().aggregate_sets(image_set([]), reference(real), failed=2, **JUDGED)
    assert (empty["memorisation"].code, empty["memorisation"].n_failed) == ("too_few_videos", 2)


@pytest.mark.assets
def test_a_real_clip_copied_smaller_and_later_is_found_within_a_segment(
    videos: Path, assets: Path, tmp_path: Path
) -> None:
    """A still camera too: where every moment looks alike, the whole stretch tells the time."""
    network = load("mobilenet_v2", weights=assets / "assets")
    names = ["ltx2_with_audio.mp4", "mdn_friday.mp4", "mdn_flower.mp4"]

    def features(path: Path) -> np.ndarray:
        found = []
        with open_video(path, network.spec.products) as reader:
            stream = FeatureStream({"n": network}, None, lambda _, f: found.append(f["image"]))
            for chunk in reader:
                stream.push(chunk)
            stream.finish()
        return np.concatenate(found).astype(np.float16)

    real = [features(videos / name) for name in names]
    for number, begins in ((1, 1.3), (2, 0.7)):
        copy = tmp_path / f"{number}.mp4"
        fps = _copied(videos / names[number], copy, begins, 3.4)
        (match,) = memorisation([features(copy)], real)
        assert match is not None
        assert match.similarity >= Memorisation().copied
        assert match.other == number
        assert match.seconds == pytest.approx(3.4, abs=0.5)
        assert abs(match.other_start - match.start - begins) <= 0.5 + 1 / fps
        (apart,) = memorisation([features(copy)], [x for i, x in enumerate(real) if i != number])
        assert apart is not None
        assert apart.similarity < 0.75


def _copied(path: Path, to: Path, begins: float, seconds: float) -> float:
    """Write a stretch of a video at half its size, encoded again; return its rate."""
    from lvbench.video.frames import Products

    with open_video(path, Products(small=320)) as reader:
        fps = reader.info.fps or 24.0
        frames = [
            chunk.small[(chunk.pts >= begins) & (chunk.pts < begins + seconds)]
            for chunk in reader
            if chunk.small is not None
        ]
    picture = np.concatenate(frames)
    even = picture[:, : picture.shape[1] // 2 * 2, : picture.shape[2] // 2 * 2]
    write_video(to, [np.ascontiguousarray(even)], fps)
    return fps
