"""Presentations: what is written displays the clip, in another way."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.validity.clip import ArrayClip, Pictures
from lvbench.validity.presentations import PLAIN, PRESENTATIONS, Presentation, shown_at
from lvbench.video.audio.samples import AudioBlock
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

FPS, COUNT = 12.0, 18
CODECS = {"hevc": "hevc", "vp9_webm": "vp9", "mpeg4_mkv": "mpeg4"}


@pytest.fixture(scope="module")
def clip() -> ArrayClip:
    noise = np.random.default_rng(0).integers(0, 256, (48, 100, 3), dtype=np.uint8)
    canvas = cv2.GaussianBlur(noise, (0, 0), 3)
    return ArrayClip(np.stack([canvas[:, 2 * i : 2 * i + 64] for i in range(COUNT)]), FPS)


def read(path: Path) -> tuple[Pictures, NDArray[np.float64], str]:
    with open_video(path, Products(rgb=True)) as reader:
        chunks = list(reader)
        codec = reader.info.codec
    return (
        np.concatenate([chunk.rgb for chunk in chunks]),
        np.concatenate([chunk.pts for chunk in chunks]),
        codec,
    )


@pytest.mark.parametrize("name", PRESENTATIONS)
def test_a_presentation_displays_the_clip(name: str, clip: ArrayClip, tmp_path: Path) -> None:
    way = PRESENTATIONS[name]
    pictures, times, codec = read(way.write(clip, tmp_path, "clip"))
    own = clip.take(np.arange(COUNT))
    assert codec == CODECS.get(name, "h264")
    assert times[-1] == pytest.approx((COUNT - 1) / FPS, abs=1.01 / FPS)
    assert pictures.shape[1:3] == (round(48 * way.scale), round(64 * way.scale))
    here = np.minimum(np.floor(times * FPS + 0.5 + 1e-3), COUNT - 1).astype(int)
    shown = np.stack([cv2.resize(p, (64, 48)) for p in pictures])
    shown = shown[:, :, ::-1] if way.mirrored else shown
    assert np.abs(shown - own[here].astype(int)).mean() < 8
    assert [path.stem for path in tmp_path.iterdir()] == ["clip"]


def test_rates_are_reached_by_repeats(clip: ArrayClip, tmp_path: Path) -> None:
    counts = {
        name: read(PRESENTATIONS[name].write(clip, tmp_path, name))[1]
        for name in ("rate_30", "rate_60", "rate_x2", "vfr")
    }
    assert {name: len(times) for name, times in counts.items()} == {
        "rate_30": 45,
        "rate_60": 90,
        "rate_x2": 36,
        "vfr": 18,
    }
    assert np.unique(np.round(np.diff(counts["vfr"]) * 60)).size > 1
    assert shown_at(4, 2.0, 4.0).tolist() == [0, 1, 1, 2, 2, 3, 3, 3]
    assert shown_at(3, 30.0, 30.0).tolist() == [0, 1, 2]


def test_a_remux_keeps_the_coded_pictures(clip: ArrayClip, tmp_path: Path) -> None:
    plain = read(PLAIN.write(clip, tmp_path, "plain"))[0]
    copied = read(PRESENTATIONS["remux_mkv"].write(clip, tmp_path, "copied"))[0]
    assert np.array_equal(plain, copied)


@pytest.mark.parametrize("name", ["vp9_webm", "remux_mkv", "rate_60"])
def test_audio_goes_with_every_container(name: str, clip: ArrayClip, tmp_path: Path) -> None:
    import av

    tone = np.sin(np.arange(24000) / 8)[:, None].astype(np.float32) * 0.3
    audio = [AudioBlock(0.0, 16000, tone, ("FC",))]
    path = PRESENTATIONS[name].write(clip, tmp_path, "clip", audio)
    with av.open(str(path)) as file:
        samples = [f.to_ndarray() for f in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    assert sum(s.shape[1] for s in samples) / rate == pytest.approx(1.5, abs=0.03)


def test_every_presentation_differs_from_the_plain_one() -> None:
    assert Presentation(PLAIN.title) == PLAIN
    assert len({str(way) for way in (PLAIN, *PRESENTATIONS.values())}) == len(PRESENTATIONS) + 1
